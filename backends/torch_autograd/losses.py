"""Losses: one number that training makes small."""

from collections.abc import Sequence

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


def softmax_cross_entropy(x: Tensor, t: Tensor) -> Tensor:
    """loss = −mean over rows of log softmax(x)[t], t (N,) integer labels."""
    return F.cross_entropy(x, t)


def weighted_softmax_cross_entropy(x: Tensor, t: Tensor, *, class_weight: Sequence[float]) -> Tensor:
    """loss = −mean over rows of class_weight[t]·log softmax(x)[t], t (N,) integer labels."""
    # PyTorch's own mean divides by the sum of the weights.
    return F.cross_entropy(x, t, weight=x.new_tensor(class_weight), reduction="sum") / len(t)


def masked_softmax_cross_entropy(x: Tensor, t: Tensor, *, ignore_label: int) -> Tensor:
    """loss = −mean of log softmax(x)[t] over the rows whose label is not ignore_label."""
    return F.cross_entropy(x, t, ignore_index=ignore_label)


def smoothed_softmax_cross_entropy(x: Tensor, t: Tensor, *, smoothing: float) -> Tensor:
    """loss = −mean over rows of Σ q·log softmax(x), q = (1 − smoothing)·onehot(t) + smoothing / C."""
    return F.cross_entropy(x, t, label_smoothing=smoothing)


def sigmoid_cross_entropy(x: Tensor, t: Tensor) -> Tensor:
    """loss = −mean over all elements of log σ(x) where t is 1, of log(1 − σ(x)) where it is 0."""
    return F.binary_cross_entropy_with_logits(x, t.to(x.dtype))


def hinge(x: Tensor, t: Tensor) -> Tensor:
    """loss = mean over rows of Σ max(1 + s, 0), where s = −x for the class t and x for every other."""
    # F.multi_margin_loss compares every class with the right one.
    s = (1 - 2 * F.one_hot(t, x.shape[1])) * x
    return F.relu(1 + s).sum() / len(t)


def kl_divergence(log_p: Tensor, t: Tensor) -> Tensor:
    """loss = mean over rows of Σ t·(log t − log_p); 0·log 0 is 0."""
    # PyTorch's default mean is over all elements.
    return F.kl_div(log_p, t, reduction="batchmean")


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
