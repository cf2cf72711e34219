"""Ops that are easily mistaken for one of the suite's, written by hand with its signature. Most lack a backward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backends import numpy_manual
from backends.contract import Array

Op = Callable[..., Any]
Deviation = Callable[[Array, int, float], Array]
"""The divisor of a normalisation, from the variance, the number of values behind it, and eps."""


def _forward(function: Callable[..., Any]) -> Op:
    """An op without a backward, from its forward."""

    def op(*inputs: Any, **settings: Any) -> Any:
        return function(*inputs, **settings), None

    return op


def _of_changed_inputs(op: Op, change: Callable[..., tuple[Any, ...]]) -> Op:
    """An op that runs on changed inputs. Its gradients are those towards the changed inputs."""

    def changed(*inputs: Any, **settings: Any) -> Any:
        return op(*change(*inputs), **settings)

    return changed


def gelu_by_sigmoid(x: Array) -> Array:
    """x·σ(1.702·x), the other approximation (Hendrycks & Gimpel 2016, arXiv:1606.08415)."""
    y: Array = x * numpy_manual.sigmoid(1.702 * x)[0]
    return y


def steeper_hard_sigmoid(x: Array) -> tuple[Array, Any]:
    """x/6 + ½ between 0 and 1 (PyTorch's hardsigmoid)."""
    return np.clip(x / 6 + 0.5, 0, 1), lambda grad_y: (np.where(np.abs(x) < 3, grad_y / 6, 0),)


def overflowing_sigmoid(x: Array) -> Array:
    """eˣ / (1 + eˣ), which is NaN where eˣ overflows."""
    y: Array = np.exp(x) / (1 + np.exp(x))
    return y


def overflowing_tanh(x: Array) -> Array:
    """(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), which is NaN where an exponential overflows."""
    y: Array = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
    return y


def _unbiased(var: Array, count: int, eps: float) -> Array:
    return np.sqrt(var * count / (count - 1) + eps)


def _with_eps_outside(var: Array, _: int, eps: float) -> Array:
    return np.sqrt(var) + eps


def _normalised(x: Array, axes: tuple[int, ...], deviation: Deviation, eps: float) -> Array:
    centred = x - np.mean(x, axis=axes, keepdims=True)
    var = np.mean(centred * centred, axis=axes, keepdims=True)
    n: Array = centred / deviation(var, x.size // var.size, eps)
    return n


def _layer_norm(deviation: Deviation) -> Op:
    return _forward(lambda x, gain, bias, *, eps: _normalised(x, (1,), deviation, eps) * gain + bias)


def _group_norm(deviation: Deviation) -> Op:
    def group_norm(x: Array, gain: Array, bias: Array, *, groups: int, eps: float) -> Array:
        n = _normalised(x.reshape(len(x), groups, -1), (2,), deviation, eps).reshape(x.shape)
        return n * gain.reshape(-1, 1, 1) + bias.reshape(-1, 1, 1)

    return _forward(group_norm)


def _batch_norm(deviation: Deviation) -> Op:
    def batch_norm(x: Array, gain: Array, bias: Array, *_: Array, eps: float, momentum: float) -> Array:
        return _by_channel(_normalised(x, (0, *range(2, x.ndim)), deviation, eps), gain, bias)

    return _forward(batch_norm)


def _by_channel(n: Array, gain: Array, bias: Array) -> Array:
    shape = (-1, *[1] * (n.ndim - 2))
    y: Array = n * gain.reshape(shape) + bias.reshape(shape)
    return y


def batch_norm_in_inference(
    x: Array, gain: Array, bias: Array, running_mean: Array, running_var: Array, *, eps: float, momentum: float
) -> Array:
    """Normalise by the running statistics."""
    shape = (-1, *[1] * (x.ndim - 2))
    n = (x - running_mean.reshape(shape)) / np.sqrt(running_var.reshape(shape) + eps)
    return _by_channel(n, gain, bias)


def batch_norm_of_biased_variance(
    x: Array, gain: Array, bias: Array, running_mean: Array, running_var: Array, *, eps: float, momentum: float
) -> tuple[Array, Array, Array]:
    """Update the running variance with the batch's sum of squares divided by M, not by M − 1."""
    axes = (0, *range(2, x.ndim))
    (y, new_mean, _), _ = numpy_manual.batch_norm(x, gain, bias, running_mean, running_var, eps=eps, momentum=momentum)
    return y, new_mean, (1 - momentum) * running_var + momentum * np.var(x, axis=axes)


def avg_pool2d_without_padding(x: Array, *, window: int, stride: int, pad: int = 0) -> Array:
    """The mean over the elements of a window that are not padding (PyTorch's count_include_pad=False)."""
    mean, _ = numpy_manual.avg_pool2d(x, window=window, stride=stride, pad=pad)
    share, _ = numpy_manual.avg_pool2d(np.ones_like(x), window=window, stride=stride, pad=pad)
    return mean / share


def max_pool2d_padded_with_zeros(x: Array, *, window: int, stride: int, pad: int = 0, cover_all: bool = False) -> Array:
    """Padded with 0, which wins in a window of negative elements."""
    last = pad + (stride - 1 if cover_all else 0)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, last), (pad, last)))
    windows = sliding_window_view(padded, (window, window), axis=(2, 3))[:, :, ::stride, ::stride]
    y: Array = np.max(windows, axis=(4, 5))
    return y


