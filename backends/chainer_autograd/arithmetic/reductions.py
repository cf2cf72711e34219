"""Sums, means, variances and extremes over axes: one, several or all of them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from backends.chainer_autograd.framework import F, Variable

Axes = int | tuple[int, ...] | None


def reduce_sum(x: Variable, *, axis: Axes = None, keepdims: bool = False) -> Variable:
    """y = Σ x over one axis, several or all of them."""
    return F.sum(x, axis=axis, keepdims=keepdims)


def reduce_mean(x: Variable, *, axis: Axes = None, keepdims: bool = False) -> Variable:
    """y = Σ x / n over one axis, several or all of them."""
    return F.mean(x, axis=axis, keepdims=keepdims)


def reduce_var(x: Variable, *, axis: Axes = None, keepdims: bool = False, correction: int = 0) -> Variable:
    """y = Σ (x − μ)² / (n − correction) over one axis, several or all of them."""
    mean = F.mean(x, axis=axis, keepdims=True)
    return F.sum((x - mean) ** 2, axis=axis, keepdims=keepdims) / (x.size // mean.size - correction)


def reduce_max(x: Variable, *, axis: Axes = None, keepdims: bool = False) -> Variable:
    """y = max x over one axis, several or all of them; the first of several equal elements gets the gradient."""
    # F.max would give each of them the whole gradient: keep the first, and add zeros to it.
    first = _first(np.argmax, x.array, axis)
    return F.sum(F.where(first, x, np.zeros_like(x.array)), axis=axis, keepdims=keepdims)


def reduce_min(x: Variable, *, axis: Axes = None, keepdims: bool = False) -> Variable:
    """y = min x over one axis, several or all of them; the first of several equal elements gets the gradient."""
    # F.min would give each of them the whole gradient: keep the first, and add zeros to it.
    first = _first(np.argmin, x.array, axis)
    return F.sum(F.where(first, x, np.zeros_like(x.array)), axis=axis, keepdims=keepdims)


def logsumexp(x: Variable, *, axis: int | tuple[int, ...] = -1, keepdims: bool = False) -> Variable:
    """y = ln Σ eˣ over an axis, the last one unless told otherwise, or over several."""
    # Chainer drops the axes, where a sum may keep them.
    y = F.logsumexp(x, axis=axis)
    return F.reshape(y, x.array.sum(axis=axis, keepdims=True).shape) if keepdims else y


def _first(position: Callable[..., Any], array: Any, axis: Axes) -> Any:
    """True where the first of the largest or smallest elements over these axes stands, row by row."""
    axes = range(array.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    reduced = sorted(number % array.ndim for number in axes)
    last = range(-len(reduced), 0)
    moved = np.moveaxis(array, reduced, last)
    rows = moved.reshape(*moved.shape[: array.ndim - len(reduced)], -1)
    first = np.zeros(rows.shape, bool)
    np.put_along_axis(first, position(rows, axis=-1, keepdims=True), True, -1)
    return np.moveaxis(first.reshape(moved.shape), last, reduced)
