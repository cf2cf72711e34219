"""Products, sums and what else is computed element by element."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def matmul(x: Array, w: Array) -> tuple[Array, Backward]:
    """y = x·w.

    x (N, D), w (D, H) → y (N, H).  ∂L/∂x = ∂L/∂y·wᵀ,  ∂L/∂w = xᵀ·∂L/∂y  (Goodfellow et al., Deep Learning, 6.5.6).
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return lambda: grad_y @ w.T, lambda: x.T @ grad_y

    return x @ w, backward


def add(x: Array, b: Array) -> tuple[Array, Backward]:
    """y = x + b, where b may be a bias that is added to every row.

    x (N, D), b (N, D) or (D,) → y (N, D).  The gradient of what was broadcast is summed over the repeated axes.
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return _sum_to_shape(grad_y, x.shape), _sum_to_shape(grad_y, b.shape)

    return x + b, backward


def _sum_to_shape(grad: Array, shape: tuple[int, ...]) -> Array:
    """Sum grad over the axes along which an array of this shape was broadcast."""
    if grad.shape == shape:
        return grad
    added = grad.ndim - len(shape)
    repeated = tuple(range(added)) + tuple(added + i for i, size in enumerate(shape) if size == 1)
    summed: Array = np.sum(grad, axis=repeated)
    return summed.reshape(shape)