def cross_entropy_by_weights(x: Array, t: Array, *, class_weight: Sequence[float]) -> Array:
    """Divided by the sum of the rows' weights, not by the number of rows (PyTorch's default)."""
    loss, _ = numpy_manual.weighted_softmax_cross_entropy(x, t, class_weight=class_weight)
    mean: Array = loss * len(t) / np.sum(np.array(class_weight)[t])
    return mean


def cross_entropy_smoothed_over_others(x: Array, t: Array, *, smoothing: float) -> Array:
    """The smoothing is spread over the C − 1 other classes only."""
    log_p, rows = numpy_manual.log_softmax(x)[0], np.arange(len(t))
    others = (np.sum(log_p, axis=1) - log_p[rows, t]) / (x.shape[1] - 1)
    loss: Array = -np.mean((1 - smoothing) * log_p[rows, t] + smoothing * others)
    return loss


def squared_hinge(x: Array, t: Array) -> Array:
    """The sum of the squared margins (Chainer's norm="L2")."""
    s = x * np.where(np.arange(x.shape[1]) == t[:, None], -1, 1)
    loss: Array = np.sum(np.maximum(1 + s, 0) ** 2) / len(t)
    return loss


def hinge_against_right_class(x: Array, t: Array) -> Array:
    """The margins of the other classes over the right one, averaged over all classes (PyTorch's multi_margin_loss)."""
    rows = np.arange(len(t))
    excess = np.maximum(1 + x - x[rows, t][:, None], 0)
    excess[rows, t] = 0
    loss: Array = np.sum(excess) / x.size
    return loss


def triplet_of_distances(anchor: Array, positive: Array, negative: Array, *, margin: float) -> Array:
    """Without squaring the distances (PyTorch's triplet_margin_loss)."""
    near, far = (np.sqrt(np.sum((anchor - other + 1e-6) ** 2, axis=1)) for other in (positive, negative))
    loss: Array = np.mean(np.maximum(near - far + margin, 0))
    return loss


def gru_reset_after_product(x: Array, h: Array, w_x: Array, w_h: Array, b: Array) -> tuple[Array, Any]:
    """r·(h·u_n) instead of (r·h)·u_n: the other GRU, without its second bias."""
    return numpy_manual.gru_reset_after(x, h, w_x, w_h, b, np.zeros_like(b))


def _lstm(order: tuple[int, ...]) -> Op:
    """An LSTM whose gates are in another order of columns than i, f, g, o."""

    def in_order(array: Array) -> Array:
        gates = np.split(array, 4, axis=-1)
        return np.concatenate([gates[k] for k in order], axis=-1)

    return _of_changed_inputs(
        numpy_manual.lstm, lambda x, h, c, w_x, w_h, b: (x, h, c, in_order(w_x), in_order(w_h), in_order(b))
    )


