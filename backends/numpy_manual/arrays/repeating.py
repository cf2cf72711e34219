"""Ops that repeat elements, or put others around them."""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array
from backends.numpy_manual.arithmetic.elementwise import _sum_to_shape
from backends.numpy_manual.gradients import Backward, Gradient


def broadcast_to(x: Array, *, shape: tuple[int, ...]) -> tuple[Array, Backward]:
    """y = x, repeated along the axes in which it has size 1, and along new ones in front.

    x (any shape) → y (shape).  ∂L/∂x is ∂L/∂y summed over the axes along which x is repeated.

    Why:
        y[n,d] = x[d]
        ∂L/∂x[d] = Σ_n ∂L/∂y[n,d]·∂y[n,d]/∂x[d] = Σ_n ∂L/∂y[n,d]
        (N, D) → (D)
        grad_x = np.sum(grad_y, axis=0).reshape(x.shape)
    """
    if min(shape, default=0) < 0:
        raise ValueError("every size in shape must be 0 or more")
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

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        shape = (1,) * (len(repeats) - x.ndim) + x.shape
        apart = [length for pair in zip(repeats, shape, strict=True) for length in pair]
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
    if not x.ndim:
        raise ValueError("x has no axis along which elements could be put")
    if len(widths) != x.ndim or any(len(pair) != 2 or min(pair) < 0 for pair in widths):
        raise ValueError(
            "widths must be a pair for each axis of x: how many elements come before it and behind, 0 or more"
        )
    inside = tuple(slice(before, before + size) for (before, _), size in zip(widths, x.shape, strict=True))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y[inside],)

    return np.pad(x, widths, constant_values=value), backward
