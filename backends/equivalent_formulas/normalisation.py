"""Normalisations by other formulas."""

import numpy as np

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
