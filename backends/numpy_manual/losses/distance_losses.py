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

    Why:
        loss = Σ_i (y[i] − t[i])² / I
        ∂L/∂y[i] = ∂L/∂loss·∂loss/∂y[i] = ∂L/∂loss·2·(y[i] − t[i]) / I
        () → (I)
        grad_y = grad_loss * 2 * (y - t) / y.size
        ∂L/∂t[i] = ∂L/∂loss·∂loss/∂t[i] = −∂L/∂loss·2·(y[i] − t[i]) / I
        () → (I)
        grad_t = -grad_loss * 2 * (y - t) / y.size
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

    Why:
        loss = Σ_i |y[i] − t[i]| / I
        ∂L/∂y[i] = ∂L/∂loss·∂loss/∂y[i] = ∂L/∂loss·([y[i] > t[i]] − [y[i] < t[i]]) / I
        () → (I)
        grad_y = grad_loss * np.sign(y - t) / y.size
        ∂L/∂t[i] = ∂L/∂loss·∂loss/∂t[i] = −∂L/∂loss·([y[i] > t[i]] − [y[i] < t[i]]) / I
        () → (I)
        grad_t = -grad_loss * np.sign(y - t) / y.size
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

    Why:
        d[i] = y[i] − t[i]
        loss = Σ_i (d[i]² / 2·[|d[i]| ≤ delta] + delta·(|d[i]| − delta / 2)·[|d[i]| > delta]) / I
        ∂L/∂y[i] = ∂L/∂loss·∂loss/∂y[i] = ∂L/∂loss·min(max(d[i], −delta), delta) / I
        () → (I)
        grad_y = grad_loss * np.clip(y - t, -delta, delta) / y.size
        ∂L/∂t[i] = ∂L/∂loss·∂loss/∂t[i] = −∂L/∂loss·min(max(d[i], −delta), delta) / I
        () → (I)
        grad_t = -grad_loss * np.clip(y - t, -delta, delta) / y.size
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

    Why:
        beta > 0
        d[i] = y[i] − t[i]
        loss = Σ_i (d[i]² / (2·beta)·[|d[i]| < beta] + (|d[i]| − beta / 2)·[|d[i]| ≥ beta]) / I
        ∂L/∂y[i] = ∂L/∂loss·∂loss/∂y[i] = ∂L/∂loss·min(max(d[i] / beta, −1), 1) / I
        () → (I)
        grad_y = grad_loss * np.clip((y - t) / beta, -1, 1) / y.size
        ∂L/∂t[i] = ∂L/∂loss·∂loss/∂t[i] = −∂L/∂loss·min(max(d[i] / beta, −1), 1) / I
        () → (I)
        grad_t = -grad_loss * np.clip((y - t) / beta, -1, 1) / y.size
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

    Why:
        near[n,d] = anchor[n,d] − positive[n,d]
        far[n,d] = anchor[n,d] − negative[n,d]
        excess[n] = Σ_d (near[n,d]² − far[n,d]²) + margin
        loss = Σ_n max(excess[n], 0) / N
        pull[n] = ∂L/∂loss·2·[excess[n] > 0] / N
        ∂L/∂anchor[n,d] = ∂L/∂loss·∂loss/∂anchor[n,d] = pull[n]·(near[n,d] − far[n,d])
        () → (N, D)
        grad_anchor = pull[:, None] * (near - far)
        ∂L/∂positive[n,d] = ∂L/∂loss·∂loss/∂positive[n,d] = −pull[n]·near[n,d]
        () → (N, D)
        grad_positive = -pull[:, None] * near
        ∂L/∂negative[n,d] = ∂L/∂loss·∂loss/∂negative[n,d] = pull[n]·far[n,d]
        () → (N, D)
        grad_negative = pull[:, None] * far
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

    Why:
        r[n,d] = anchor[n,d] − positive[n,d] + eps
        f[n,d] = anchor[n,d] − negative[n,d] + eps
        near[n] = (Σ_d |r[n,d]|^p)^(1 / p)
        far[n] = (Σ_d |f[n,d]|^p)^(1 / p)
        loss = Σ_n max(near[n] − far[n] + margin, 0) / N
        slope[n] = ∂L/∂loss·[near[n] − far[n] + margin > 0] / N
        pull[n,d] = slope[n]·sign(r[n,d])·(|r[n,d]| / near[n])^(p − 1)
        push[n,d] = slope[n]·sign(f[n,d])·(|f[n,d]| / far[n])^(p − 1)
        ∂L/∂anchor[n,d] = ∂L/∂loss·∂loss/∂anchor[n,d] = pull[n,d] − push[n,d]
        () → (N, D)
        grad_anchor = pull - push
        ∂L/∂positive[n,d] = ∂L/∂loss·∂loss/∂positive[n,d] = −pull[n,d]
        () → (N, D)
        grad_positive = -pull
        ∂L/∂negative[n,d] = ∂L/∂loss·∂loss/∂negative[n,d] = push[n,d]
        () → (N, D)
        grad_negative = push
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

    Why:
        u[n] = max(√(Σ_d x[n,d]²), eps)
        v[n] = max(√(Σ_d y[n,d]²), eps)
        cos[n] = Σ_d x[n,d]·y[n,d] / (u[n]·v[n])
        loss = Σ_n (1 − cos[n]) / N
        ∂L/∂x[n,d] = ∂L/∂loss·∂loss/∂x[n,d] = −∂L/∂loss / N·(y[n,d] / v[n] − cos[n]·x[n,d] / u[n]·[u[n] > eps]) / u[n]
        along_x[n] = cos[n] / u[n]·[u[n] > eps]
        () → (N, D)
        grad_x = -grad_loss / N * (y / v[:, None] - along_x[:, None] * x) / u[:, None]
        ∂L/∂y[n,d] = ∂L/∂loss·∂loss/∂y[n,d] = −∂L/∂loss / N·(x[n,d] / u[n] − cos[n]·y[n,d] / v[n]·[v[n] > eps]) / v[n]
        along_y[n] = cos[n] / v[n]·[v[n] > eps]
        () → (N, D)
        grad_y = -grad_loss / N * (x / u[:, None] - along_y[:, None] * y) / v[:, None]
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
