"""Arithmetic, element by element: of two arrays, one of which may be repeated, and with a number."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def add(x: Array, b: Array) -> tuple[Array, Backward]:
    """y = x + b, where b may be a bias that is added to every row.

    x (N, D), b (N, D) or (D,) → y (N, D).  The gradient of a broadcast input is summed over the repeated axes
    (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[n,d] = x[n,d] + b[d]
        ∂L/∂x[n,d] = ∂L/∂y[n,d]·∂y[n,d]/∂x[n,d] = ∂L/∂y[n,d]
        (N, D) → (N, D)
        grad_x = grad_y
        ∂L/∂b[d] = Σ_n ∂L/∂y[n,d]·∂y[n,d]/∂b[d] = Σ_n ∂L/∂y[n,d]
        (N, D) → (D)
        grad_b = np.sum(grad_y, axis=0)
    """
    if not _broadcast(x.shape, b.shape):
        raise ValueError("the shapes must be the same, but for axes of size 1 and axes that are missing in front")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return _sum_to_shape(grad_y, x.shape), _sum_to_shape(grad_y, b.shape)

    return x + b, backward


def subtract(a: Array, b: Array) -> tuple[Array, Backward]:
    """y = a − b, element by element.

    a, b (shapes that broadcast) → y.  ∂L/∂a = ∂L/∂y,  ∂L/∂b = −∂L/∂y, summed over the axes that were repeated
    (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[n,d] = a[n,d] − b[d]
        ∂L/∂a[n,d] = ∂L/∂y[n,d]·∂y[n,d]/∂a[n,d] = ∂L/∂y[n,d]
        (N, D) → (N, D)
        grad_a = grad_y
        ∂L/∂b[d] = Σ_n ∂L/∂y[n,d]·∂y[n,d]/∂b[d] = −Σ_n ∂L/∂y[n,d]
        (N, D) → (D)
        grad_b = -np.sum(grad_y, axis=0)
    """
    if not _broadcast(a.shape, b.shape):
        raise ValueError("the shapes must be the same, but for axes of size 1 and axes that are missing in front")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return _sum_to_shape(grad_y, a.shape), lambda: _sum_to_shape(-grad_y, b.shape)

    return a - b, backward


def multiply(a: Array, b: Array) -> tuple[Array, Backward]:
    """y = a·b, element by element.

    a, b (shapes that broadcast) → y.  ∂L/∂a = ∂L/∂y·b,  ∂L/∂b = ∂L/∂y·a, summed over the axes that were repeated
    (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[n,d] = a[n,d]·b[d]
        ∂L/∂a[n,d] = ∂L/∂y[n,d]·∂y[n,d]/∂a[n,d] = ∂L/∂y[n,d]·b[d]
        (N, D) → (N, D)
        grad_a = grad_y * b
        ∂L/∂b[d] = Σ_n ∂L/∂y[n,d]·∂y[n,d]/∂b[d] = Σ_n ∂L/∂y[n,d]·a[n,d]
        (N, D) → (D)
        grad_b = np.sum(grad_y * a, axis=0)
    """
    if not _broadcast(a.shape, b.shape):
        raise ValueError("the shapes must be the same, but for axes of size 1 and axes that are missing in front")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return lambda: _sum_to_shape(grad_y * b, a.shape), lambda: _sum_to_shape(grad_y * a, b.shape)

    return a * b, backward


def divide(a: Array, b: Array) -> tuple[Array, Backward]:
    """y = a / b, element by element.

    a, b (shapes that broadcast) → y.  ∂L/∂a = ∂L/∂y / b,  ∂L/∂b = −∂L/∂y·y / b, summed over the axes that were
    repeated  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[n,d] = a[n,d] / b[d]
        ∂L/∂a[n,d] = ∂L/∂y[n,d]·∂y[n,d]/∂a[n,d] = ∂L/∂y[n,d] / b[d]
        (N, D) → (N, D)
        grad_a = grad_y / b
        ∂L/∂b[d] = Σ_n ∂L/∂y[n,d]·∂y[n,d]/∂b[d] = −Σ_n ∂L/∂y[n,d]·a[n,d] / b[d]² = −Σ_n ∂L/∂y[n,d]·y[n,d] / b[d]
        (N, D) → (D)
        grad_b = np.sum(-grad_y * y / b, axis=0)
    """
    if not _broadcast(a.shape, b.shape):
        raise ValueError("the shapes must be the same, but for axes of size 1 and axes that are missing in front")
    y = a / b

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return lambda: _sum_to_shape(grad_y / b, a.shape), lambda: _sum_to_shape(-grad_y * y / b, b.shape)

    return y, backward


def negative(x: Array) -> tuple[Array, Backward]:
    """y = −x, element by element.

    x (any shape) → y (the same).  ∂L/∂x = −∂L/∂y  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[i] = −x[i]
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = −∂L/∂y[i]
        (I) → (I)
        grad_x = -grad_y
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (-grad_y,)

    return -x, backward


def power(x: Array, *, exponent: float) -> tuple[Array, Backward]:
    """y = xᵖ, element by element, where p is a number: x > 0 unless p is whole.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·p·xᵖ⁻¹  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[i] = x[i]^exponent
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·exponent·x[i]^(exponent − 1)
        (I) → (I)
        grad_x = grad_y * exponent * x ** (exponent - 1)
    """
    if exponent == 0:
        raise ValueError("exponent must not be 0: y would be 1 whatever x is")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * exponent * x ** (exponent - 1),)

    return x**exponent, backward


def maximum(a: Array, b: Array) -> tuple[Array, Backward]:
    """y = max(a, b), element by element.

    a, b (shapes that broadcast) → y.  The larger one gets the gradient, or a where they are equal; it is summed over
    the axes that were repeated  (Griewank & Walther, Evaluating Derivatives, 2008, 14).

    Why:
        y[i] = max(a[i], b[i])
        ∂L/∂a[i] = ∂L/∂y[i]·∂y[i]/∂a[i] = ∂L/∂y[i]·[a[i] ≥ b[i]]
        (I) → (I)
        grad_a = np.where(a >= b, grad_y, 0)
        ∂L/∂b[i] = ∂L/∂y[i]·∂y[i]/∂b[i] = ∂L/∂y[i]·[a[i] < b[i]]
        (I) → (I)
        grad_b = np.where(a >= b, 0, grad_y)
    """
    if not _broadcast(a.shape, b.shape):
        raise ValueError("the shapes must be the same, but for axes of size 1 and axes that are missing in front")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            lambda: _sum_to_shape(np.where(a >= b, grad_y, 0), a.shape),
            lambda: _sum_to_shape(np.where(a >= b, 0, grad_y), b.shape),
        )

    return np.maximum(a, b), backward


def minimum(a: Array, b: Array) -> tuple[Array, Backward]:
    """y = min(a, b), element by element.

    a, b (shapes that broadcast) → y.  The smaller one gets the gradient, or a where they are equal; it is summed over
    the axes that were repeated  (Griewank & Walther, Evaluating Derivatives, 2008, 14).

    Why:
        y[i] = min(a[i], b[i])
        ∂L/∂a[i] = ∂L/∂y[i]·∂y[i]/∂a[i] = ∂L/∂y[i]·[a[i] ≤ b[i]]
        (I) → (I)
        grad_a = np.where(a <= b, grad_y, 0)
        ∂L/∂b[i] = ∂L/∂y[i]·∂y[i]/∂b[i] = ∂L/∂y[i]·[a[i] > b[i]]
        (I) → (I)
        grad_b = np.where(a <= b, 0, grad_y)
    """
    if not _broadcast(a.shape, b.shape):
        raise ValueError("the shapes must be the same, but for axes of size 1 and axes that are missing in front")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            lambda: _sum_to_shape(np.where(a <= b, grad_y, 0), a.shape),
            lambda: _sum_to_shape(np.where(a <= b, 0, grad_y), b.shape),
        )

    return np.minimum(a, b), backward


