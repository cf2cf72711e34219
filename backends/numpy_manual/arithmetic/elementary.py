"""Elementary functions, element by element."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def exp(x: Array) -> tuple[Array, Backward]:
    """y = eˣ, element by element.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·y  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[i] = exp(x[i])
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·exp(x[i]) = ∂L/∂y[i]·y[i]
        (I) → (I)
        grad_x = grad_y * y
    """
    y = np.exp(x)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * y,)

    return y, backward


def log(x: Array) -> tuple[Array, Backward]:
    """y = ln x, element by element; x > 0.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y / x  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[i] = log(x[i])
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i] / x[i]
        (I) → (I)
        grad_x = grad_y / x
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y / x,)

    return np.log(x), backward


def sqrt(x: Array) -> tuple[Array, Backward]:
    """y = √x, element by element; x > 0, as there is no gradient at 0.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y / (2y)  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[i] = √x[i]
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i] / (2·√x[i]) = ∂L/∂y[i] / (2·y[i])
        (I) → (I)
        grad_x = grad_y / (2 * y)
    """
    y = np.sqrt(x)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y / (2 * y),)

    return y, backward


def sin(x: Array) -> tuple[Array, Backward]:
    """y = sin x, element by element, x in radians.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·cos x  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[i] = sin(x[i])
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·cos(x[i])
        (I) → (I)
        grad_x = grad_y * np.cos(x)
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * np.cos(x),)

    return np.sin(x), backward


def cos(x: Array) -> tuple[Array, Backward]:
    """y = cos x, element by element, x in radians.

    x (any shape) → y (the same).  ∂L/∂x = −∂L/∂y·sin x  (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        y[i] = cos(x[i])
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = −∂L/∂y[i]·sin(x[i])
        (I) → (I)
        grad_x = -grad_y * np.sin(x)
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (-grad_y * np.sin(x),)

    return np.cos(x), backward


def absolute(x: Array) -> tuple[Array, Backward]:
    """y = |x|, element by element; at exactly 0 the gradient is 0.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·sign(x)  (Boyd & Vandenberghe, Convex Optimization, 6.1).

    Why:
        y[i] = |x[i]|
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·([x[i] > 0] − [x[i] < 0])
        (I) → (I)
        grad_x = grad_y * np.sign(x)
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(x > 0, grad_y, np.where(x < 0, -grad_y, 0)),)

    return np.abs(x), backward


def clip(x: Array, *, low: float, high: float) -> tuple[Array, Backward]:
    """y = min(max(x, low), high), element by element.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y where low ≤ x ≤ high, else 0: at the ends themselves the whole gradient
    passes, as in Chainer's clip and PyTorch's clamp  (Griewank & Walther, Evaluating Derivatives, 2008, 14).

    Why:
        y[i] = min(max(x[i], low), high)
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·[low ≤ x[i] ≤ high]
        (I) → (I)
        grad_x = np.where((x >= low) & (x <= high), grad_y, 0)
    """
    if not low < high:
        raise ValueError("low must be below high")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(x >= low, np.where(x <= high, grad_y, 0), 0),)

    return np.clip(x, low, high), backward
