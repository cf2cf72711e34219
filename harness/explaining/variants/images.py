"""Functions that are easily mistaken for a convolution or a pooling."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import (
    Function,
    Variant,
    Variants,
    backward_only,
    forward_only,
    of_changed_inputs,
)


def _flipped(x: Array, w: Array, *b: Array) -> tuple[Array, ...]:
    """The same inputs with every kernel turned upside down and left to right."""
    return x, np.flip(w, tuple(range(2, w.ndim))), *b


def _by_multiplier(kernels: int, channels: int) -> Array:
    """Where the kernels c·M + m are if weights have the multiplier first: m·C + c."""
    return np.arange(kernels).reshape(-1, channels).T.reshape(-1)


def depthwise_of_far_kernels(x: Array, w: Array, *b: Array, **settings: Any) -> Array:
    """Kernel m·C + c is that of channel c (Chainer's weights, reshaped)."""
    y, _ = numpy_manual.depthwise_conv2d(x, w[_by_multiplier(len(w), x.shape[1])], *b, **settings)
    return y


def depthwise_by_multiplier(x: Array, w: Array, *b: Array, **settings: Any) -> Array:
    """Output m·C + c is that of channel c, with the kernel and the bias of this number."""
    order = _by_multiplier(len(w), x.shape[1])
    y, _ = numpy_manual.depthwise_conv2d(x, w[order], *(shift[order] for shift in b), **settings)
    y[:, order] = y.copy()
    return y


def avg_pool2d_without_padding(x: Array, *, window: int, stride: int, pad: int = 0) -> tuple[Array, Any]:
    """The mean over the elements of a window that are not padding (PyTorch's count_include_pad=False)."""
    mean, backward = numpy_manual.avg_pool2d(x, window=window, stride=stride, pad=pad)
    share, _ = numpy_manual.avg_pool2d(np.ones_like(x), window=window, stride=stride, pad=pad)
    return mean / share, lambda grad_y: backward(grad_y / share)


def avg_pool2d_by(divisor: Function) -> Function:
    """The sum over a window divided by another number, a function of the window's length."""

    def pool(x: Array, *, window: int, stride: int, pad: int = 0) -> tuple[Array, Any]:
        mean, backward = numpy_manual.avg_pool2d(x, window=window, stride=stride, pad=pad)
        factor = window**2 / divisor(window)
        return mean * factor, lambda grad_y: backward(grad_y * factor)

    return pool


def max_pool2d_padded_with_zeros(x: Array, *, window: int, stride: int, pad: int = 0, cover_all: bool = False) -> Array:
    """Padded with 0, which wins in a window of negative elements."""
    y: Array = np.max(_patches(x, 0.0, window, stride, pad, cover_all), axis=-1)
    return y


def _patches(x: Array, fill: float, window: int, stride: int, pad: int, cover_all: bool) -> Array:
    """The elements of every window: (N, C, OH, OW, window²)."""
    last = pad + (stride - 1 if cover_all else 0)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, last), (pad, last)), constant_values=fill)
    windows = sliding_window_view(padded, (window, window), axis=(2, 3))[:, :, ::stride, ::stride]
    return windows.reshape(*windows.shape[:4], -1)


def _max_pool2d_backward(weights: Function, *, overwrites: bool = False) -> Function:
    """The gradient of max_pool2d, dealt out in every window by `weights`, a function of its elements."""

    def gradients(grads: Sequence[Array], inputs: Sequence[Array], settings: Any) -> tuple[Array]:
        (grad_y,), (x,) = grads, inputs
        window, stride, pad = settings["window"], settings["stride"], settings.get("pad", 0)
        cover_all = settings.get("cover_all", False)
        patches = _patches(x, -np.inf, window, stride, pad, cover_all)
        share = weights(patches)
        last = pad + (stride - 1 if cover_all else 0)
        height, width = x.shape[2:]
        grad_padded = np.zeros_like(x, shape=(*x.shape[:2], height + pad + last, width + pad + last))
        n, c, i, j, place = np.nonzero(share)
        at = (n, c, i * stride + place // window, j * stride + place % window)
        dealt = share[n, c, i, j, place] * grad_y[n, c, i, j]
        if overwrites:
            grad_padded[at] = dealt
        else:
            np.add.at(grad_padded, at, dealt)
        return (grad_padded[:, :, pad : pad + height, pad : pad + width],)

    return backward_only(numpy_manual.max_pool2d, gradients)


def _all_largest(patches: Array) -> Array:
    return np.where(patches == np.max(patches, axis=-1, keepdims=True), 1.0, 0.0)


def _shared(patches: Array) -> Array:
    largest = _all_largest(patches)
    shared: Array = largest / np.sum(largest, axis=-1, keepdims=True)
    return shared


def _one(patches: Array, place: Array) -> Array:
    return np.where(np.arange(patches.shape[-1]) == place[..., None], 1.0, 0.0)


def _last(patches: Array) -> Array:
    return _one(patches, patches.shape[-1] - 1 - np.argmax(patches[..., ::-1], axis=-1))


def _first(patches: Array) -> Array:
    return _one(patches, np.argmax(patches, axis=-1))


IMAGES: Variants = {
    numpy_manual.conv2d: (
        Variant(
            "the kernels are flipped, as in a convolution of mathematics",
            of_changed_inputs(numpy_manual.conv2d, _flipped),
        ),
    ),
    numpy_manual.conv1d: (
        Variant(
            "the kernels are flipped, as in a convolution of mathematics",
            of_changed_inputs(numpy_manual.conv1d, _flipped),
        ),
    ),
    numpy_manual.deconv2d: (
        Variant("the kernels are turned round", of_changed_inputs(numpy_manual.deconv2d, _flipped)),
    ),
    numpy_manual.deconv1d: (
        Variant("the kernels are turned round", of_changed_inputs(numpy_manual.deconv1d, _flipped)),
    ),
    numpy_manual.depthwise_conv2d: (
        Variant(
            "the kernels are flipped, as in a convolution of mathematics",
            of_changed_inputs(numpy_manual.depthwise_conv2d, _flipped),
        ),
        Variant(
            "kernel m·C + c is taken for that of channel c", forward_only(depthwise_of_far_kernels), "depthwise_weights"
        ),
        Variant(
            "output m·C + c is taken for that of channel c", forward_only(depthwise_by_multiplier), "depthwise_weights"
        ),
    ),
    numpy_manual.avg_pool2d: (
        Variant("padding does not count in the mean", avg_pool2d_without_padding),
        Variant("it is the sum over a window, not the mean", avg_pool2d_by(lambda window: 1)),
        Variant("it is divided by the window's length, not by its area", avg_pool2d_by(lambda window: window)),
    ),
    numpy_manual.max_pool2d: (
        Variant("the padding is 0, not -inf", forward_only(max_pool2d_padded_with_zeros)),
        Variant("each of several largest elements gets the whole gradient", _max_pool2d_backward(_all_largest)),
        Variant("several largest elements share the gradient", _max_pool2d_backward(_shared)),
        Variant("the last of several largest elements gets the gradient", _max_pool2d_backward(_last)),
        Variant(
            "where windows overlap, only the gradient of the last is kept, = for +=",
            _max_pool2d_backward(_first, overwrites=True),
        ),
    ),
}
"""The convolutions and poolings that are easily mistaken for another function."""
