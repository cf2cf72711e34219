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
    return F.nll_loss(
        log_p, t, weight, ignore_index=NONE if ignore_label is None else ignore_label, reduction=reduction
    )


def kl_divergence(log_p: Tensor, t: Tensor) -> Tensor:
    """loss = mean over rows of Σ t·(log t − log_p); 0·log 0 is 0."""
    # PyTorch's default mean is over all elements.
    return F.kl_div(log_p, t, reduction="batchmean")
