"""Images of another size: every new pixel is a mean of its neighbours, or a copy of the nearest one."""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.layers.windows import pair


def resize_bilinear(x: Array, *, size: tuple[int, ...], align_corners: bool) -> tuple[Array, Backward]:
    """y = A·x·Bᵀ for every channel, where A and B hold what each row and column of x weighs in those of y.

    x (N, C, H, W) → y (N, C, OH, OW), the size.  Row i of y lies at p = i·(H − 1)/(OH − 1) in x with `align_corners`,
    which keeps the four corners, and else at p = (i + ½)·H/OH − ½, as far as x reaches: then pixels are squares, whose
    edges meet. Row h of x weighs A[i,h] = max(0, 1 − |p − h|), and columns alike: a pixel is a mean of four at most.
    ∂L/∂x = Aᵀ·∂L/∂y·B  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        align_corners = 0
        I = size[0]
        J = size[1]
        A[i,h] = max(0, 1 − |min(max((i + 1/2)·H/I − 1/2, 0), H − 1) − h|)
        B[j,w] = max(0, 1 − |min(max((j + 1/2)·W/J − 1/2, 0), W − 1) − w|)
        y[n,c,i,j] = Σ_hw A[i,h]·x[n,c,h,w]·B[j,w]
        ∂L/∂x[n,c,h,w] = Σ_ij ∂L/∂y[n,c,i,j]·∂y[n,c,i,j]/∂x[n,c,h,w] = Σ_ij A[i,h]·∂L/∂y[n,c,i,j]·B[j,w]
        (N, C, I, J) → (N, C, H, W)
        grad_x = A.T @ grad_y @ B
    """
    if x.ndim != 4 or not x.size:
        raise ValueError("x must be (N, C, H, W), with elements")
    if len(size) != 2 or min(size) < 1:
        raise ValueError("size must be the height and the width of y, at least 1")
    rows, columns = (_weights(x, x.shape[2 + i], points, align_corners) for i, points in enumerate(size))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (lambda: rows.T @ grad_y @ columns,)

    return rows @ x @ columns.T, backward


def resize_nearest(x: Array, *, scale: int | Sequence[int]) -> tuple[Array, Backward]:
    """y = x with every pixel repeated: y[i, j] = x[⌊i / scale⌋, ⌊j / scale⌋].

    x (N, C, H, W) → y (N, C, scale·H, scale·W), with one scale or one for the height and one for the width.  A pixel
    gets the sum of ∂L/∂y over its copies  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[n,c,i,j] = Σ_hw x[n,c,h,w]·[h·scale ≤ i < (h + 1)·scale, w·scale ≤ j < (w + 1)·scale]
        ∂L/∂x[n,c,h,w] = Σ_ij ∂L/∂y[n,c,i,j]·∂y[n,c,i,j]/∂x[n,c,h,w]
        = Σ_ij ∂L/∂y[n,c,i,j]·[h·scale ≤ i < (h + 1)·scale, w·scale ≤ j < (w + 1)·scale]
        (N, C, I, J) → (N, C, H, W)
        grad_x = np.sum(grad_y.reshape(N, C, H, scale, W, scale), axis=(3, 5))
    """
    if x.ndim != 4 or not x.size:
        raise ValueError("x must be (N, C, H, W), with elements")
    down, across = pair(scale)
    if min(down, across) < 1:
        raise ValueError("scale must be at least 1")
    n, c, h, w = x.shape

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.sum(grad_y.reshape(n, c, h, down, w, across), axis=(3, 5)),)

    return np.repeat(np.repeat(x, down, axis=2), across, axis=3), backward


def _weights(x: Array, pixels: int, points: int, align_corners: bool) -> Array:
    """What each of so many pixels in a row weighs at each of so many points, (points, pixels), in x's dtype."""
    steps = np.zeros_like(x, shape=(points, 1)) + np.arange(points, dtype=x.dtype)[:, None]
    apart = (pixels - 1) / max(points - 1, 1) if align_corners else pixels / points
    places = steps * apart if align_corners else (steps + 0.5) * apart - 0.5
    away = np.abs(np.clip(places, 0, pixels - 1) - np.arange(pixels, dtype=x.dtype))
    weights: Array = np.maximum(1 - away, 0)
    return weights
