"""Losses: one number that training makes small."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def mean_squared_error(y: Array, t: Array) -> tuple[Array, Backward]:
    """loss = Σ (y − t)² / size, the mean over all elements.

    y, t (any shape, the same) → loss ().  ∂loss/∂y = 2 (y − t) / size.
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")
    difference = y - t

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_y = grad_loss * 2 * difference / difference.size
        return grad_y, lambda: -grad_y

    return np.sum(difference * difference) / difference.size, backward


def softmax_cross_entropy(x: Array, t: Array) -> tuple[Array, Backward]:
    """loss = −mean over rows of log softmax(x)[t].

    x (N, C) scores, t (N,) integer labels → loss ().  The largest score of a row is taken off before exp, which would
    overflow.  ∂loss/∂x = (softmax(x) − onehot(t)) / N  (Goodfellow et al., Deep Learning, 6.2.2.3).
    """
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    rows = np.arange(len(t))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_x = np.exp(log_p)
        grad_x[rows, t] -= 1
        return grad_loss * grad_x / len(t), None

    return -np.mean(log_p[rows, t]), backward
