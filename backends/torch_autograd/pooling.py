"""Pooling, which shrinks images by a maximum or a mean over windows."""

import torch.nn.functional as F
from torch import Tensor


def max_pool2d(x: Tensor, *, window: int, stride: int, pad: int = 0, cover_all: bool = False) -> Tensor:
    """y = the largest element of every window.  x (N, C, H, W) → y (N, C, OH, OW)."""
    return F.max_pool2d(x, window, stride, pad, ceil_mode=cover_all)


def avg_pool2d(x: Tensor, *, window: int, stride: int, pad: int = 0) -> Tensor:
    """y = the mean of every window, padding included.  x (N, C, H, W) → y (N, C, OH, OW)."""
    return F.avg_pool2d(x, window, stride, pad)
