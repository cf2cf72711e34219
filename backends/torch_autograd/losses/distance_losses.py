"""Losses that measure a distance: of numbers, or of vectors."""

import torch.nn.functional as F
from torch import Tensor


def mean_squared_error(y: Tensor, t: Tensor, *, reduction: str = "mean") -> Tensor:
    """loss = mean of (y − t)² over all elements."""
    return F.mse_loss(y, t, reduction=reduction)


def mean_absolute_error(y: Tensor, t: Tensor, *, reduction: str = "mean") -> Tensor:
    """loss = mean of |y − t| over all elements; the gradient at y = t is 0."""
    return F.l1_loss(y, t, reduction=reduction)


def huber(y: Tensor, t: Tensor, *, delta: float, reduction: str = "mean") -> Tensor:
    """loss = mean over all elements of ½·(y − t)² up to a distance of delta, beyond it of delta·(|y − t| − ½·delta)."""
    return F.huber_loss(y, t, reduction=reduction, delta=delta)


def smooth_l1(y: Tensor, t: Tensor, *, beta: float, reduction: str = "mean") -> Tensor:
    """loss = mean over all elements of ½·(y − t)²/beta up to a distance of beta, beyond it of |y − t| − ½·beta."""
    return F.smooth_l1_loss(y, t, reduction=reduction, beta=beta)


def triplet(anchor: Tensor, positive: Tensor, negative: Tensor, *, margin: float, reduction: str = "mean") -> Tensor:
    """loss = mean over rows of max(‖anchor − positive‖² − ‖anchor − negative‖² + margin, 0)."""
    # F.triplet_margin_loss takes distances, not their squares.
    excess = ((anchor - positive) ** 2 - (anchor - negative) ** 2).sum(dim=1) + margin
    each = F.relu(excess)
    return each if reduction == "none" else each.sum() if reduction == "sum" else each.mean()


def triplet_margin(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    margin: float,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """loss = mean over rows of max(d(anchor, positive) − d(anchor, negative) + margin, 0), d(a, b) = ‖a − b + eps‖ₚ."""
    return F.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction=reduction)


def cosine_distance(x: Tensor, y: Tensor, *, eps: float, axis: int = -1, reduction: str = "mean") -> Tensor:
    """loss = 1 − mean over rows of x·y / (‖x‖·‖y‖), where no length counts as less than eps."""
    # F.cosine_similarity raises a short length to eps, but differentiates it as if it had not.
    each = 1 - (F.normalize(x, dim=axis, eps=eps) * F.normalize(y, dim=axis, eps=eps)).sum(dim=axis)
    return each if reduction == "none" else each.sum() if reduction == "sum" else each.mean()
