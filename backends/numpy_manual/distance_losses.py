"""Losses that measure a distance: of numbers, or of vectors."""


import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def mean_squared_error(y: Array, t: Array) -> tuple[Array, Backward]:
    """loss = Σ (y − t)² / size, the mean over all elements.

    y, t (any shape, the same) → loss ().  ∂loss/∂y = 2 (y − t) / size  (Goodfellow et al., Deep Learning, 5.1.4).
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")
    difference = y - t

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_y = grad_loss * 2 * difference / difference.size
        return grad_y, lambda: -grad_y

    return np.sum(difference * difference) / difference.size, backward


def mean_absolute_error(y: Array, t: Array) -> tuple[Array, Backward]:
    """loss = Σ |y − t| / size, the mean over all elements; where y = t the gradient is 0.

    y, t (any shape, the same) → loss ().  ∂loss/∂y = sign(y − t) / size
    (Boyd & Vandenberghe, Convex Optimization, 6.1).
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        slope = grad_loss / y.size
        grad_y = np.where(y > t, slope, np.where(y < t, -slope, 0))
        return grad_y, lambda: -grad_y

    return np.sum(np.abs(y - t)) / y.size, backward


def huber(y: Array, t: Array, *, delta: float) -> tuple[Array, Backward]:
    """loss = mean over all elements of ½·(y − t)² where |y − t| ≤ delta, else of delta·(|y − t| − ½·delta).

    y, t (any shape, the same) → loss ().  ∂loss/∂y = (y − t) / size, cut off at ±delta / size, so that an outlier pulls
    no harder than one at delta  (Huber 1964, Ann. Math. Statist. 35, 73).
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")
    if delta <= 0:
        raise ValueError("delta must be above 0")
    difference = y - t
    distance = np.abs(difference)
    each = np.where(distance <= delta, difference * difference / 2, delta * (distance - delta / 2))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_y = grad_loss * np.clip(difference, -delta, delta) / difference.size
        return grad_y, lambda: -grad_y

    return np.sum(each) / each.size, backward


def triplet(anchor: Array, positive: Array, negative: Array, *, margin: float) -> tuple[Array, Backward]:
    """loss = mean over rows of max(‖anchor − positive‖² − ‖anchor − negative‖² + margin, 0).

    anchor, positive, negative (N, D) → loss ().  With near = anchor − positive and far = anchor − negative, the
    gradients of a row whose term is above 0 are 2·(near − far) / N, −2·near / N and 2·far / N
    (Schroff et al. 2015, arXiv:1503.03832, 3.1).
    """
    if anchor.ndim != 2 or not anchor.shape == positive.shape == negative.shape:
        raise ValueError("anchor, positive and negative must be (N, D), all of one shape")
    if margin <= 0:
        raise ValueError("margin must be above 0")
    near, far = anchor - positive, anchor - negative
    excess = np.sum(near * near - far * far, axis=1, keepdims=True) + margin

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        pull = np.where(excess > 0, 2 * grad_loss / len(anchor), 0)
        return pull * (near - far), pull * -near, pull * far

    return np.sum(np.maximum(excess, 0)) / len(anchor), backward


def cosine_distance(x: Array, y: Array, *, eps: float) -> tuple[Array, Backward]:
    """loss = 1 − mean over rows of cos,  cos = x·y / (‖x‖·‖y‖), where no length counts as less than eps.

    x, y (N, D) → loss ().  ∂cos/∂x = (y/‖y‖ − cos·x/‖x‖) / ‖x‖, which is perpendicular to x; where ‖x‖ is below eps,
    the length is constant and cos·x/‖x‖ drops out  (Barz & Denzler 2020, arXiv:1901.09054).
    """
    if x.ndim != 2 or x.shape != y.shape:
        raise ValueError("x and y must be (N, D), both of one shape")
    if eps <= 0:
        raise ValueError("eps must be above 0")
    square_x, square_y = np.sum(x * x, axis=1, keepdims=True), np.sum(y * y, axis=1, keepdims=True)
    length_x, length_y = np.sqrt(np.maximum(square_x, eps**2)), np.sqrt(np.maximum(square_y, eps**2))
    x_1, y_1 = x / length_x, y / length_y
    cos = np.sum(x_1 * y_1, axis=1, keepdims=True)

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_cos = -grad_loss / len(x)
        along_x, along_y = np.where(square_x >= eps**2, cos * x_1, 0), np.where(square_y >= eps**2, cos * y_1, 0)
        return grad_cos * (y_1 - along_x) / length_x, grad_cos * (x_1 - along_y) / length_y

    return 1 - np.mean(cos), backward