OP_VARIANTS: dict[Op, dict[str, Op]] = {
    numpy_manual.relu: {
        "it is relu6, which is cut off at 6": lambda x: numpy_manual.clipped_relu(x, ceiling=6.0),
        "it is leaky_relu with a slope of 0.01": lambda x: numpy_manual.leaky_relu(x, slope=0.01),
    },
    numpy_manual.sigmoid: {"exp(x) / (1 + exp(x)) overflows": _forward(overflowing_sigmoid)},
    numpy_manual.tanh: {"(exp(x) - exp(-x)) / (exp(x) + exp(-x)) overflows": _forward(overflowing_tanh)},
    numpy_manual.gelu: {
        "it is gelu by tanh": numpy_manual.gelu_tanh,
        "it is gelu by a sigmoid, x·sigmoid(1.702·x)": _forward(gelu_by_sigmoid),
    },
    numpy_manual.gelu_tanh: {"it is the exact gelu, by erf": numpy_manual.gelu},
    numpy_manual.swish: {"it is gelu by a sigmoid, x·sigmoid(1.702·x)": _forward(gelu_by_sigmoid)},
    numpy_manual.hard_sigmoid: {"its slope is 1/6, not 1/5": steeper_hard_sigmoid},
    numpy_manual.layer_norm: {
        "the variance is divided by D - 1, not by D": _layer_norm(_unbiased),
        "eps is added outside of the root": _layer_norm(_with_eps_outside),
    },
    numpy_manual.group_norm: {
        "the variance is divided by one less than the number of values": _group_norm(_unbiased),
        "eps is added outside of the root": _group_norm(_with_eps_outside),
    },
    numpy_manual.batch_norm: {
        "the batch is normalised by the variance divided by M - 1, not by M": _batch_norm(_unbiased),
        "eps is added outside of the root": _batch_norm(_with_eps_outside),
        "it normalises by the running statistics, as in inference": _forward(batch_norm_in_inference),
        "the running variance follows that divided by M, not by M - 1": _forward(batch_norm_of_biased_variance),
    },
    numpy_manual.avg_pool2d: {"padding does not count in the mean": _forward(avg_pool2d_without_padding)},
    numpy_manual.max_pool2d: {"the padding is 0, not -inf": _forward(max_pool2d_padded_with_zeros)},
    numpy_manual.softmax_cross_entropy: {
        "softmax is applied twice": _forward(
            lambda x, t: numpy_manual.softmax_cross_entropy(numpy_manual.softmax(x)[0], t)[0]
        ),
    },
    numpy_manual.sigmoid_cross_entropy: {
        "sigmoid is applied twice": _forward(
            lambda x, t: numpy_manual.sigmoid_cross_entropy(numpy_manual.sigmoid(x)[0], t)[0]
        ),
    },
    numpy_manual.weighted_softmax_cross_entropy: {
        "it is divided by the sum of the weights, not by the number of rows": _forward(cross_entropy_by_weights),
    },
    numpy_manual.smoothed_softmax_cross_entropy: {
        "the smoothing is spread over the other classes only": _forward(cross_entropy_smoothed_over_others),
    },
    numpy_manual.hinge: {
        "the margins are squared": _forward(squared_hinge),
        "every class is compared with the right one, as in multi_margin_loss": _forward(hinge_against_right_class),
    },
    numpy_manual.triplet: {"the distances are not squared": _forward(triplet_of_distances)},
    numpy_manual.lstm: {
        "the gates are taken in the order i, f, o, g": _lstm((0, 1, 3, 2)),
        "the gates are taken in the order f, i, g, o": _lstm((1, 0, 2, 3)),
    },
    numpy_manual.gru_reset_before: {"the reset gate is applied after the product": gru_reset_after_product},
}
"""By the hand-written op: its variants, each under what it does differently."""
