"""What only moves, repeats or leaves out elements."""

from backends.chainer_autograd.framework import F, Variable


def reshape(x: Variable, *, shape: tuple[int, ...]) -> Variable:
    """y has x's elements, row by row, in another shape."""
    return F.reshape(x, shape)


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
    """ys = x cut along an axis, into so many equal sections or before each of these places."""
    return F.split_axis(x, sections, axis)


def slice_axis(x: Variable, *, start: int, stop: int, axis: int) -> Variable:
    """y = x from start up to stop, which it leaves out, along an axis."""
    return x[(slice(None),) * (axis % x.ndim) + (slice(start, stop),)]


def select(x: Variable, *, index: int, axis: int) -> Variable:
    """y = x at one place of an axis."""
    return x[(slice(None),) * (axis % x.ndim) + (index,)]
