"""Activations by other formulas."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def sigmoid_by_tanh(x: Array) -> tuple[Array, Backward]:
    """y = ½·tanh(x/2) + ½: one call of tanh, but an absolute error of u/2 where y is small."""
    y = np.tanh(x * 0.5) * 0.5 + 0.5

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * y * (1 - y),)

    return y, backward
