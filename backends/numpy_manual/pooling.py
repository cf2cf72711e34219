"""Pooling, which shrinks images by a maximum or a mean over windows."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def max_pool2d(x: Array, *, window: int, stride: int, pad: int = 0, cover_all: bool = False) -> tuple[Array, Backward]:
    """y = the largest element of every window, never padding. With `cover_all` the last window may reach beyond that.

    x (N, C, H, W) → y (N, C, OH, OW), OH = (H + 2·pad − window) / stride + 1, rounded down, or up with `cover_all`.
    The gradient goes to the largest element, or the first of several, row by row
    (Goodfellow et al., Deep Learning, 9.3).
    """
    if x.ndim != 4:
        raise ValueError("x must be (N, C, H, W)")
    if not x.size:
        raise ValueError("x has no elements")
    if window < 1 or stride < 1 or pad < 0:
        raise ValueError("window and stride must be at least 1, pad at least 0")
    if 2 * pad > window:
        raise ValueError("the padding must be at most half a window")
    last = pad + (stride - 1 if cover_all else 0)
    if min(x.shape[2:]) + pad + last < window:
        raise ValueError("the window is larger than the padded image")
    padded = np.pad(x, ((0, 0), (0, 0), (pad, last), (pad, last)), constant_values=-np.inf)
    windows = sliding_window_view(padded, (window, window), axis=(2, 3))[:, :, ::stride, ::stride]
    if any((count - 1) * stride >= pad + length for count, length in zip(windows.shape[2:4], x.shape[2:], strict=True)):
        raise ValueError("the last window would hold nothing but padding")
    patches = windows.reshape(*windows.shape[:4], -1)
    first = np.argmax(patches, axis=-1)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        n, c, i, j = np.indices(first.shape)
        grad_padded = np.zeros_like(padded)
        np.add.at(grad_padded, (n, c, i * stride + first // window, j * stride + first % window), grad_y)
        return (grad_padded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]],)

    return np.max(patches, axis=-1), backward


def avg_pool2d(x: Array, *, window: int, stride: int, pad: int = 0) -> tuple[Array, Backward]:
    """y = the mean of every window; the zeros of the padding count.

    x (N, C, H, W) → y (N, C, OH, OW), OH = (H + 2·pad − window) / stride + 1, rounded down.  Every element gets
    ∂L/∂y / window² from each window that it lies in  (LeCun et al. 1998, Gradient-based learning, II.B).
    """
    if x.ndim != 4:
        raise ValueError("x must be (N, C, H, W)")
    if not x.size:
        raise ValueError("x has no elements")
    if window < 1 or stride < 1 or pad < 0:
        raise ValueError("window and stride must be at least 1, pad at least 0")
    if 2 * pad > window:
        raise ValueError("the padding must be at most half a window")
    if min(x.shape[2:]) + 2 * pad < window:
        raise ValueError("the window is larger than the padded image")
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(padded, (window, window), axis=(2, 3))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        spread = np.zeros_like(grad_y, shape=windows.shape[:4])
        spread[:, :, ::stride, ::stride] = grad_y / window**2
        border = (window - 1, window - 1)
        covering = sliding_window_view(np.pad(spread, ((0, 0), (0, 0), border, border)), (window, window), axis=(2, 3))
        return (np.sum(covering, axis=(4, 5))[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]],)

    return np.mean(windows[:, :, ::stride, ::stride], axis=(4, 5)), backward
