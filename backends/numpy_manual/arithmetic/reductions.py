"""Sums, means, variances and extremes over axes: one, several or all of them."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.shapes import from_rows, rows_along

Axes = int | tuple[int, ...] | None
"""The axes of a reduction: one, several, or None for all of them."""


def reduce_sum(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = Σ x over one axis, several or all of them.

    x (any shape) → y (x's shape without these axes; with keepdims they have length 1).  Every element of x gets the
    gradient of its sum  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y = Σ_i x[i]
        ∂L/∂x[i] = ∂L/∂y·∂y/∂x[i] = ∂L/∂y
        () → (I)
        grad_x = np.broadcast_to(grad_y, x.shape)
    """
    if not _are_axes(axis, x.ndim):
        raise ValueError("axis must name one axis of x or several, each of them once, or be None for all of them")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (_repeat_to_shape(grad_y, x.shape, axis),)

    return np.sum(x, axis=axis, keepdims=keepdims), backward


def reduce_mean(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = Σ x / n over one axis, several or all of them, where n is the number of terms.

    x (any shape) → y (x's shape without these axes; with keepdims they have length 1).  Every element of x gets 1/n of
    the gradient of its mean  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y = Σ_i x[i] / I
        ∂L/∂x[i] = ∂L/∂y·∂y/∂x[i] = ∂L/∂y / I
        () → (I)
        grad_x = np.broadcast_to(grad_y / x.size, x.shape)
    """
    if not _are_axes(axis, x.ndim):
        raise ValueError("axis must name one axis of x or several, each of them once, or be None for all of them")
    if not x.size:
        raise ValueError("x has no elements, so there is nothing to average")
    y = np.mean(x, axis=axis, keepdims=keepdims)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (_repeat_to_shape(grad_y / (x.size // y.size), x.shape, axis),)

    return y, backward


def reduce_var(x: Array, *, axis: Axes = None, keepdims: bool = False, correction: int = 0) -> tuple[Array, Backward]:
    """y = Σ (x − μ)² / (n − correction) over one axis, several or all of them, where μ = Σ x / n.

    x (any shape) → y (x's shape without these axes; with keepdims they have length 1).  With a correction of 1 it is
    the estimate without bias.  ∂L/∂x = ∂L/∂y·2·(x − μ) / (n − correction), as the deviations from μ sum to 0
    (Goodfellow et al., Deep Learning, 3.8 and 5.4.3).

    Why:
        μ = Σ_i x[i] / I
        y = Σ_k (x[k] − μ)² / (I − correction)
        ∂y/∂x[i] = Σ_k 2·(x[k] − μ)·([k = i] − 1 / I) / (I − correction) = 2·(x[i] − μ) / (I − correction)
        ∂L/∂x[i] = ∂L/∂y·∂y/∂x[i] = ∂L/∂y·2·(x[i] − μ) / (I − correction)
        () → (I)
        grad_x = grad_y / (x.size - correction) * 2 * (x - μ)
    """
    if not _are_axes(axis, x.ndim):
        raise ValueError("axis must name one axis of x or several, each of them once, or be None for all of them")
    if not x.size:
        raise ValueError("x has no elements, so there is no variance")
    mean = np.mean(x, axis=axis, keepdims=True)
    count = x.size // mean.size - correction
    if count < 1:
        raise ValueError("correction must be less than the number of values that a variance is of")
    centred = x - mean

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (_repeat_to_shape(grad_y / count, x.shape, axis) * 2 * centred,)

    return np.sum(centred * centred, axis=axis, keepdims=keepdims) / count, backward


def reduce_max(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = max x over one axis, several or all of them.

    x (any shape) → y (x's shape without these axes; with keepdims they have length 1).  The largest element gets the
    gradient, or the first of several equal ones, row by row  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y = max_i x[i]
        first = argmax_i x[i]
        ∂L/∂x[i] = ∂L/∂y·∂y/∂x[i] = ∂L/∂y·[i = first]
        () → (I)
        grad_x = np.where(np.arange(x.size) == first, grad_y, 0).reshape(x.shape)
    """
    if not _are_axes(axis, x.ndim):
        raise ValueError("axis must name one axis of x or several, each of them once, or be None for all of them")
    if not x.size:
        raise ValueError("x has no elements, so there is no largest one")
    rows = rows_along(x, axis)
    first = np.argmax(rows, axis=-1, keepdims=True)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_rows = np.zeros_like(rows)
        np.put_along_axis(grad_rows, first, np.reshape(grad_y, first.shape), -1)
        return (from_rows(grad_rows, axis, x.shape),)

    return np.max(x, axis=axis, keepdims=keepdims), backward


def reduce_min(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = min x over one axis, several or all of them.

    x (any shape) → y (x's shape without these axes; with keepdims they have length 1).  The smallest element gets the
    gradient, or the first of several equal ones, row by row  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y = min_i x[i]
        first = argmin_i x[i]
        ∂L/∂x[i] = ∂L/∂y·∂y/∂x[i] = ∂L/∂y·[i = first]
        () → (I)
        grad_x = np.where(np.arange(x.size) == first, grad_y, 0).reshape(x.shape)
    """
    if not _are_axes(axis, x.ndim):
        raise ValueError("axis must name one axis of x or several, each of them once, or be None for all of them")
    if not x.size:
        raise ValueError("x has no elements, so there is no smallest one")
    rows = rows_along(x, axis)
    first = np.argmin(rows, axis=-1, keepdims=True)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_rows = np.zeros_like(rows)
        np.put_along_axis(grad_rows, first, np.reshape(grad_y, first.shape), -1)
        return (from_rows(grad_rows, axis, x.shape),)

    return np.min(x, axis=axis, keepdims=keepdims), backward


def logsumexp(x: Array, *, axis: int | tuple[int, ...] = -1, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = ln Σ eˣ over an axis, the last one unless told otherwise, or over several: a smooth maximum.

    x (any shape) → y (x's shape without these axes; with keepdims they have length 1).  The largest element is
    subtracted before exp, which would overflow, and added again.  ∂L/∂x = ∂L/∂y·e^(x − y), which is ∂L/∂y·softmax(x)
    (Blanchard et al. 2021, Accurately computing the log-sum-exp and softmax functions).

    Why:
        y[n] = log(Σ_c exp(x[n,c]))
        p[n,c] = exp(x[n,c]) / Σ_k exp(x[n,k]) = exp(x[n,c] − y[n])
        ∂L/∂x[n,c] = ∂L/∂y[n]·∂y[n]/∂x[n,c] = ∂L/∂y[n]·p[n,c]
        (N) → (N, C)
        grad_x = grad_y[:, None] * np.exp(x - y[:, None])
    """
    if not _are_axes(axis, x.ndim):
        raise ValueError("axis must name one axis of x or several, each of them once")
    if not x.size:
        raise ValueError("x has no elements, so there is nothing to add up")
    largest = np.max(x, axis=axis, keepdims=True)
    y = largest + np.log(np.sum(np.exp(x - largest), axis=axis, keepdims=True))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (_repeat_to_shape(grad_y, x.shape, axis) * np.exp(x - y),)

    return y if keepdims else np.squeeze(y, axis), backward


def _are_axes(axis: Axes, count: int) -> bool:
    """Whether axes are some of an array of so many axes, each of them once, counted from either end."""
    axes = range(count) if axis is None else (axis,) if isinstance(axis, int) else axis
    if axis is not None and not axes:
        return False
    return all(-count <= number < count for number in axes) and len({number % count for number in axes}) == len(axes)


def _repeat_to_shape(grad: Array, shape: tuple[int, ...], axis: Axes) -> Array:
    """Repeat grad along the axes of this shape that were reduced, whether they were kept with length 1 or not."""
    if axis is None or grad.ndim == len(shape):
        return np.broadcast_to(grad, shape)
    return np.broadcast_to(np.expand_dims(grad, axis), shape)
