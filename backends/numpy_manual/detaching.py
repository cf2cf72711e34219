"""Ops through which no gradient passes."""

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def detach(x: Array) -> tuple[Array, Backward]:
    """y = x, and no gradient passes through: a stop-gradient.

    x (any shape) → y (the same).  y counts as data, so it contributes nothing to ∂L/∂x  (van den Oord et al. 2017,
    arXiv:1711.00937, 3.2).
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (None,)

    return x, backward
