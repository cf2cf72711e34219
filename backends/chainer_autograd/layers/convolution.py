"""Convolutions of images and of signals, and their transposes."""

from collections.abc import Sequence

from backends.chainer_autograd.framework import F, Variable, chainer


def conv2d(
    x: Variable,
    w: Variable,
    b: Variable | None = None,
    *,
    stride: int | Sequence[int] = 1,
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Variable:
    """x (N, C, H, W), w (O, C/groups, KH, KW), b (O,) or none → y (N, O, OH, OW)."""
    return F.convolution_2d(x, w, b, stride=stride, pad=pad, dilate=dilation, groups=groups)


def conv1d(
    x: Variable,
    w: Variable,
    b: Variable | None = None,
    *,
    stride: int = 1,
    pad: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Variable:
    """x (N, C, L), w (O, C/groups, K), b (O,) or none → y (N, O, OL)."""
    return F.convolution_1d(x, w, b, stride=stride, pad=pad, dilate=dilation, groups=groups)


def deconv2d(
    x: Variable,
    w: Variable,
    b: Variable | None = None,
    *,
    stride: int | Sequence[int] = 1,
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    output_pad: int | Sequence[int] = 0,
) -> Variable:
    """x (N, C, H, W), w (C, O/groups, KH, KW), b (O,) or none → y (N, O, OH, OW)."""
    # Chainer takes the size of y, which says how many of the rows that a stride leaves out are there again.
    size = None if output_pad == 0 else _deconvolved_size(x, w, stride, pad, dilation, output_pad)
    # Chainer's backward raises an error where x is data, which needs no gradient, and w does.
    x = x if x.requires_grad else chainer.Variable(x.array)
    return F.deconvolution_2d(x, w, b, stride=stride, pad=pad, outsize=size, dilate=dilation, groups=groups)


def deconv1d(
    x: Variable,
    w: Variable,
    b: Variable | None = None,
    *,
    stride: int = 1,
    pad: int = 0,
    dilation: int = 1,
    groups: int = 1,
    output_pad: int = 0,
) -> Variable:
    """x (N, C, L), w (C, O/groups, K), b (O,) or none → y (N, O, OL)."""
    size = None if output_pad == 0 else _deconvolved_size(x, w, stride, pad, dilation, output_pad)
    return F.deconvolution_1d(x, w, b, stride=stride, pad=pad, outsize=size, dilate=dilation, groups=groups)


def depthwise_conv2d(
    x: Variable,
    w: Variable,
    b: Variable | None = None,
    *,
    stride: int | Sequence[int] = 1,
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
) -> Variable:
    """x (N, C, H, W), w (C·M, 1, KH, KW), b (C·M,) or none → y (N, C·M, OH, OW)."""
    # Chainer's kernels are (M, C, KH, KW); PyTorch has those of a channel side by side. It has no dilation here.
    kernels = w.reshape(x.shape[1], -1, *w.shape[2:]).transpose(1, 0, 2, 3) if dilation == 1 else w
    return (
        F.depthwise_convolution_2d(x, kernels, b, stride=stride, pad=pad)
        if dilation == 1
        else F.convolution_2d(x, kernels, b, stride=stride, pad=pad, dilate=dilation, groups=x.shape[1])
    )


def _deconvolved_size(
    x: Variable,
    w: Variable,
    stride: int | Sequence[int],
    pad: int | Sequence[int],
    dilation: int | Sequence[int],
    output_pad: int | Sequence[int],
) -> tuple[int, ...]:
    """The size of y: x (N, C, …), w (C, O/groups, …), and settings of one number or one per axis behind these two."""
    axes = x.ndim - 2
    steps, borders, apart, more = (
        (setting,) * axes if isinstance(setting, int) else setting for setting in (stride, pad, dilation, output_pad)
    )
    return tuple(
        steps[i] * (x.shape[2 + i] - 1) + apart[i] * (w.shape[2 + i] - 1) + 1 - 2 * borders[i] + more[i]
        for i in range(axes)
    )
