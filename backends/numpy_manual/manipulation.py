"""Ops that only move, repeat or drop elements.

All of them are linear, so a gradient takes the same path backward, as the transposed matrix would (Griewank & Walther,
Evaluating Derivatives, 2008, 3.2). The gradient of a dropped element is 0.
"""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def reshape(x: Array, *, shape: tuple[int, ...]) -> tuple[Array, Backward]:
    """y = x's elements, row by row, in another shape; a size of −1 follows from the others.

    x (any shape) → y (shape).  ∂L/∂x is ∂L/∂y in x's shape.
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.reshape(grad_y, x.shape),)

    return np.reshape(x, shape), backward


def transpose(x: Array, *, axes: tuple[int, ...]) -> tuple[Array, Backward]:
    """y = x with its axes in another order: axis i of y is axis axes[i] of x.

    x (any shape) → y.  ∂L/∂x is ∂L/∂y with its axes put back.
    """
    if sorted(axes) != list(range(x.ndim)):
        raise ValueError("axes must hold the number of every axis once, counted from 0")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.transpose(grad_y, np.argsort(axes)),)

    return np.transpose(x, axes), backward


def concatenate(*xs: Array, axis: int) -> tuple[Array, Backward]:
    """y = the xs one after the other along an axis.

    xs (the same shape except along this axis) → y.  ∂L/∂y is cut where one ends and the next begins.
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return tuple(np.split(grad_y, np.cumsum([x.shape[axis] for x in xs])[:-1], axis=axis))

    return np.concatenate(xs, axis=axis), backward


def stack(*xs: Array, axis: int) -> tuple[Array, Backward]:
    """y = the xs side by side along a new axis.

    xs (all of one shape) → y.  ∂L/∂x is the part of ∂L/∂y at x's position.
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return tuple(np.take(grad_y, i, axis=axis) for i in range(len(xs)))

    return np.stack(xs, axis=axis), backward


def split(x: Array, *, sections: int | tuple[int, ...], axis: int) -> tuple[tuple[Array, ...], Backward]:
    """ys = x cut along an axis, into a number of equal sections or before each of several positions.

    x (any shape) → ys.  The gradients of the ys are concatenated again.
    """
    if sections in (1, ()):
        raise ValueError("one section would be all of x")

    def backward(*grad_ys: Array) -> tuple[Gradient, ...]:
        return (np.concatenate(grad_ys, axis=axis),)

    return tuple(np.split(x, sections, axis=axis)), backward


def slice_axis(x: Array, *, start: int, stop: int, axis: int) -> tuple[Array, Backward]:
    """y = x from start up to, but without, stop along an axis.

    x (any shape) → y.  ∂L/∂x is ∂L/∂y in this range, else 0.
    """
    if not 0 <= start < stop <= x.shape[axis]:
        raise ValueError(f"axis {axis} has no elements from {start} up to {stop}")
    index = (slice(None),) * (axis % x.ndim) + (slice(start, stop),)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_x = np.zeros_like(x)
        grad_x[index] = grad_y
        return (grad_x,)

    return x[index], backward


def select(x: Array, *, index: int, axis: int) -> tuple[Array, Backward]:
    """y = x at one position of an axis, such as one step of a sequence.

    x (any shape) → y (x's shape without this axis).  ∂L/∂x is ∂L/∂y at this position, else 0.
    """
    position = (slice(None),) * (axis % x.ndim) + (index,)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_x = np.zeros_like(x)
        grad_x[position] = grad_y
        return (grad_x,)

    return x[position], backward
