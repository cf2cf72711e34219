"""Images of another size: every new pixel is a mean of its neighbours, or a copy of the nearest one."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backends.chainer_autograd.framework import F, Variable


def resize_bilinear(x: Variable, *, size: tuple[int, ...], align_corners: bool) -> Variable:
    """y = x at a grid of points, each the mean of the four pixels around.  x (N, C, H, W) → y (N, C, OH, OW)."""
    # Chainer's own takes float32 alone; in float64 it is written out, as products with the weights of the pixels.
    return (
        F.resize_images(x, tuple(size), align_corners=align_corners)
        if x.dtype == np.float32
        else F.einsum(
            "ih,nchw,jw->ncij",
            _weights(x.shape[2], size[0], align_corners),
            x,
            _weights(x.shape[3], size[1], align_corners),
        )
    )


def resize_nearest(x: Variable, *, scale: int | Sequence[int]) -> Variable:
    """y = x with every pixel repeated.  x (N, C, H, W) → y (N, C, scale·H, scale·W)."""
    return F.unpooling_2d(x, scale, cover_all=False)


def _weights(pixels: int, points: int, align_corners: bool) -> Any:
    """What each pixel in a row weighs at each point, (points, pixels)."""
    places = (
        np.linspace(0, pixels - 1, points) if align_corners else (np.arange(points) + 0.5) * (pixels / points) - 0.5
    )
    return np.maximum(1 - np.abs(np.clip(places, 0, pixels - 1)[:, None] - np.arange(pixels)), 0)
