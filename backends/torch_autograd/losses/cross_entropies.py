"""Losses of labels and probabilities with every setting that PyTorch's have."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

NONE = -100
"""No label: PyTorch ignores it unless told otherwise, and no scenario may hold it unless it is ignored."""


def cross_entropy(
    x: Tensor,
    t: Tensor,
    *,
    class_weight: Sequence[float] | None = None,
    ignore_label: int | None = None,
    smoothing: float = 0.0,
    reduction: str = "mean",
) -> Tensor:
    """loss = −Σ q·log softmax(x) over the classes of every position, and over the positions or their mean."""
    weight = None if class_weight is None else x.new_tensor(class_weight)
    ignored = NONE if ignore_label is None else ignore_label
    return F.cross_entropy(x, t, weight, ignore_index=ignored, reduction=reduction, label_smoothing=smoothing)


def negative_log_likelihood(
    log_p: Tensor,
    t: Tensor,
    *,
    class_weight: Sequence[float] | None = None,
    ignore_label: int | None = None,
    reduction: str = "mean",
) -> Tensor:
    """loss = −Σ class_weight[t]·log_p[t] over the positions, or their mean."""
    weight = None if class_weight is None else log_p.new_tensor(class_weight)
    # PyTorch 2.13 cannot differentiate it where the axes of an image's logarithms lie in memory in another order.
    return F.nll_loss(
        log_p.contiguous(), t, weight, ignore_index=NONE if ignore_label is None else ignore_label, reduction=reduction
    )


def binary_cross_entropy_with_logits(
    x: Tensor,
    t: Tensor,
    weight: Tensor | None = None,
    *,
    positive_weight: Sequence[float] | None = None,
    reduction: str = "mean",
) -> Tensor:
    """loss = −mean of weight·(positive_weight·t·log σ(x) + (1 − t)·log(1 − σ(x))) over all elements."""
    positive = None if positive_weight is None else x.new_tensor(positive_weight)
    return F.binary_cross_entropy_with_logits(x, t.to(x.dtype), weight, reduction=reduction, pos_weight=positive)


def binary_cross_entropy(p: Tensor, t: Tensor, weight: Tensor | None = None, *, reduction: str = "mean") -> Tensor:
    """loss = −mean of weight·(t·log p + (1 − t)·log(1 − p)) over all elements."""
    return F.binary_cross_entropy(p, t.to(p.dtype), weight, reduction=reduction)


def kl_divergence(log_p: Tensor, t: Tensor, *, log_target: bool = False, reduction: str = "batchmean") -> Tensor:
    """loss = mean over rows of Σ t·(log t − log_p); 0·log 0 is 0."""
    # PyTorch's default, the mean over all elements, warns of a change to come.
    return (
        F.kl_div(log_p, t, reduction="sum", log_target=log_target) / log_p.numel()
        if reduction == "mean"
        else F.kl_div(log_p, t, reduction=reduction, log_target=log_target)
    )
