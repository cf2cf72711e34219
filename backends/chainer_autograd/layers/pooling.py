"""Pooling, which shrinks images by a maximum or a mean over windows."""

from collections.abc import Sequence

import numpy as np

from backends.chainer_autograd.arithmetic.reductions import reduce_max
from backends.chainer_autograd.framework import F, Variable


def max_pool2d(
    x: Variable,
    *,
    window: int | Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    cover_all: bool = False,
) -> Variable:
    """y = the largest element of every window.  x (N, C, H, W) → y (N, C, OH, OW)."""
    # Chainer's default is to cover all, and it has no dilation.
    return (
        F.max_pooling_2d(x, window, stride, pad, cover_all)
        if dilation == 1
        else _dilated_maximum(x, window, stride, pad, dilation, cover_all)
    )


def avg_pool2d(
    x: Variable,
    *,
    window: int | Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int] = 0,
    cover_all: bool = False,
    count_pad: bool = True,
    divisor: int | None = None,
) -> Variable:
    """y = the mean of every window, padding included or not.  x (N, C, H, W) → y (N, C, OH, OW)."""
    # Chainer counts padding, and doesn't cover all.
    return (
        F.average_pooling_2d(x, window, stride, pad)
        if count_pad and not cover_all and divisor is None
        else _counted_mean(x, window, stride, pad, cover_all, count_pad, divisor)
    )


def max_pool1d(
    x: Variable, *, window: int, stride: int, pad: int = 0, dilation: int = 1, cover_all: bool = False
) -> Variable:
    """y = the largest element of every window.  x (N, C, L) → y (N, C, OL)."""
    # Chainer's default is to cover all, and it has no dilation.
    return (
        F.max_pooling_1d(x, window, stride, pad, cover_all)
        if dilation == 1
        else _dilated_maximum(x[:, :, None], (1, window), (1, stride), (0, pad), (1, dilation), cover_all)[:, :, 0]
    )


def avg_pool1d(
    x: Variable, *, window: int, stride: int, pad: int = 0, cover_all: bool = False, count_pad: bool = True
) -> Variable:
    """y = the mean of every window, padding included or not.  x (N, C, L) → y (N, C, OL)."""
    # Chainer counts padding, and doesn't cover all.
    return (
        F.average_pooling_1d(x, window, stride, pad)
        if count_pad and not cover_all
        else _counted_mean(x[:, :, None], (1, window), (1, stride), (0, pad), cover_all, count_pad)[:, :, 0]
    )


def _dilated_maximum(
    x: Variable,
    window: int | Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int],
    dilation: int | Sequence[int],
    cover_all: bool,
) -> Variable:
    """The largest element of every patch. F.im2col pads with 0, so the padding is put on before."""
    steps, zeros = np.broadcast_to(stride, 2), np.broadcast_to(pad, 2)
    beyond = zeros + (steps - 1 if cover_all else 0)
    padded = F.pad(x, ((0, 0), (0, 0), *zip(zeros, beyond, strict=True)), "constant", constant_values=-np.inf)
    patches = F.im2col(padded, window, stride, dilate=dilation)
    return reduce_max(F.reshape(patches, (len(x), x.shape[1], -1, *patches.shape[2:])), axis=2)


def _counted_mean(
    x: Variable,
    window: int | Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int],
    cover_all: bool,
    count_pad: bool,
    divisor: int | None = None,
) -> Variable:
    """The sum over every patch, divided by how many of its elements count, or by a divisor."""
    patches = F.im2col(x, window, stride, pad, cover_all)
    total = F.sum(F.reshape(patches, (len(x), x.shape[1], -1, *patches.shape[2:])), axis=2)
    if divisor is not None:
        return total / divisor
    border = ((0, 0), (0, 0), *((zeros, zeros) for zeros in np.broadcast_to(pad, 2)))
    counted = np.pad(np.ones((1, 1, *x.shape[2:]), x.dtype), border, constant_values=1 if count_pad else 0)
    counts = F.im2col(counted, window, stride, 0, cover_all).array.sum(axis=1, keepdims=True)
    return total / np.broadcast_to(counts, total.shape)
