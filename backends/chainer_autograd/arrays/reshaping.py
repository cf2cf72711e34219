"""Ops that give the same elements another shape, or their axes another order."""

from backends.chainer_autograd.framework import F, Variable


def reshape(x: Variable, *, shape: tuple[int, ...]) -> Variable:
    """y has x's elements, row by row, in another shape."""
    return F.reshape(x, shape)


def squeeze(x: Variable, *, axis: int) -> Variable:
    """y = x without an axis of size 1."""
    return F.squeeze(x, axis)


def expand_dims(x: Variable, *, axis: int) -> Variable:
    """y = x with a new axis of size 1."""
    return F.expand_dims(x, axis)


def transpose(x: Variable, *, axes: tuple[int, ...]) -> Variable:
    """y has x's axes in another order."""
    return F.transpose(x, axes)
