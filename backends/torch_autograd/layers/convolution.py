"""Convolutions of images and of signals, and their transposes."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor


def conv2d(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    *,
    stride: int | Sequence[int] = 1,
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """x (N, C, H, W), w (O, C/groups, KH, KW), b (O,) or none → y (N, O, OH, OW)."""
    return F.conv2d(x, w, b, stride=stride, padding=pad, dilation=dilation, groups=groups)


def conv1d(
    x: Tensor, w: Tensor, b: Tensor | None = None, *, stride: int = 1, pad: int = 0, dilation: int = 1, groups: int = 1
) -> Tensor:
    """x (N, C, L), w (O, C/groups, K), b (O,) or none → y (N, O, OL)."""
    return F.conv1d(x, w, b, stride=stride, padding=pad, dilation=dilation, groups=groups)


def deconv2d(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    *,
    stride: int | Sequence[int] = 1,
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    output_pad: int | Sequence[int] = 0,
) -> Tensor:
    """x (N, C, H, W), w (C, O/groups, KH, KW), b (O,) or none → y (N, O, OH, OW)."""
    return F.conv_transpose2d(
        x, w, b, stride=stride, padding=pad, output_padding=output_pad, groups=groups, dilation=dilation
    )


def deconv1d(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    *,
    stride: int = 1,
    pad: int = 0,
    dilation: int = 1,
    groups: int = 1,
    output_pad: int = 0,
) -> Tensor:
    """x (N, C, L), w (C, O/groups, K), b (O,) or none → y (N, O, OL)."""
    return F.conv_transpose1d(
        x, w, b, stride=stride, padding=pad, output_padding=output_pad, groups=groups, dilation=dilation
    )


def depthwise_conv2d(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    *,
    stride: int | Sequence[int] = 1,
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """x (N, C, H, W), w (C·M, 1, KH, KW), b (C·M,) or none → y (N, C·M, OH, OW)."""
    # PyTorch has no separate call for this: it is a convolution with as many groups as channels.
    return F.conv2d(x, w, b, stride=stride, padding=pad, dilation=dilation, groups=x.shape[1])
