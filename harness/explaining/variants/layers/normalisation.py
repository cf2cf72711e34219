"""Normalisations with another divisor, other running statistics or another eps."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import Function, Variant, Variants, forward_only, with_settings

Deviation = Callable[[Array, int, float], Array]
"""A number from the variance, the number of values behind it, and eps: the divisor of a normalisation, for instance."""


def _unbiased(var: Array, count: int, eps: float) -> Array:
    return np.sqrt(var * count / (count - 1) + eps)


def _with_eps_outside(var: Array, _: int, eps: float) -> Array:
    return np.sqrt(var) + eps


def _normalised(x: Array, axes: tuple[int, ...], deviation: Deviation, eps: float) -> Array:
    centred = x - np.mean(x, axis=axes, keepdims=True)
    var = np.mean(centred * centred, axis=axes, keepdims=True)
    n: Array = centred / deviation(var, x.size // var.size, eps)
    return n


def _layer_norm(deviation: Deviation) -> Function:
    def layer_norm(x: Array, *parts: Array, eps: float, axis: int | tuple[int, ...] = -1) -> Array:
        axes = (axis,) if isinstance(axis, int) else axis
        return _scaled(_normalised(x, axes, deviation, eps), parts)

    return forward_only(layer_norm)


def norm_of_columns(x: Array, *parts: Array, eps: float, axis: int | tuple[int, ...] = -1) -> Array:
    """Normalise every column."""
    return _scaled(_normalised(x, (0,), lambda var, count, eps: np.sqrt(var + eps), eps), parts)


def _group_norm(deviation: Deviation) -> Function:
    def group_norm(x: Array, *parts: Array, groups: int, eps: float) -> Array:
        n = _normalised(x.reshape(len(x), groups, -1), (2,), deviation, eps).reshape(x.shape)
        return _by_channel(n, parts)

    return forward_only(group_norm)


def _instance_norm(deviation: Deviation, *, over_batch: bool = False) -> Function:
    def instance_norm(x: Array, *parts: Array, eps: float) -> Array:
        axes = (0,) * over_batch + tuple(range(2, x.ndim))
        return _by_channel(_normalised(x, axes, deviation, eps), parts)

    return forward_only(instance_norm)


def _biased(var: Array, _: int, eps: float) -> Array:
    deviation: Array = np.sqrt(var + eps)
    return deviation


def rms_norm_with_eps_outside(x: Array, *parts: Array, eps: float) -> Array:
    """The root is taken before eps is added."""
    return _scaled(x / (np.sqrt(np.mean(x * x, axis=-1, keepdims=True)) + eps), parts)


def weight_norm_with_eps(v: Array, g: Array) -> Array:
    """g·v / (‖v‖ + 10⁻⁵) by row."""
    each = (-1, *[1] * (v.ndim - 1))
    length = np.sqrt(np.sum(v * v, axis=tuple(range(1, v.ndim)), keepdims=True))
    y: Array = g.reshape(each) * v / (length + 1e-5)
    return y


def weight_norm_of_whole(v: Array, g: Array) -> Array:
    """One length for all rows."""
    w: Array = g.reshape(-1, *[1] * (v.ndim - 1)) * v / np.sqrt(np.sum(v * v))
    return w


def _batch_norm(deviation: Deviation) -> Function:
    def batch_norm(x: Array, *parts: Array, eps: float, momentum: float = 0.1) -> Array:
        return _by_channel(_normalised(x, (0, *range(2, x.ndim)), deviation, eps), parts[:2])

    return forward_only(batch_norm)


def _fixed_batch_norm(deviation: Callable[[Array, float], Array]) -> Function:
    """Batch normalisation by given statistics, divided by a function of the variance and eps."""

    def fixed_batch_norm(x: Array, mean: Array, var: Array, *parts: Array, eps: float) -> Array:
        shape = (-1, *[1] * (x.ndim - 2))
        return _by_channel((x - mean.reshape(shape)) / deviation(var, eps).reshape(shape), parts)

    return forward_only(fixed_batch_norm)


def fixed_batch_norm_in_training(x: Array, mean: Array, var: Array, *parts: Array, eps: float) -> Any:
    """Normalise by the statistics of the batch."""
    y, backward = numpy_manual.batch_norm(x, *parts, eps=eps)

    def with_statistics(grad_y: Array) -> tuple[Any, ...]:
        grad_x, grad_gain, grad_bias, *_ = backward(grad_y)
        return grad_x, None, None, grad_gain, grad_bias

    return y, with_statistics


def _by_channel(n: Array, parts: Sequence[Array]) -> Array:
    """gain·n + bias by channel, as far as they are given."""
    return _scaled(n, [part.reshape(-1, *[1] * (n.ndim - 2)) for part in parts])


def _scaled(n: Array, parts: Sequence[Array]) -> Array:
    """gain·n + bias, as far as they are given."""
    y = n * parts[0] if parts else n
    return y + parts[1] if len(parts) > 1 else y


def _with_running(function: Function) -> Function:
    """Batch normalisation that differs in what it does with running statistics; it refuses to run without them."""

    def batch_norm(x: Array, *others: Array, eps: float, momentum: float = 0.1) -> Any:
        if len(others) < 4:
            raise ValueError("there are no running statistics")
        return function(x, *others, eps=eps, momentum=momentum)

    return batch_norm


def batch_norm_in_inference(
    x: Array, gain: Array, bias: Array, running_mean: Array, running_var: Array, *, eps: float, momentum: float
) -> Array:
    """Normalise by the running statistics."""
    shape = (-1, *[1] * (x.ndim - 2))
    n = (x - running_mean.reshape(shape)) / np.sqrt(running_var.reshape(shape) + eps)
    return _by_channel(n, (gain, bias))


def batch_norm_around_running_mean(
    x: Array, gain: Array, bias: Array, running_mean: Array, running_var: Array, *, eps: float, momentum: float
) -> Array:
    """The running mean is taken off, and the variance is around it."""
    centred = x - running_mean.reshape(-1, *[1] * (x.ndim - 2))
    var = np.mean(centred * centred, axis=(0, *range(2, x.ndim)), keepdims=True)
    return _by_channel(centred / np.sqrt(var + eps), (gain, bias))


def _with_running_variance(follow: Deviation) -> Function:
    """Batch normalisation whose running variance follows a function of the batch's, divided by M, of M and of eps."""

    def batch_norm(
        x: Array, gain: Array, bias: Array, running_mean: Array, running_var: Array, *, eps: float, momentum: float
    ) -> Any:
        outputs, backward = numpy_manual.batch_norm(
            x, gain, bias, running_mean, running_var, eps=eps, momentum=momentum
        )
        followed = follow(np.var(x, axis=(0, *range(2, x.ndim))), x.size // x.shape[1], eps)
        return (outputs[0], outputs[1], (1 - momentum) * running_var + momentum * followed), backward

    return _with_running(batch_norm)


def batch_norm_of_kept_share(*inputs: Array, eps: float, momentum: float) -> Any:
    """momentum is the share of the running statistics that is kept (Chainer's decay)."""
    return numpy_manual.batch_norm(*inputs, eps=eps, momentum=1 - momentum)


def local_response_norm_of_mean(x: Array, *, n: int, k: float, alpha: float, beta: float) -> Any:
    """The mean of squares over the n channels in place of their sum (PyTorch's)."""
    return numpy_manual.local_response_norm(x, n=n, k=k, alpha=alpha / n, beta=beta)


def _eps(op: Function, eps: float, whose: str, difference: str) -> Variant:
    return Variant(f"eps is {eps:g}, {whose}", with_settings(op, eps=eps), difference)


NORMALISATIONS: Variants = {
    numpy_manual.layer_norm: (
        Variant("the variance is divided by D - 1, not by D", _layer_norm(_unbiased)),
        Variant("eps is added outside of the root", _layer_norm(_with_eps_outside)),
        Variant("mean and variance are those of a column, as in batch normalisation", forward_only(norm_of_columns)),
        _eps(
            numpy_manual.layer_norm, 1e-5, "the default of PyTorch and of Chainer's function", "layer_normalization_eps"
        ),
        _eps(numpy_manual.layer_norm, 1e-6, "the default of Chainer's link", "layer_normalization_eps"),
    ),
    numpy_manual.group_norm: (
        Variant("the variance is divided by one less than the number of values", _group_norm(_unbiased)),
        Variant("eps is added outside of the root", _group_norm(_with_eps_outside)),
    ),
    numpy_manual.instance_norm: (
        Variant("the variance is divided by one less than the number of values", _instance_norm(_unbiased)),
        Variant("eps is added outside of the root", _instance_norm(_with_eps_outside)),
        Variant("mean and variance are those of the whole batch", _instance_norm(_biased, over_batch=True)),
    ),
    numpy_manual.rms_norm: (
        Variant("eps is added outside of the root", forward_only(rms_norm_with_eps_outside)),
        Variant("the mean is subtracted first, as in layer normalisation", numpy_manual.layer_norm),
    ),
    numpy_manual.weight_norm: (
        Variant("the length is that of the whole weight, not of each row", forward_only(weight_norm_of_whole)),
        Variant(
            "eps is added to the length, 1e-05 as by default in Chainer's F.normalize",
            forward_only(weight_norm_with_eps),
            "normalize_eps",
        ),
    ),
    numpy_manual.batch_norm: (
        Variant("the batch is normalised by the variance divided by M - 1, not by M", _batch_norm(_unbiased)),
        Variant("eps is added outside of the root", _batch_norm(_with_eps_outside)),
        Variant(
            "it normalises by the running statistics, as in inference",
            _with_running(forward_only(batch_norm_in_inference)),
        ),
        Variant(
            "the running variance follows that divided by M, not by M - 1",
            _with_running_variance(lambda var, count, eps: var),
        ),
        Variant(
            "the running variance follows the deviation",
            _with_running_variance(lambda var, count, eps: np.sqrt(var + eps)),
        ),
        Variant(
            "the running mean is taken off, not the batch's",
            _with_running(forward_only(batch_norm_around_running_mean)),
        ),
        Variant(
            "eps gets into the running variance",
            _with_running_variance(lambda var, count, eps: (var + eps) * count / (count - 1)),
        ),
        Variant(
            "momentum is the share of the running statistics that is kept, not the batch's",
            _with_running(batch_norm_of_kept_share),
            "batch_normalization_decay",
        ),
        _eps(numpy_manual.batch_norm, 1e-5, "PyTorch's default", "batch_normalization_eps"),
        _eps(numpy_manual.batch_norm, 2e-5, "Chainer's default", "batch_normalization_eps"),
    ),
    numpy_manual.fixed_batch_norm: (
        Variant("it normalises by the statistics of the batch, as in training", fixed_batch_norm_in_training),
        Variant("eps is added outside of the root", _fixed_batch_norm(lambda var, eps: np.sqrt(var) + eps)),
        Variant("the variance is taken for the deviation", _fixed_batch_norm(lambda var, eps: var + eps)),
        _eps(numpy_manual.fixed_batch_norm, 1e-5, "PyTorch's default", "batch_normalization_eps"),
        _eps(numpy_manual.fixed_batch_norm, 2e-5, "Chainer's default", "batch_normalization_eps"),
    ),
    numpy_manual.local_response_norm: (
        Variant(
            "alpha is divided by the number of channels", local_response_norm_of_mean, "local_response_normalization"
        ),
    ),
}
"""The normalisations that are easily mistaken for another function."""
