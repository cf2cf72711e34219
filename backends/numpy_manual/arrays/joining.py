"""Ops that join arrays, or cut one into several."""

from itertools import pairwise

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


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
    if not xs:
        raise ValueError("there must be at least one tensor")
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


def _without(axis: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without one of its axes."""
    return shape[: axis % len(shape)] + shape[axis % len(shape) + 1 :]


def _cuts(sections: int | tuple[int, ...], size: int) -> bool:
    """Whether an axis of this size has so many equal sections, or can be cut before each of these positions."""
    if isinstance(sections, int):
        return sections > 0 and size % sections == 0
    return all(before < after for before, after in pairwise((0, *sections, size)))
