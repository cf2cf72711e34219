"""Functions that are easily mistaken for a convolution or a pooling."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.numpy_manual.layers.windows import pair, windows_of
from harness.explaining.variants.variant import (
    Function,
    Variant,
    Variants,
    backward_only,
    forward_only,
    of_changed_inputs,
    with_settings,
)


def _flipped(x: Array, w: Array, *b: Array) -> tuple[Array, ...]:
    """The same inputs with every kernel turned upside down and left to right."""
    return x, np.flip(w, tuple(range(2, w.ndim))), *b


def resize_without_half_a_pixel(x: Array, *, size: tuple[int, ...], align_corners: bool) -> Array:
    """Point i of a row lies at i·H/OH, as some libraries have it (TensorFlow 1, for one)."""
    rows, columns = (
        np.maximum(1 - np.abs(np.minimum(np.arange(n)[:, None] * (old / n), old - 1) - np.arange(old)), 0)
        for n, old in zip(size, x.shape[2:], strict=True)
    )
    y: Array = rows @ x @ columns.T
    return y


def resize_side_by_side(x: Array, *, scale: int | Sequence[int]) -> Array:
    """The whole image beside itself."""
    return np.tile(x, (1, 1, *pair(scale)))


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


def avg_pool2d_by(divisor: Function) -> Function:
    """The sum over a window divided by another number, a function of the window's height."""

    def pool(x: Array, **settings: Any) -> tuple[Array, Any]:
        mean, backward = numpy_manual.avg_pool2d(x, **{**settings, "divisor": None})
        height, width = pair(settings["window"])
        factor = height * width / divisor(height)
        return mean * factor, lambda grad_y: backward(grad_y * factor)

    return pool


def max_pool2d_padded_with_zeros(x: Array, **settings: Any) -> Array:
    """Padded with 0, which wins in a window of negative elements."""
    y: Array = np.max(_patches(x, 0.0, settings), axis=-1)
    return y


def _patches(x: Array, fill: float, settings: Mapping[str, Any]) -> Array:
    """The elements of every window: (N, C, OH, OW, window's height · width)."""
    padded = np.pad(x, _border(settings), constant_values=fill)
    windows = windows_of(padded, settings["window"], settings["stride"], settings.get("dilation", 1))
    return windows.reshape(*windows.shape[:4], -1)


def _border(settings: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    """The padding of every axis, and behind it what `cover_all` adds."""
    (vertical, horizontal), (down, right) = pair(settings.get("pad", 0)), pair(settings["stride"])
    below, beside = (down - 1, right - 1) if settings.get("cover_all") else (0, 0)
    return (0, 0), (0, 0), (vertical, vertical + below), (horizontal, horizontal + beside)


def _max_pool2d_backward(weights: Function, *, overwrites: bool = False) -> Function:
    """The gradient of max_pool2d, dealt out in every window by `weights`, a function of its elements."""

    def gradients(grads: Sequence[Array], inputs: Sequence[Array], settings: Any) -> tuple[Array]:
        (grad_y,), (x,) = grads, inputs
        (down, right), (apart_down, apart_right) = pair(settings["stride"]), pair(settings.get("dilation", 1))
        share = weights(_patches(x, -np.inf, settings))
        grad_padded = np.pad(np.zeros_like(x), _border(settings))
        n, c, i, j, place = np.nonzero(share)
        row, column = np.divmod(place, pair(settings["window"])[1])
        at = (n, c, i * down + row * apart_down, j * right + column * apart_right)
        dealt = share[n, c, i, j, place] * grad_y[n, c, i, j]
        if overwrites:
            grad_padded[at] = dealt
        else:
            np.add.at(grad_padded, at, dealt)
        (vertical, horizontal), (height, width) = pair(settings.get("pad", 0)), x.shape[2:]
        return (grad_padded[:, :, vertical : vertical + height, horizontal : horizontal + width],)

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
    numpy_manual.resize_bilinear: (
        Variant("pixels lie at their own numbers, not half a pixel further", forward_only(resize_without_half_a_pixel)),
    ),
    numpy_manual.resize_nearest: (
        Variant("the image is repeated side by side, not each pixel", forward_only(resize_side_by_side)),
    ),
    numpy_manual.avg_pool2d: (
        Variant("padding does not count in the mean", with_settings(numpy_manual.avg_pool2d, count_pad=False)),
        Variant("divisor is left out", with_settings(numpy_manual.avg_pool2d, divisor=None)),
        Variant("it is the sum over a window, not the mean", avg_pool2d_by(lambda window: 1)),
        Variant("it is divided by the window's length, not by its area", avg_pool2d_by(lambda window: window)),
    ),
    numpy_manual.avg_pool1d: (
        Variant("padding does not count in the mean", with_settings(numpy_manual.avg_pool1d, count_pad=False)),
        Variant(
            "count_pad is True: padding counts in the mean", with_settings(numpy_manual.avg_pool1d, count_pad=True)
        ),
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
