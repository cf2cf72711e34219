"""Convolutions of images, and their transposes."""

import torch.nn.functional as F
from torch import Tensor


def conv2d(
    x: Tensor, w: Tensor, b: Tensor, *, stride: int = 1, pad: int = 0, dilation: int = 1, groups: int = 1
) -> Tensor:
    """x (N, C, H, W), w (O, C/groups, KH, KW), b (O,) → y (N, O, OH, OW)."""
    return F.conv2d(x, w, b, stride, pad, dilation, groups)


def deconv2d(x: Tensor, w: Tensor, b: Tensor, *, stride: int = 1, pad: int = 0) -> Tensor:
    """x (N, C, H, W), w (C, O, KH, KW), b (O,) → y (N, O, stride·(H − 1) + KH − 2·pad, …)."""
    return F.conv_transpose2d(x, w, b, stride, pad)


def depthwise_conv2d(x: Tensor, w: Tensor, b: Tensor, *, stride: int = 1, pad: int = 0) -> Tensor:
    """x (N, C, H, W), w (C·M, 1, KH, KW), b (C·M,) → y (N, C·M, OH, OW)."""
    # PyTorch has no separate call for this: it is a convolution with as many groups as channels.
    return F.conv2d(x, w, b, stride, pad, groups=x.shape[1])
