"""Ops that join arrays, or cut one into several."""

from backends.chainer_autograd.framework import F, Variable


def concatenate(*xs: Variable, axis: int) -> Variable:
    """y = the xs one after the other along an axis."""
    return F.concat(xs, axis=axis)


def stack(*xs: Variable, axis: int) -> Variable:
    """y = the xs side by side along a new axis."""
    return F.stack(xs, axis=axis)


def split(x: Variable, *, sections: int | tuple[int, ...], axis: int) -> Variable:
    """ys = x cut along an axis, into a number of equal sections or before each of several positions."""
    return F.split_axis(x, sections, axis)
