"""Ops that give the same elements another shape, or their axes another order."""

import math

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def reshape(x: Array, *, shape: tuple[int, ...]) -> tuple[Array, Backward]:
    """y = x's elements, row by row, in another shape; a size of −1 follows from the others.

    x (any shape) → y (shape).  ∂L/∂x is ∂L/∂y in x's shape.

    Why:
        y[i] = x[i]
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]
        (I) → (I)
        grad_x = np.reshape(grad_y, x.shape)
    """
    if not _holds(shape, x.size):
        raise ValueError(f"shape must hold {x.size} elements, with -1 for at most one size")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.reshape(grad_y, x.shape),)

    return np.reshape(x, shape), backward


def squeeze(x: Array, *, axis: int) -> tuple[Array, Backward]:
    """y = x without an axis of size 1.

    x (any shape) → y (x's shape without this axis).  ∂L/∂x is ∂L/∂y with the axis put back.

    Why:
        axis = 0
        y[c,d] = x[0,c,d]
        ∂L/∂x[n,c,d] = ∂L/∂y[c,d]·∂y[c,d]/∂x[n,c,d] = ∂L/∂y[c,d]
        (C, D) → (N, C, D)
        grad_x = grad_y[None]
    """
    if not -x.ndim <= axis < x.ndim or x.shape[axis] != 1:
        raise ValueError(f"x must have an axis {axis}, of size 1")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.expand_dims(grad_y, axis),)

    return np.squeeze(x, axis), backward


def expand_dims(x: Array, *, axis: int) -> tuple[Array, Backward]:
    """y = x with a new axis of size 1, which is this one of y.

    x (any shape) → y (x's shape with this axis).  ∂L/∂x is ∂L/∂y without the axis.

    Why:
        axis = 0
        y[k,n,d] = x[n,d]
        ∂L/∂x[n,d] = Σ_k ∂L/∂y[k,n,d]·∂y[k,n,d]/∂x[n,d] = Σ_k ∂L/∂y[k,n,d]
        (K, N, D) → (N, D)
        grad_x = grad_y[0]
    """
    if not -x.ndim - 1 <= axis <= x.ndim:
        raise ValueError(f"axis must be from {-x.ndim - 1} to {x.ndim}, where y has a new axis")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.squeeze(grad_y, axis),)

    return np.expand_dims(x, axis), backward


def transpose(x: Array, *, axes: tuple[int, ...]) -> tuple[Array, Backward]:
    """y = x with its axes in another order: axis i of y is axis axes[i] of x.

    x (any shape) → y.  ∂L/∂x is ∂L/∂y with its axes put back.

    Why:
        axes = (1, 0)
        y[i,j] = x[j,i]
        ∂L/∂x[j,i] = ∂L/∂y[i,j]·∂y[i,j]/∂x[j,i] = ∂L/∂y[i,j]
        (I, J) → (J, I)
        grad_x = grad_y.T
    """
    if sorted(axes) != list(range(x.ndim)):
        raise ValueError(f"axes must hold the number of each of the {x.ndim} axes once, counted from 0")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.transpose(grad_y, np.argsort(axes)),)

    return np.transpose(x, axes), backward


def _holds(shape: tuple[int, ...], size: int) -> bool:
    """Whether a shape, in which one size may be −1, can be that of so many elements."""
    known = [length for length in shape if length != -1]
    rest = math.prod(known)
    if min(known, default=0) < 0 or len(shape) > len(known) + 1:
        return False
    return size == rest if len(shape) == len(known) else rest > 0 and size % rest == 0