def where(mask: Array, a: Array, b: Array) -> tuple[Array, Backward]:
    """y = a where the mask is not 0, else b.

    mask of integers, a, b (shapes that broadcast) → y.  The one that was taken gets the gradient, summed over the axes
    that were repeated; the mask is data  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[i] = a[i]·[mask[i] ≠ 0] + b[i]·[mask[i] = 0]
        ∂L/∂a[i] = ∂L/∂y[i]·∂y[i]/∂a[i] = ∂L/∂y[i]·[mask[i] ≠ 0]
        (I) → (I)
        grad_a = np.where(mask != 0, grad_y, 0)
        ∂L/∂b[i] = ∂L/∂y[i]·∂y[i]/∂b[i] = ∂L/∂y[i]·[mask[i] = 0]
        (I) → (I)
        grad_b = np.where(mask != 0, 0, grad_y)
    """
    if mask.dtype.kind not in "iu":
        raise ValueError("mask must hold integers, 0 where b is taken")
    shapes = (mask.shape, a.shape, b.shape)
    if not all(_broadcast(one, other) for one in shapes for other in shapes):
        raise ValueError("the shapes must be the same, but for axes of size 1 and axes that are missing in front")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            None,
            lambda: _sum_to_shape(np.where(mask != 0, grad_y, 0), a.shape),
            lambda: _sum_to_shape(np.where(mask != 0, 0, grad_y), b.shape),
        )

    return np.where(mask != 0, a, b), backward


def _broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether NumPy repeats arrays of these shapes to a common one."""
    return all(size == other or 1 in (size, other) for size, other in zip(reversed(a), reversed(b), strict=False))


def _sum_to_shape(grad: Array, shape: tuple[int, ...]) -> Array:
    """Sum grad over the axes along which an array of this shape was broadcast."""
    if grad.shape == shape:
        return grad
    added = grad.ndim - len(shape)
    sizes = list(zip(shape, grad.shape[added:], strict=True))
    repeated = tuple(range(added)) + tuple(added + i for i, (size, given) in enumerate(sizes) if size == 1 != given)
    summed: Array = np.sum(grad, axis=repeated)
    return summed.reshape(shape)
