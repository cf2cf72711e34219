"""Losses that measure a distance: of numbers, or of vectors."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.losses.loss_reductions import REDUCTIONS
from backends.numpy_manual.losses.norms import gradient_of_norm, norm


def mean_squared_error(y: Array, t: Array, *, reduction: str = "mean") -> tuple[Array, Backward]:
    """loss = Σ (y − t)² / size, the mean over all elements; or their sum, or each (y − t)².

    y, t (any shape, the same) → loss (), or of that shape with the reduction "none".  ∂loss/∂y = 2 (y − t), divided by
    size in a mean  (Goodfellow et al., Deep Learning, 5.1.4).
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")
    if reduction not in REDUCTIONS:
        raise ValueError('reduction must be "mean", "sum" or "none"')
    difference = y - t
    each = difference * difference
    divisor = y.size if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_y = grad_loss * 2 * difference / divisor
        return grad_y, lambda: -grad_y

    return each if reduction == "none" else np.sum(each) / divisor, backward


def mean_absolute_error(y: Array, t: Array, *, reduction: str = "mean") -> tuple[Array, Backward]:
    """loss = Σ |y − t| / size, the mean over all elements; or their sum, or each |y − t|.

    y, t (any shape, the same) → loss (), or of that shape with the reduction "none".  ∂loss/∂y = sign(y − t), divided
    by size in a mean; where y = t it is 0  (Boyd & Vandenberghe, Convex Optimization, 6.1).
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")
    if reduction not in REDUCTIONS:
        raise ValueError('reduction must be "mean", "sum" or "none"')
    each = np.abs(y - t)
    divisor = y.size if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        slope = grad_loss / divisor
        grad_y = np.where(y > t, slope, np.where(y < t, -slope, 0))
        return grad_y, lambda: -grad_y

    return each if reduction == "none" else np.sum(each) / divisor, backward


def huber(y: Array, t: Array, *, delta: float, reduction: str = "mean") -> tuple[Array, Backward]:
    """loss = mean over all elements of ½·(y − t)² where |y − t| ≤ delta, else of delta·(|y − t| − ½·delta).

    y, t (any shape, the same) → loss (), or of that shape with the reduction "none".  ∂loss/∂y = y − t, cut off at
    ±delta, so that an outlier pulls no harder than one at delta; divided by size in a mean  (Huber 1964, Ann. Math.
    Statist. 35, 73).
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")
    if delta <= 0:
        raise ValueError("delta must be above 0")
    if reduction not in REDUCTIONS:
        raise ValueError('reduction must be "mean", "sum" or "none"')
    difference = y - t
    distance = np.abs(difference)
    each = np.where(distance <= delta, difference * difference / 2, delta * (distance - delta / 2))
    divisor = y.size if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_y = grad_loss * np.clip(difference, -delta, delta) / divisor
        return grad_y, lambda: -grad_y

    return each if reduction == "none" else np.sum(each) / divisor, backward


