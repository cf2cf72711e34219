"""Losses of labels and probabilities with every setting that PyTorch's have."""

from collections.abc import Sequence

import numpy as np

from backends.chainer_autograd.framework import F, Variable
from backends.contract import Array


def cross_entropy(
    x: Variable,
    t: Variable,
    *,
    class_weight: Sequence[float] | None = None,
    ignore_label: int | None = None,
    smoothing: float = 0.0,
    reduction: str = "mean",
) -> Variable:
    """loss = −Σ q·log softmax(x) over the classes of every position, and over the positions or their mean."""
    # F.softmax_cross_entropy knows no smoothing and no probabilities, and its mean is not over the weights.
    weight, right = _weights_and_targets(x, t, class_weight, ignore_label)
    q = (1 - smoothing) * right + smoothing / x.shape[1] * weight
    each = -F.sum(q * F.log_softmax(x, axis=1), axis=1)
    return _reduced(each, reduction, each.size if t.dtype.kind == "f" else right.sum())


def negative_log_likelihood(
    log_p: Variable,
    t: Variable,
    *,
    class_weight: Sequence[float] | None = None,
    ignore_label: int | None = None,
    reduction: str = "mean",
) -> Variable:
    """loss = −Σ class_weight[t]·log_p[t] over the positions, or their mean."""
    _, right = _weights_and_targets(log_p, t, class_weight, ignore_label)
    return _reduced(-F.sum(right * log_p, axis=1), reduction, right.sum())


def kl_divergence(log_p: Variable, t: Variable) -> Variable:
    """loss = mean over rows of Σ t·(log t − log_p); 0·log 0 is 0."""
    return F.sum(t * (F.log(F.where(t.array > 0, t, np.ones_like(t.array))) - log_p)) / len(t)


def _reduced(each: Variable, reduction: str, divisor: float) -> Variable:
    if reduction == "none":
        return each
    return F.sum(each) / divisor if reduction == "mean" else F.sum(each)


def _weights_and_targets(
    x: Variable, t: Variable, class_weight: Sequence[float] | None, ignore_label: int | None
) -> tuple[Array, Array | Variable]:
    """The weight of each class at each position, 0 where the label is ignored, and that weight times the target."""
    weight = np.ones_like(x.array)
    if class_weight is not None:
        weight *= np.reshape(np.array(class_weight, x.dtype), (-1, *[1] * (x.ndim - 2)))
    if t.dtype.kind == "f":
        return weight, weight * t
    labels = np.expand_dims(t.array, 1)
    weight[np.broadcast_to(labels == ignore_label, weight.shape)] = 0
    return weight, np.where(np.arange(x.shape[1]).reshape(-1, *[1] * (x.ndim - 2)) == labels, weight, 0)
