"""Ops that only move, repeat or drop elements.

All of them are linear, so a gradient takes the same path backward, as the transposed matrix would (Griewank & Walther,
Evaluating Derivatives, 2008, 3.2). The gradient of a dropped element is 0.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from backends.contract import Array
from backends.numpy_manual.arithmetic import _sum_to_shape
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


def concatenate(*xs: Array, axis: int) -> tuple[Array, Backward]:
    """y = the xs one after the other along an axis.

    xs (the same shape except along this axis) → y.  ∂L/∂y is cut where one ends and the next begins.

    Why:
        axis = 0
        y[n,c,d] = Σ_a xs_0[a,c,d]·[n = a] + Σ_b xs_1[b,c,d]·[n = A + b]
        ∂L/∂xs_0[a,c,d] = Σ_n ∂L/∂y[n,c,d]·∂y[n,c,d]/∂xs_0[a,c,d] = Σ_n ∂L/∂y[n,c,d]·[n = a]
        (N, C, D) → (A, C, D)
        grad_xs_0 = grad_y[:A]
        ∂L/∂xs_1[b,c,d] = Σ_n ∂L/∂y[n,c,d]·∂y[n,c,d]/∂xs_1[b,c,d] = Σ_n ∂L/∂y[n,c,d]·[n = A + b]
        (N, C, D) → (B, C, D)
        grad_xs_1 = grad_y[A:]
    """
    if not xs or not -xs[0].ndim <= axis < xs[0].ndim:
        raise ValueError(f"there must be tensors that have an axis {axis}")
    if any(x.ndim != xs[0].ndim or _without(axis, x.shape) != _without(axis, xs[0].shape) for x in xs):
        raise ValueError(f"their shapes must be the same except for axis {axis}")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return tuple(np.split(grad_y, np.cumsum([x.shape[axis] for x in xs])[:-1], axis=axis))

    return np.concatenate(xs, axis=axis), backward


def stack(*xs: Array, axis: int) -> tuple[Array, Backward]:
    """y = the xs side by side along a new axis.

    xs (all of one shape) → y.  ∂L/∂x is the part of ∂L/∂y at x's position.

    Why:
        axis = 0
        y[k,n,d] = xs_0[n,d]·[k = 0] + xs_1[n,d]·[k = 1]
        ∂L/∂xs_0[n,d] = Σ_k ∂L/∂y[k,n,d]·∂y[k,n,d]/∂xs_0[n,d] = Σ_k ∂L/∂y[k,n,d]·[k = 0]
        (K, N, D) → (N, D)
        grad_xs_0 = grad_y[0]
        ∂L/∂xs_1[n,d] = Σ_k ∂L/∂y[k,n,d]·∂y[k,n,d]/∂xs_1[n,d] = Σ_k ∂L/∂y[k,n,d]·[k = 1]
        (K, N, D) → (N, D)
        grad_xs_1 = grad_y[1]
    """
    if len({x.shape for x in xs}) != 1:
        raise ValueError("their shapes must be the same")
    if not -xs[0].ndim - 1 <= axis <= xs[0].ndim:
        raise ValueError(f"axis must be from {-xs[0].ndim - 1} to {xs[0].ndim}, where y has a new axis")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return tuple(np.take(grad_y, i, axis=axis) for i in range(len(xs)))

    return np.stack(xs, axis=axis), backward


def split(x: Array, *, sections: int | tuple[int, ...], axis: int) -> tuple[tuple[Array, ...], Backward]:
    """ys = x cut along an axis, into a number of equal sections or before each of several positions.

    x (any shape) → ys.  The gradients of the ys are concatenated again.

    Why:
        axis = 0
        sections = 2
        ys_0[a,d] = Σ_n x[n,d]·[n = a]
        ys_1[b,d] = Σ_n x[n,d]·[n = A + b]
        ∂L/∂x[n,d] = Σ_a ∂L/∂ys_0[a,d]·∂ys_0[a,d]/∂x[n,d] + Σ_b ∂L/∂ys_1[b,d]·∂ys_1[b,d]/∂x[n,d]
        = Σ_a ∂L/∂ys_0[a,d]·[n = a] + Σ_b ∂L/∂ys_1[b,d]·[n = A + b]
        (A, D), (B, D) → (N, D)
        grad_x = np.concatenate([grad_ys_0, grad_ys_1], axis=0)
    """
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"x has no axis {axis}")
    if sections in (1, ()):
        raise ValueError("one section would be all of x")
    if not _cuts(sections, x.shape[axis]):
        raise ValueError(
            f"sections must divide {x.shape[axis]}, the size of the axis, or be positions that rise from 1 to one less"
        )

    def backward(*grad_ys: Array) -> tuple[Gradient, ...]:
        return (np.concatenate(grad_ys, axis=axis),)

    return tuple(np.split(x, sections, axis=axis)), backward


def slice_axis(x: Array, *, start: int, stop: int, axis: int) -> tuple[Array, Backward]:
    """y = x from start up to, but without, stop along an axis.

    x (any shape) → y.  ∂L/∂x is ∂L/∂y in this range, else 0.

    Why:
        axis = 0
        y[i,c,d] = x[start+i,c,d]
        ∂L/∂x[n,c,d] = Σ_i ∂L/∂y[i,c,d]·∂y[i,c,d]/∂x[n,c,d] = Σ_i ∂L/∂y[i,c,d]·[n = start + i] = ∂L/∂y[n−start,c,d]
        (I, C, D) → (N, C, D)
        grad_x = np.pad(grad_y, [(start, N - stop), (0, 0), (0, 0)])
    """
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"x has no axis {axis}")
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

    Why:
        axis = 0
        index ≥ 0
        y[c,d] = x[index,c,d]
        ∂L/∂x[n,c,d] = ∂L/∂y[c,d]·∂y[c,d]/∂x[n,c,d] = ∂L/∂y[c,d]·[n = index]
        (C, D) → (N, C, D)
        grad_x = np.pad(grad_y[None], [(index, N - index - 1), (0, 0), (0, 0)])
    """
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"x has no axis {axis}")
    if not -x.shape[axis] <= index < x.shape[axis]:
        raise ValueError(f"axis {axis} has {x.shape[axis]} elements, so none of index {index}")
    position = (slice(None),) * (axis % x.ndim) + (index,)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_x = np.zeros_like(x)
        grad_x[position] = grad_y
        return (grad_x,)

    return x[position], backward


