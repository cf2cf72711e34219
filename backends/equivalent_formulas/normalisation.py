"""Normalisations by other formulas."""

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def fixed_batch_norm_by_offset(
    x: Array, mean: Array, var: Array, gain: Array | None = None, bias: Array | None = None, *, eps: float
) -> tuple[Array, Backward]:
    """y = x·a + (bias − μ·a), where a = gain / √(σ² + eps): one product and one sum, but an error of u·μ·a near x = μ.

    The gain's gradient is divided by √(σ² + eps) once it is summed up.
    """
    axes = (0, *range(2, x.ndim))
    per_channel = (-1, *[1] * (x.ndim - 2))
    deviation = np.sqrt(var + eps)
    scale = 1 / deviation if gain is None else gain / deviation
    offset = -mean * scale if bias is None else bias - mean * scale

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            grad_y * scale.reshape(per_channel),
            None,
            None,
            None if gain is None else np.sum(grad_y * (x - mean.reshape(per_channel)), axis=axes) / deviation,
            None if bias is None else np.sum(grad_y, axis=axes),
        )

    return x * scale.reshape(per_channel) + offset.reshape(per_channel), backward


def group_norm_by_offset(
    x: Array, gain: Array | None = None, bias: Array | None = None, *, groups: int, eps: float
) -> tuple[Array, Backward]:
    """The y of fixed_batch_norm_by_offset with the statistics of each group of channels; all else as by hand."""
    _, backward = numpy_manual.group_norm(x, gain, bias, groups=groups, eps=eps)
    grouped = np.reshape(x, (len(x), groups, -1))
    mean = np.mean(grouped, axis=2, keepdims=True)
    centred = grouped - mean
    deviation = np.sqrt(np.mean(centred * centred, axis=2, keepdims=True) + eps)
    by_channel = (len(x), x.shape[1], *[1] * (x.ndim - 2))
    per_channel = (-1, *[1] * (x.ndim - 2))
    means, deviations = (
        np.reshape(np.repeat(each, x.shape[1] // groups, axis=1), by_channel) for each in (mean, deviation)
    )
    scale = 1 / deviations if gain is None else gain.reshape(per_channel) / deviations
    offset = -means * scale if bias is None else bias.reshape(per_channel) - means * scale
    return x * scale + offset, backward


def instance_norm_by_offset(
    x: Array, gain: Array | None = None, bias: Array | None = None, *, eps: float
) -> tuple[Array, Backward]:
    """The y of fixed_batch_norm_by_offset with the statistics of each channel of each example; all else as by hand."""
    _, backward = numpy_manual.instance_norm(x, gain, bias, eps=eps)
    y, _ = group_norm_by_offset(x, gain, bias, groups=x.shape[1], eps=eps)
    return y, backward


def batch_norm_by_offset(
    x: Array,
    gain: Array | None = None,
    bias: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    *,
    eps: float,
    momentum: float = 0.1,
) -> tuple[Array | tuple[Array, ...], Backward]:
    """The y of fixed_batch_norm_by_offset with the statistics of the batch; all else as by hand."""
    result, backward = numpy_manual.batch_norm(x, gain, bias, running_mean, running_var, eps=eps, momentum=momentum)
    axes = (0, *range(2, x.ndim))
    mean = np.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    deviation = np.sqrt(np.mean(centred * centred, axis=axes, keepdims=True) + eps)
    per_channel = (-1, *[1] * (x.ndim - 2))
    scale = 1 / deviation if gain is None else gain.reshape(per_channel) / deviation
    offset = -mean * scale if bias is None else bias.reshape(per_channel) - mean * scale
    y = x * scale + offset
    return (y, *result[1:]) if isinstance(result, tuple) else y, backward
