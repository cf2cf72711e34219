"""Ops that read elements at other places along an axis: a part of it, at given places, or from the end."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


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


def gather(x: Array, ids: Array, *, axis: int) -> tuple[Array, Backward]:
    """y = x at the place along an axis that each id names: y[i, j] = x[ids[i, j], j] for the first axis of a matrix.

    x (any shape), ids integers in [0, x's length along this axis), with as many axes as x and no other longer than x's
    → y (the shape of ids).  An element of x gets the sum of ∂L/∂y over all positions that read it, 0 if there is none
    (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        axis = 0
        y[k,d] = x[ids[k,d],d]
        ∂L/∂x[n,d] = Σ_k ∂L/∂y[k,d]·∂y[k,d]/∂x[n,d] = Σ_k ∂L/∂y[k,d]·[ids[k,d] = n]
        (K, D) → (N, D)
        grad_x = np.sum((ids[:, None] == np.arange(N)[:, None]) * grad_y[:, None], axis=0)
    """
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"x has no axis {axis}")
    if ids.dtype.kind not in "iu" or ids.ndim != x.ndim:
        raise ValueError(f"ids must be integers with {x.ndim} axes, as x has")
    if any(length > x.shape[i] for i, length in enumerate(ids.shape) if i != axis % x.ndim):
        raise ValueError(f"no axis of ids but axis {axis} may be longer than that of x")
    if not np.all((ids >= 0) & (ids < x.shape[axis])):
        raise ValueError(f"every id must name a place along axis {axis}, from 0 to {x.shape[axis] - 1}")
    places: list[Array] = list(np.indices(ids.shape, sparse=True))
    places[axis] = ids
    index = tuple(places)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_x = np.zeros_like(x)
        np.add.at(grad_x, index, grad_y)
        return grad_x, None

    return x[index], backward


def flip(x: Array, *, axis: int) -> tuple[Array, Backward]:
    """y = x read from the end of an axis to its start.

    x (any shape) → y (the same).  ∂L/∂x is ∂L/∂y, turned round again  (Griewank & Walther, Evaluating Derivatives,
    2008, 3.2).

    Why:
        axis = 0
        y[i,d] = x[I − 1 − i,d]
        ∂L/∂x[n,d] = Σ_i ∂L/∂y[i,d]·∂y[i,d]/∂x[n,d] = Σ_i ∂L/∂y[i,d]·[n = I − 1 − i] = ∂L/∂y[N−1−n,d]
        (I, D) → (N, D)
        grad_x = grad_y[::-1]
    """
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"x has no axis {axis}")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.flip(grad_y, axis),)

    return np.flip(x, axis), backward