def broadcast_to(x: Array, *, shape: tuple[int, ...]) -> tuple[Array, Backward]:
    """y = x, repeated along the axes in which it has size 1, and along new ones in front.

    x (any shape) → y (shape).  ∂L/∂x is ∂L/∂y summed over the axes along which x is repeated.

    Why:
        y[n,d] = x[d]
        ∂L/∂x[d] = Σ_n ∂L/∂y[n,d]·∂y[n,d]/∂x[d] = Σ_n ∂L/∂y[n,d]
        (N, D) → (D)
        grad_x = np.sum(grad_y, axis=0).reshape(x.shape)
    """
    if len(shape) < x.ndim or any(size not in (1, to) for size, to in zip(x.shape[::-1], shape[::-1], strict=False)):
        raise ValueError("shape must be that of x, but for axes of size 1, and for new ones in front")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (_sum_to_shape(grad_y, x.shape),)

    return np.broadcast_to(x, shape), backward


def tile(x: Array, *, repeats: tuple[int, ...]) -> tuple[Array, Backward]:
    """y = x, put behind itself so many times along each axis; further numbers in front make new axes.

    x (any shape) → y (x's lengths, each times its number).  ∂L/∂x is the sum of ∂L/∂y over all copies.

    Why:
        K = repeats[0]
        L = repeats[1]
        y[n,d] = Σ_ijkl x[i,j]·[n = k·I + i, d = l·J + j]
        ∂L/∂x[i,j] = Σ_nd ∂L/∂y[n,d]·∂y[n,d]/∂x[i,j] = Σ_ndkl ∂L/∂y[n,d]·[n = k·I + i, d = l·J + j]
        = Σ_kl ∂L/∂y[k·I + i,l·J + j]
        (N, D) → (I, J)
        grad_x = np.sum(grad_y.reshape(repeats[0], I, repeats[1], J), axis=(0, 2))
    """
    if len(repeats) < x.ndim or min(repeats, default=1) < 1:
        raise ValueError("repeats must be a number of at least 1 for each axis of x, and for each new one in front")
    shape = (1,) * (len(repeats) - x.ndim) + x.shape
    apart = [length for pair in zip(repeats, shape, strict=True) for length in pair]

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.sum(grad_y.reshape(apart), axis=tuple(range(0, len(apart), 2))).reshape(x.shape),)

    return np.tile(x, repeats), backward


def pad(x: Array, *, widths: Sequence[Sequence[int]], value: float = 0.0) -> tuple[Array, Backward]:
    """y = x with a constant around it: `widths` says for each axis how many elements come before and behind.

    x (any shape) → y.  ∂L/∂x is ∂L/∂y without what was put around.

    Why:
        y[i,j] = x[i−widths[0,0],j−widths[1,0]]
        ∂L/∂x[n,d] = Σ_ij ∂L/∂y[i,j]·∂y[i,j]/∂x[n,d] = Σ_ij ∂L/∂y[i,j]·[i = n + widths[0,0], j = d + widths[1,0]]
        = ∂L/∂y[n+widths[0,0],d+widths[1,0]]
        (I, J) → (N, D)
        grad_x = grad_y[widths[0][0] : widths[0][0] + N, widths[1][0] : widths[1][0] + D]
    """
    if len(widths) != x.ndim or any(len(pair) != 2 or min(pair) < 0 for pair in widths):
        raise ValueError(
            "widths must be a pair for each axis of x: how many elements come before it and behind, 0 or more"
        )
    inside = tuple(slice(before, before + size) for (before, _), size in zip(widths, x.shape, strict=True))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y[inside],)

    return np.pad(x, widths, constant_values=value), backward


def _holds(shape: tuple[int, ...], size: int) -> bool:
    """Whether a shape, in which one size may be −1, can be that of so many elements."""
    known = [length for length in shape if length != -1]
    rest = math.prod(known)
    if min(known, default=0) < 0 or len(shape) > len(known) + 1:
        return False
    return size == rest if len(shape) == len(known) else rest > 0 and size % rest == 0


def _without(axis: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without one of its axes."""
    return shape[: axis % len(shape)] + shape[axis % len(shape) + 1 :]


def _cuts(sections: int | tuple[int, ...], size: int) -> bool:
    """Whether an axis of this size has so many equal sections, or can be cut before each of these positions."""
    if isinstance(sections, int):
        return sections > 0 and size % sections == 0
    return all(before < after for before, after in pairwise((0, *sections, size)))
