"""The hand-written backend with sums in another order: products in blocks, from the end, and losses row by row."""

from functools import reduce
from typing import Any

import numpy as np

from backends.contract import Array
from backends.numpy_manual import *

BLOCK = 3
"""How many terms are summed before the next ones are added."""


def _product(x: Array, w: Array) -> Array:
    """The matrix product, in blocks from the last to the first."""
    starts = range(0, x.shape[-1], BLOCK)
    blocks = [x[..., start : start + BLOCK] @ w[start : start + BLOCK] for start in reversed(starts)]
    return reduce(np.add, blocks)


def matmul(x: Array, w: Array) -> Any:
    """Y = x·w."""

    def backward(grad_y: Array) -> Any:
        return lambda: _product(grad_y, w.T), lambda: _product(x.T, grad_y)

    return _product(x, w), backward


def mean_squared_error(y: Array, t: Array) -> Any:
    """The mean of (y − t)², each row by itself and from the last to the first."""
    difference = y - t
    loss = reduce(np.add, [np.mean(row * row) for row in reversed(difference)]) / len(difference)

    def backward(grad_loss: Array) -> Any:
        scale = grad_loss / difference.size
        return (difference + difference) * scale, lambda: -(difference + difference) * scale

    return np.asarray(loss, y.dtype), backward


def momentum(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> Any:
    """V ← ∂L/∂w + momentum·v,  w ← −lr·v + w."""
    v = grad_w + v * momentum
    return -lr * v + w, v
