"""Ops that repeat elements, or put others around them."""

from collections.abc import Sequence

from backends.chainer_autograd.framework import F, Variable


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
