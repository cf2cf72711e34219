"""Ops that only move, repeat or drop elements."""

from collections.abc import Sequence

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


def concatenate(*xs: Variable, axis: int) -> Variable:
    """y = the xs one after the other along an axis."""
    return F.concat(xs, axis=axis)


def stack(*xs: Variable, axis: int) -> Variable:
    """y = the xs side by side along a new axis."""
    return F.stack(xs, axis=axis)


def split(x: Variable, *, sections: int | tuple[int, ...], axis: int) -> Variable:
    """ys = x cut along an axis, into a number of equal sections or before each of several positions."""
    return F.split_axis(x, sections, axis)


def slice_axis(x: Variable, *, start: int, stop: int, axis: int) -> Variable:
    """y = x from start up to, but without, stop along an axis."""
    return x[(slice(None),) * (axis % x.ndim) + (slice(start, stop),)]


def select(x: Variable, *, index: int, axis: int) -> Variable:
    """y = x at one position of an axis."""
    return x[(slice(None),) * (axis % x.ndim) + (index,)]


def broadcast_to(x: Variable, *, shape: tuple[int, ...]) -> Variable:
    """y = x, repeated along the axes in which it has size 1, and along new ones in front."""
    return F.broadcast_to(x, shape)


def tile(x: Variable, *, repeats: tuple[int, ...]) -> Variable:
    """y = x, put behind itself so many times along each axis."""
    # Chainer takes no list.
    return F.tile(x, tuple(repeats))


def pad(x: Variable, *, widths: Sequence[Sequence[int]], value: float = 0.0) -> Variable:
    """y = x with a constant around it."""
    return F.pad(x, widths, "constant", constant_values=value)
