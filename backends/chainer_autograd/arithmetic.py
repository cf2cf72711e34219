"""Products, sums and elementwise arithmetic."""

import numpy as np

from backends.chainer_autograd.framework import F, Variable

Axes = int | tuple[int, ...] | None


def matmul(x: Variable, w: Variable) -> Variable:
    """y = x·w.  x (N, D), w (D, H) → y (N, H)."""
    return F.matmul(x, w)


def batch_matmul(x: Variable, w: Variable) -> Variable:
    """y = x·w, matrix by matrix.  x (…, N, D), w (…, D, H) or (D, H) → y (…, N, H)."""
    return F.matmul(x, w)


def add(x: Variable, b: Variable) -> Variable:
    """y = x + b, b (N, D) or (D,)."""
    return x + b


def subtract(a: Variable, b: Variable) -> Variable:
    """y = a − b."""
    return a - b


def multiply(a: Variable, b: Variable) -> Variable:
    """y = a·b."""
    return a * b


def divide(a: Variable, b: Variable) -> Variable:
    """y = a / b."""
    return a / b


def negative(x: Variable) -> Variable:
    """y = −x."""
    return -x


def power(x: Variable, *, exponent: float) -> Variable:
    """y = xᵖ, where p is a number."""
    return x**exponent


def maximum(a: Variable, b: Variable) -> Variable:
    """y = max(a, b); a gets the gradient where they are equal."""
    return F.maximum(a, b)


def minimum(a: Variable, b: Variable) -> Variable:
    """y = min(a, b); a gets the gradient where they are equal."""
    return F.minimum(a, b)


def where(mask: Variable, a: Variable, b: Variable) -> Variable:
    """y = a where the mask is not 0, else b."""
    return F.where(mask.array != 0, a, b)


def reduce_sum(x: Variable, *, axis: Axes = None, keepdims: bool = False) -> Variable:
    """y = Σ x over one axis, several or all of them."""
    return F.sum(x, axis=axis, keepdims=keepdims)


def reduce_mean(x: Variable, *, axis: Axes = None, keepdims: bool = False) -> Variable:
    """y = Σ x / n over one axis, several or all of them."""
    return F.mean(x, axis=axis, keepdims=keepdims)


def reduce_max(x: Variable, *, axis: int, keepdims: bool = False) -> Variable:
    """y = max x along an axis; the first of several equal elements gets the gradient."""
    # F.max would give each of them the whole gradient: keep the first, and add zeros to it.
    first = np.zeros_like(x.array, bool)
    np.put_along_axis(first, x.array.argmax(axis, keepdims=True), True, axis)
    return F.sum(F.where(first, x, np.zeros_like(x.array)), axis=axis, keepdims=keepdims)
