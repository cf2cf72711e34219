"""Convolutions of images, and their transposes."""

from backends.chainer_autograd.framework import F, Variable


def conv2d(
    x: Variable, w: Variable, b: Variable, *, stride: int = 1, pad: int = 0, dilation: int = 1, groups: int = 1
) -> Variable:
    """x (N, C, H, W), w (O, C/groups, KH, KW), b (O,) → y (N, O, OH, OW)."""
    return F.convolution_2d(x, w, b, stride, pad, dilate=dilation, groups=groups)


def deconv2d(x: Variable, w: Variable, b: Variable, *, stride: int = 1, pad: int = 0) -> Variable:
    """x (N, C, H, W), w (C, O, KH, KW), b (O,) → y (N, O, stride·(H − 1) + KH − 2·pad, …)."""
    return F.deconvolution_2d(x, w, b, stride, pad)


def depthwise_conv2d(x: Variable, w: Variable, b: Variable, *, stride: int = 1, pad: int = 0) -> Variable:
    """x (N, C, H, W), w (C·M, 1, KH, KW), b (C·M,) → y (N, C·M, OH, OW)."""
    # Chainer's kernels are (M, C, KH, KW); PyTorch has those of a channel side by side.
    kernels = w.reshape(x.shape[1], -1, *w.shape[2:]).transpose(1, 0, 2, 3)
    return F.depthwise_convolution_2d(x, kernels, b, stride, pad)
