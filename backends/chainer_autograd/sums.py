"""Sums of products that are written with letters, and sums of all that came before."""

from backends.chainer_autograd.framework import F, Variable


def einsum(*xs: Variable, equation: str) -> Variable:
    """y = Σ of products over every letter that the result lacks."""
    return F.einsum(equation, *xs)


def cumsum(x: Variable, *, axis: int) -> Variable:
    """y = x plus all that comes before it along an axis."""
    return F.cumsum(x, axis)
