"""Layers that give their units a mean of 0 and a variance of 1."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def layer_norm(x: Array, gain: Array, bias: Array, *, eps: float) -> tuple[Array, Backward]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, where μ is the mean of a row and σ² its variance, divided by D.

    x (N, D), gain (D,), bias (D,) → y (N, D).  With n = (x − μ) / √(σ² + eps) and ∂L/∂n = ∂L/∂y·gain,
    ∂L/∂x = (∂L/∂n − mean(∂L/∂n) − n·mean(∂L/∂n·n)) / √(σ² + eps)  (Ba et al. 2016, arXiv:1607.06450).
    """
    centred = x - np.mean(x, axis=1, keepdims=True)
    deviation = np.sqrt(np.mean(centred * centred, axis=1, keepdims=True) + eps)
    n = centred / deviation

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_n = grad_y * gain
        along_n = np.mean(grad_n * n, axis=1, keepdims=True)
        grad_x = (grad_n - np.mean(grad_n, axis=1, keepdims=True) - n * along_n) / deviation
        return grad_x, np.sum(grad_y * n, axis=0), np.sum(grad_y, axis=0)

    return n * gain + bias, backward
