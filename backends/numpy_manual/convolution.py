"""Convolutions of images, and their transposes.

Convolutions in deep learning do not flip the kernel. Every output is the product of a kernel and a patch of the image,
so a layer is one matrix product of all kernels with all patches. The gradient of the image is a convolution, too: the
output's gradient, spread out by the stride and fully padded, convolved with the flipped kernels (Dumoulin & Visin 2016,
A guide to convolution arithmetic for deep learning, arXiv:1603.07285).
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def conv2d(
    x: Array, w: Array, b: Array, *, stride: int = 1, pad: int = 0, dilation: int = 1, groups: int = 1
) -> tuple[Array, Backward]:
    """y[n, o, i, j] = b[o] + Σ over c, k, l of w[o, c, k, l]·x[n, c, i·stride + k·dilation, j·stride + l·dilation].

    x (N, C, H, W), with `pad` zeros on each side, w (O, C/groups, KH, KW), b (O,) → y (N, O, OH, OW).  The first
    O/groups outputs see the first C/groups channels, and so on.  ∂L/∂w = Σ over the patches of ∂L/∂y·patch,  ∂L/∂x is
    the transposed convolution of ∂L/∂y,  ∂L/∂b = Σ over n, i, j of ∂L/∂y  (Goodfellow et al., Deep Learning, 9.5).
    """
    if x.ndim != 4 or w.ndim != 4 or b.shape != w.shape[:1]:
        raise ValueError("x must be (N, C, H, W), w (O, C/groups, KH, KW) and b (O,)")
    if not x.size:
        raise ValueError("x has no elements")
    if min(stride, dilation, groups) < 1 or pad < 0:
        raise ValueError("stride, dilation and groups must be at least 1, pad at least 0")
    if len(w) % groups or x.shape[1] != groups * w.shape[1]:
        raise ValueError("the channels of image and kernels must match for this number of groups")
    windows = _windows(np.pad(x, _border(pad)), w.shape[2:], stride, dilation)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            lambda: _transposed(grad_y, w, x.shape[2:], stride, pad, dilation, groups),
            lambda: _correlated(grad_y, windows, groups),
            np.sum(grad_y, axis=(0, 2, 3)),
        )

    return _convolved(windows, w, groups) + b.reshape(-1, 1, 1), backward


def deconv2d(x: Array, w: Array, b: Array, *, stride: int = 1, pad: int = 0) -> tuple[Array, Backward]:
    """The transposed conv2d: x[n, c, i, j]·w[c, o, k, l] is added to y[n, o, i·stride + k − pad, j·stride + l − pad].

    x (N, C, H, W), w (C, O, KH, KW), b (O,) → y (N, O, stride·(H − 1) + KH − 2·pad, …).  Its forward is conv2d's
    backward and vice versa: ∂L/∂x is the convolution of ∂L/∂y  (Dumoulin & Visin 2016, arXiv:1603.07285, chapter 4).
    """
    if x.ndim != 4 or w.ndim != 4 or x.shape[1] != w.shape[0] or b.shape != w.shape[1:2]:
        raise ValueError("x must be (N, C, H, W), w (C, O, KH, KW) and b (O,)")
    if not x.size:
        raise ValueError("x has no elements")
    if stride < 1 or pad < 0:
        raise ValueError("stride must be at least 1, pad at least 0")
    height = stride * (x.shape[2] - 1) + w.shape[2] - 2 * pad
    width = stride * (x.shape[3] - 1) + w.shape[3] - 2 * pad
    if height < 1 or width < 1:
        raise ValueError("the padding leaves nothing of y")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        windows = _windows(np.pad(grad_y, _border(pad)), w.shape[2:], stride, 1)
        return (
            lambda: _convolved(windows, w, 1),
            lambda: _correlated(x, windows, 1),
            np.sum(grad_y, axis=(0, 2, 3)),
        )

    return _transposed(x, w, (height, width), stride, pad, 1, 1) + b.reshape(-1, 1, 1), backward


def depthwise_conv2d(x: Array, w: Array, b: Array, *, stride: int = 1, pad: int = 0) -> tuple[Array, Backward]:
    """y[n, c·M + m] = x[n, c] convolved with w[c·M + m], plus b[c·M + m]: every channel by itself, with M kernels.

    x (N, C, H, W), with `pad` zeros on each side, w (C·M, 1, KH, KW), b (C·M,) → y (N, C·M, OH, OW), the M outputs of a
    channel side by side.  Gradients as those of conv2d  (Sifre 2014; Howard et al. 2017, MobileNets, arXiv:1704.04861).
    """
    if x.ndim != 4 or w.ndim != 4 or w.shape[1] != 1 or len(w) % max(x.shape[1], 1) or b.shape != w.shape[:1]:
        raise ValueError("x must be (N, C, H, W), w (C·M, 1, KH, KW) and b (C·M,)")
    if not x.size:
        raise ValueError("x has no elements")
    if stride < 1 or pad < 0:
        raise ValueError("stride must be at least 1, pad at least 0")
    windows = _windows(np.pad(x, _border(pad)), w.shape[2:], stride, 1)
    kernels = w.reshape(x.shape[1], -1, *w.shape[2:])
    y = np.einsum("ncijkl,cmkl->ncmij", windows, kernels)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            lambda: _transposed(grad_y, w, x.shape[2:], stride, pad, 1, x.shape[1]),
            lambda: np.einsum("ncijkl,ncmij->cmkl", windows, grad_y.reshape(y.shape)).reshape(w.shape),
            np.sum(grad_y, axis=(0, 2, 3)),
        )

    return y.reshape(len(x), len(w), *y.shape[3:]) + b.reshape(-1, 1, 1), backward


def _border(pad: int) -> tuple[tuple[int, int], ...]:
    """The padding of every axis: none for batch and channels, `pad` on each side of the image."""
    return (0, 0), (0, 0), (pad, pad), (pad, pad)


def _windows(x: Array, size: tuple[int, ...], stride: int, dilation: int) -> Array:
    """The patches of an image: x (N, C, H, W), size (KH, KW) → (N, C, OH, OW, KH, KW)."""
    reach = tuple(dilation * (length - 1) + 1 for length in size)
    if x.shape[2] < reach[0] or x.shape[3] < reach[1]:
        raise ValueError("the kernel is larger than the padded image")
    every = sliding_window_view(x, reach, axis=(2, 3))
    patches: Array = every[:, :, ::stride, ::stride, ::dilation, ::dilation]
    return patches


def _by_group(y: Array, groups: int) -> Array:
    """One column per position in the image: y (N, O, OH, OW) → (groups, O/groups, N·OH·OW)."""
    return np.moveaxis(y, 1, 0).reshape(groups, y.shape[1] // groups, -1)


def _patches_by_group(windows: Array, groups: int) -> Array:
    """One column per patch: windows (N, C, OH, OW, KH, KW) → (groups, C/groups·KH·KW, N·OH·OW)."""
    columns = windows.transpose(1, 4, 5, 0, 2, 3)
    return columns.reshape(groups, windows[0, :, 0, 0].size // groups, -1)


def _convolved(windows: Array, w: Array, groups: int) -> Array:
    """Every patch times every kernel of its group: w (O, C/groups, KH, KW) → (N, O, OH, OW)."""
    n, _, height, width, *_ = windows.shape
    kernels = w.reshape(groups, len(w) // groups, -1)
    y = (kernels @ _patches_by_group(windows, groups)).reshape(len(w), n, height, width)
    return np.moveaxis(y, 1, 0)


def _correlated(y: Array, windows: Array, groups: int) -> Array:
    """Every position of y times its patch: y (N, O, OH, OW), windows (N, C, OH, OW, KH, KW) → (O, C/groups, KH, KW)."""
    products = _by_group(y, groups) @ np.swapaxes(_patches_by_group(windows, groups), 1, 2)
    return products.reshape(y.shape[1], -1, *windows.shape[4:])


def _transposed(y: Array, w: Array, shape: tuple[int, ...], stride: int, pad: int, dilation: int, groups: int) -> Array:
    """Every y[n, o, i, j] times its kernel, laid over the patch that it came from.

    y (N, O, OH, OW), w (O, C/groups, KH, KW), shape (H, W) → (N, C, H, W).
    """
    down, right = (dilation * (length - 1) for length in w.shape[2:])
    height, width = shape
    spread = np.zeros_like(y, shape=(*y.shape[:2], height + 2 * pad - down, width + 2 * pad - right))
    spread[:, :, ::stride, ::stride] = y
    bordered = np.pad(spread, ((0, 0), (0, 0), (down, down), (right, right)))
    flipped = w[:, :, ::-1, ::-1].reshape(groups, len(w) // groups, *w.shape[1:])
    turned = np.swapaxes(flipped, 1, 2).reshape(-1, len(w) // groups, *w.shape[2:])
    padded = _convolved(_windows(bordered, w.shape[2:], 1, dilation), turned, groups)
    return padded[:, :, pad : pad + height, pad : pad + width]
