"""Images of another size: every new pixel is a mean of its neighbours, or a copy of the nearest one."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor


def resize_bilinear(x: Tensor, *, size: tuple[int, ...], align_corners: bool) -> Tensor:
    """y = x at a grid of points, each the mean of the four pixels around.  x (N, C, H, W) → y (N, C, OH, OW)."""
    return F.interpolate(x, size, mode="bilinear", align_corners=align_corners)


def resize_nearest(x: Tensor, *, scale: int | Sequence[int]) -> Tensor:
    """y = x with every pixel repeated.  x (N, C, H, W) → y (N, C, scale·H, scale·W)."""
    return F.interpolate(x, scale_factor=scale, mode="nearest")
