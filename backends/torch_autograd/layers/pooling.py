"""Pooling, which shrinks images by a maximum or a mean over windows."""

import torch.nn.functional as F
from torch import Tensor


def max_pool2d(
    x: Tensor,
    *,
    window: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    pad: int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    cover_all: bool = False,
) -> Tensor:
    """y = the largest element of every window.  x (N, C, H, W) → y (N, C, OH, OW)."""
    return F.max_pool2d(x, window, stride, pad, dilation, ceil_mode=cover_all)


def avg_pool2d(
    x: Tensor,
    *,
    window: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    pad: int | tuple[int, ...] = 0,
    cover_all: bool = False,
    count_pad: bool = True,
    divisor: int | None = None,
) -> Tensor:
    """y = the mean of every window, padding included or not.  x (N, C, H, W) → y (N, C, OH, OW)."""
    return F.avg_pool2d(x, window, stride, pad, cover_all, count_pad, divisor)


def max_pool1d(
    x: Tensor, *, window: int, stride: int, pad: int = 0, dilation: int = 1, cover_all: bool = False
) -> Tensor:
    """y = the largest element of every window.  x (N, C, L) → y (N, C, OL)."""
    return F.max_pool1d(x, window, stride, pad, dilation, ceil_mode=cover_all)


def avg_pool1d(
    x: Tensor, *, window: int, stride: int, pad: int = 0, cover_all: bool = False, count_pad: bool = True
) -> Tensor:
    """y = the mean of every window, padding included or not.  x (N, C, L) → y (N, C, OL)."""
    return F.avg_pool1d(x, window, stride, pad, cover_all, count_pad)