def smooth_l1(y: Array, t: Array, *, beta: float, reduction: str = "mean") -> tuple[Array, Backward]:
    """loss = mean over all elements of ½·(y − t)²/beta where |y − t| < beta, else of |y − t| − ½·beta.

    y, t (any shape, the same) → loss (), or of that shape with the reduction "none".  It is huber divided by its delta;
    with a beta of 0 it is |y − t|.  ∂loss/∂y = (y − t)/beta, cut off at ±1, divided by size in a mean; at y = t it is 0
    (Girshick 2015, arXiv:1504.08083, 3; the beta is that of PyTorch's smooth_l1_loss).
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")
    if beta < 0:
        raise ValueError("beta must not be below 0")
    if reduction not in REDUCTIONS:
        raise ValueError('reduction must be "mean", "sum" or "none"')
    difference = y - t
    distance = np.abs(difference)
    square = difference * difference / (1 if beta == 0 else beta)
    each = np.where(distance < beta, square / 2, distance - beta / 2)
    divisor = y.size if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        slope = grad_loss / divisor
        inside = slope * difference / (1 if beta == 0 else beta)
        grad_y = np.where(difference > beta, slope, np.where(difference < -beta, -slope, inside))
        return grad_y, lambda: -grad_y

    return each if reduction == "none" else np.sum(each) / divisor, backward


def triplet(
    anchor: Array, positive: Array, negative: Array, *, margin: float, reduction: str = "mean"
) -> tuple[Array, Backward]:
    """loss = mean over rows of max(‖anchor − positive‖² − ‖anchor − negative‖² + margin, 0).

    anchor, positive, negative (N, D) → loss (), or (N,) with the reduction "none".  With near = anchor − positive and
    far = anchor − negative, the gradients of a row whose term is above 0 are 2·(near − far), −2·near and 2·far, divided
    by N in a mean  (Schroff et al. 2015, arXiv:1503.03832, 3.1).
    """
    if anchor.ndim != 2 or not anchor.shape == positive.shape == negative.shape:
        raise ValueError("anchor, positive and negative must be (N, D), all of one shape")
    if margin <= 0:
        raise ValueError("margin must be above 0")
    if reduction not in REDUCTIONS:
        raise ValueError('reduction must be "mean", "sum" or "none"')
    near, far = anchor - positive, anchor - negative
    excess = np.sum(near * near - far * far, axis=1, keepdims=True) + margin
    each = np.maximum(excess, 0)
    divisor = len(anchor) if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        slope = 2 * (np.expand_dims(grad_loss, 1) if reduction == "none" else grad_loss) / divisor
        pull = np.where(excess > 0, slope, 0)
        return pull * (near - far), pull * -near, pull * far

    return np.squeeze(each, 1) if reduction == "none" else np.sum(each) / divisor, backward


def triplet_margin(
    anchor: Array,
    positive: Array,
    negative: Array,
    *,
    margin: float,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> tuple[Array, Backward]:
    """loss = mean over rows of max(d(anchor, positive) − d(anchor, negative) + margin, 0), d(a, b) = ‖a − b + eps‖ₚ.

    anchor, positive, negative (N, D) → loss (), or (N,) with the reduction "none".  The distances are not squared. With
    swap, the smaller of d(anchor, negative) and d(positive, negative) is taken.  With r = a − b + eps, ∂d/∂a =
    sign(r)·(|r| / d)^(p − 1) and ∂d/∂b = −∂d/∂a, in the rows whose term is above 0, divided by N in a mean  (Balntas et
    al. 2016, Learning local feature descriptors with triplets, 3; the eps is that of PyTorch's triplet_margin_loss).
    """
    if anchor.ndim != 2 or not anchor.shape == positive.shape == negative.shape:
        raise ValueError("anchor, positive and negative must be (N, D), all of one shape")
    if margin <= 0 or not 1 <= p < np.inf or eps < 0:
        raise ValueError("margin must be above 0, p at least 1 and finite, and eps not below 0")
    if reduction not in REDUCTIONS:
        raise ValueError('reduction must be "mean", "sum" or "none"')
    near, far, between = anchor - positive + eps, anchor - negative + eps, positive - negative + eps
    d_near, d_far, d_between = norm(near, p), norm(far, p), norm(between, p)
    excess = d_near - (np.minimum(d_far, d_between) if swap else d_far) + margin
    each = np.maximum(excess, 0)
    divisor = len(anchor) if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        slope = (np.expand_dims(grad_loss, 1) if reduction == "none" else grad_loss) / divisor
        pull = np.where(excess > 0, slope, 0) * gradient_of_norm(near, d_near, p)
        push = np.where(excess > 0, slope, 0) * gradient_of_norm(far, d_far, p)
        kept = np.where(d_far <= d_between, push, 0) if swap else push
        swapped = np.where(excess > 0, slope, 0) * gradient_of_norm(between, d_between, p) if swap else 0
        apart = np.where(d_far <= d_between, 0, swapped) if swap else 0
        return pull - kept, -pull - apart, kept + apart

    return np.squeeze(each, 1) if reduction == "none" else np.sum(each) / divisor, backward


def cosine_distance(
    x: Array, y: Array, *, eps: float, axis: int = -1, reduction: str = "mean"
) -> tuple[Array, Backward]:
    """loss = 1 − mean over rows of cos,  cos = x·y / (‖x‖·‖y‖), where no length counts as less than eps.

    x, y (…, D) → loss (), or (…) with the reduction "none"; the rows lie along the last axis, unless told otherwise.
    ∂cos/∂x = (y/‖y‖ − cos·x/‖x‖) / ‖x‖, which is perpendicular to x; where ‖x‖ is below eps, the length is constant and
    cos·x/‖x‖ drops out  (Barz & Denzler 2020, arXiv:1901.09054).
    """
    if not x.ndim or x.shape != y.shape:
        raise ValueError("x and y must be (…, D), both of one shape")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError("axis must name an axis of x")
    if eps <= 0:
        raise ValueError("eps must be above 0")
    if reduction not in REDUCTIONS:
        raise ValueError('reduction must be "mean", "sum" or "none"')
    square_x, square_y = np.sum(x * x, axis=axis, keepdims=True), np.sum(y * y, axis=axis, keepdims=True)
    length_x, length_y = np.sqrt(np.maximum(square_x, eps**2)), np.sqrt(np.maximum(square_y, eps**2))
    x_1, y_1 = x / length_x, y / length_y
    cos = np.sum(x_1 * y_1, axis=axis, keepdims=True)
    each = 1 - cos
    divisor = cos.size if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_cos = -(np.expand_dims(grad_loss, axis) if reduction == "none" else grad_loss) / divisor
        along_x, along_y = np.where(square_x >= eps**2, cos * x_1, 0), np.where(square_y >= eps**2, cos * y_1, 0)
        return grad_cos * (y_1 - along_x) / length_x, grad_cos * (x_1 - along_y) / length_y

    return np.squeeze(each, axis) if reduction == "none" else np.sum(each) / divisor, backward
