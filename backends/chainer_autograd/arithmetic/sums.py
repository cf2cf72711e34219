"""Sums of all that came before along an axis."""

from backends.chainer_autograd.framework import F, Variable


def cumsum(x: Variable, *, axis: int) -> Variable:
    """y = x plus all that comes before it along an axis."""
    return F.cumsum(x, axis)
