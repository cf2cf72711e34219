"""Losses by other formulas."""

import numpy as np

from backends.contract import Array
from backends.equivalent_formulas.activations import sigmoid_by_tanh
from backends.numpy_manual.gradients import Backward, Gradient


def sigmoid_cross_entropy_by_tanh(x: Array, t: Array) -> tuple[Array, Backward]:
    """sigmoid_cross_entropy, its gradient with ½·tanh(x/2) + ½: an absolute error of u/2 where σ(x) − t is small."""
    each = np.maximum(np.where(t == 1, -x, x), 0) + np.log1p(np.exp(-np.abs(x)))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        y, _ = sigmoid_by_tanh(x)
        return grad_loss * np.where(t == 1, y - 1, y) / y.size, None

    return np.sum(each) / each.size, backward


def sigmoid_cross_entropy_by_log_sigmoid(x: Array, t: Array) -> tuple[Array, Backward]:
    """(1 − t)·x − log σ(x), whose terms cancel for t = 0 and very negative x; its gradient is (1 − t) − σ(−x)."""
    e = np.exp(-np.abs(x))
    each = np.where(t == 1, 0, x) - (np.minimum(x, 0) - np.log1p(e))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        y = np.where(x >= 0, e, 1) / (1 + e)
        return grad_loss * np.where(t == 1, -y, 1 - y) / y.size, None

    return np.sum(each) / each.size, backward
