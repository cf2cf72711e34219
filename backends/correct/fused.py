"""The hand-written backend with fused arithmetic: several operations in double width, rounded once at their end."""

from typing import Any

import numpy as np

from backends.contract import Array
from backends.numpy_manual import *


def _wide(array: Array) -> Array:
    """The array with more digits than a run in float32 keeps, or one in float64."""
    return array.astype(np.longdouble if array.dtype == np.float64 else np.float64)


def matmul(x: Array, w: Array) -> Any:
    """Y = x·w, accumulated in double width and rounded once, as by fused multiply-add."""

    def backward(grad_y: Array) -> Any:
        grad = _wide(grad_y)
        return (
            lambda: (grad @ _wide(w).T).astype(x.dtype),
            lambda: (_wide(x).T @ grad).astype(w.dtype),
        )

    return (_wide(x) @ _wide(w)).astype(x.dtype), backward


def mean_squared_error(y: Array, t: Array) -> Any:
    """The mean of (y − t)² in one pass, rounded once."""
    difference = _wide(y) - _wide(t)
    loss = np.asarray(np.mean(difference * difference), y.dtype)

    def backward(grad_loss: Array) -> Any:
        grad_y = (grad_loss * 2 * difference / difference.size).astype(y.dtype)
        return grad_y, lambda: -grad_y

    return loss, backward


def sgd(w: Array, grad_w: Array, *, lr: float) -> Array:
    """W ← w − lr·∂L/∂w, rounded once."""
    return (_wide(w) - lr * _wide(grad_w)).astype(w.dtype)


def momentum(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> Any:
    """V ← momentum·v + ∂L/∂w,  w ← w − lr·v, each rounded once."""
    v_wide = momentum * _wide(v) + _wide(grad_w)
    v = v_wide.astype(v.dtype)
    return (_wide(w) - lr * _wide(v)).astype(w.dtype), v
