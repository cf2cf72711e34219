"""Losses that measure a distance: of numbers, or of vectors."""

import numpy as np

from backends.chainer_autograd.framework import F, Variable
from backends.chainer_autograd.losses.loss_reductions import reduced


def mean_squared_error(y: Variable, t: Variable, *, reduction: str = "mean") -> Variable:
    """loss = mean of (y − t)² over all elements."""
    return F.mean_squared_error(y, t) if reduction == "mean" else reduced(F.squared_error(y, t), reduction)


def mean_absolute_error(y: Variable, t: Variable, *, reduction: str = "mean") -> Variable:
    """loss = mean of |y − t| over all elements; the gradient at y = t is 0."""
    return F.mean_absolute_error(y, t) if reduction == "mean" else reduced(F.absolute_error(y, t), reduction)


def huber(y: Variable, t: Variable, *, delta: float, reduction: str = "mean") -> Variable:
    """loss = mean over all elements of ½·(y − t)² up to a distance of delta, beyond it of delta·(|y − t| − ½·delta)."""
    # By default Chainer sums over the second axis.
    each = F.huber_loss(y, t, delta, reduce="no")
    return each if reduction == "none" else F.sum(each) if reduction == "sum" else F.mean(each)


def smooth_l1(y: Variable, t: Variable, *, beta: float, reduction: str = "mean") -> Variable:
    """loss = mean over all elements of ½·(y − t)²/beta up to a distance of beta, beyond it of |y − t| − ½·beta."""
    each = F.absolute_error(y, t) if beta == 0 else F.huber_loss(y, t, beta, reduce="no") / beta
    return each if reduction == "none" else F.sum(each) if reduction == "sum" else F.mean(each)


def triplet(
    anchor: Variable, positive: Variable, negative: Variable, *, margin: float, reduction: str = "mean"
) -> Variable:
    """loss = mean over rows of max(‖anchor − positive‖² − ‖anchor − negative‖² + margin, 0)."""
    return (
        F.triplet(anchor, positive, negative, margin)
        if reduction == "mean"
        else reduced(F.triplet(anchor, positive, negative, margin, reduce="no"), reduction)
    )


def triplet_margin(
    anchor: Variable,
    positive: Variable,
    negative: Variable,
    *,
    margin: float,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Variable:
    """loss = mean over rows of max(d(anchor, positive) − d(anchor, negative) + margin, 0), d(a, b) = ‖a − b + eps‖ₚ."""
    # F.triplet takes the squares of distances.
    d_near = _norm(anchor - positive + eps, p)
    d_far = _norm(anchor - negative + eps, p)
    d_between = _norm(positive - negative + eps, p)
    each = F.relu(d_near - (F.minimum(d_far, d_between) if swap else d_far) + margin)
    return each if reduction == "none" else F.sum(each) if reduction == "sum" else F.mean(each)


def cosine_distance(x: Variable, y: Variable, *, eps: float, axis: int = -1, reduction: str = "mean") -> Variable:
    """loss = 1 − mean over rows of x·y / (‖x‖·‖y‖), where no length counts as less than eps."""
    square_x, square_y = F.sum(x * x, axis=axis, keepdims=True), F.sum(y * y, axis=axis, keepdims=True)
    least = np.full(square_x.shape, eps**2, x.dtype)
    each = 1 - F.sum(x / F.sqrt(F.maximum(square_x, least)) * (y / F.sqrt(F.maximum(square_y, least))), axis=axis)
    return each if reduction == "none" else F.sum(each) if reduction == "sum" else F.mean(each)


def _norm(x: Variable, p: float) -> Variable:
    """(Σ |x|ᵖ)^(1/p) of every row.  x (N, D) → (N,), a constant where the row is 0: the root has no slope there."""
    total = F.sum(F.absolute(x) ** p, axis=1)
    is_zero = total.array == 0
    return F.where(is_zero, np.zeros_like(total.array), F.where(is_zero, np.ones_like(total.array), total) ** (1 / p))
