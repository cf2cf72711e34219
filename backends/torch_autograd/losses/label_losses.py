"""Losses of labels: of one class per row, or of a yes and no per element."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor


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


def sigmoid_cross_entropy(x: Tensor, t: Tensor, *, reduction: str = "mean") -> Tensor:
    """loss = −mean over all elements of log σ(x) where t is 1, of log(1 − σ(x)) where it is 0."""
    return F.binary_cross_entropy_with_logits(x, t.to(x.dtype), reduction=reduction)


def masked_sigmoid_cross_entropy(x: Tensor, t: Tensor, *, ignore_label: int, reduction: str = "mean") -> Tensor:
    """loss = −mean of log σ(x) where t is 1, of log(1 − σ(x)) where it is 0, over the elements that count."""
    counts = t != ignore_label
    each = F.binary_cross_entropy_with_logits(x, t.to(x.dtype), reduction="none").where(counts, 0)
    return each if reduction == "none" else each.sum() / (counts.sum() if reduction == "mean" else 1)


def hinge(x: Tensor, t: Tensor, *, reduction: str = "mean") -> Tensor:
    """loss = mean over rows of Σ max(1 + s, 0), where s = −x for the class t and x for every other."""
    # F.multi_margin_loss compares every class with the right one.
    s = (1 - 2 * F.one_hot(t, x.shape[1])) * x
    each = F.relu(1 + s)
    return each if reduction == "none" else each.sum() / (len(t) if reduction == "mean" else 1)
