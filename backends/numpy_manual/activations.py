"""What a layer applies to each of its units."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient

KINKS: dict[str, tuple[float | str, ...]] = {"relu": (0.0,)}
"""Where the gradient of an op jumps: the values of its first input, or the names of the settings that hold them."""


def relu(x: Array) -> tuple[Array, Backward]:
    """y = max(x, 0), element by element; the gradient at exactly 0 is 0, as in the frameworks.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y where x > 0, else 0.
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(x > 0, grad_y, 0),)

    return np.maximum(x, 0), backward


def sigmoid(x: Array) -> tuple[Array, Backward]:
    """y = 1 / (1 + e⁻ˣ), element by element, written so that no exponential overflows.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·y·(1 − y)  (Goodfellow et al., Deep Learning, 3.10).
    """
    e = np.exp(-np.abs(x))
    y = np.where(x >= 0, 1, e) / (1 + e)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * y * (1 - y),)

    return y, backward


def tanh(x: Array) -> tuple[Array, Backward]:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), the hyperbolic tangent, element by element.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·(1 − y²)  (Goodfellow et al., Deep Learning, 6.3.2).
    """
    y = np.tanh(x)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * (1 - y * y),)

    return y, backward
