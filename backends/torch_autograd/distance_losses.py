"""Losses that measure a distance: of numbers, or of vectors."""


import torch.nn.functional as F
from torch import Tensor


def mean_squared_error(y: Tensor, t: Tensor) -> Tensor:
    """loss = mean of (y − t)² over all elements."""
    return F.mse_loss(y, t)


def mean_absolute_error(y: Tensor, t: Tensor) -> Tensor:
    """loss = mean of |y − t| over all elements; the gradient at y = t is 0."""
    return F.l1_loss(y, t)


def huber(y: Tensor, t: Tensor, *, delta: float) -> Tensor:
    """loss = mean over all elements of ½·(y − t)² up to a distance of delta, beyond it of delta·(|y − t| − ½·delta)."""
    return F.huber_loss(y, t, delta=delta)


def triplet(anchor: Tensor, positive: Tensor, negative: Tensor, *, margin: float) -> Tensor:
    """loss = mean over rows of max(‖anchor − positive‖² − ‖anchor − negative‖² + margin, 0)."""
    # F.triplet_margin_loss takes distances, not their squares.
    excess = ((anchor - positive) ** 2 - (anchor - negative) ** 2).sum(dim=1) + margin
    return F.relu(excess).mean()


def cosine_distance(x: Tensor, y: Tensor, *, eps: float) -> Tensor:
    """loss = 1 − mean over rows of x·y / (‖x‖·‖y‖), where no length counts as less than eps."""
    # F.cosine_similarity raises a short length to eps, but differentiates it as if it had not.
    cos = (F.normalize(x, dim=1, eps=eps) * F.normalize(y, dim=1, eps=eps)).sum(dim=1)
    return 1 - cos.mean()
