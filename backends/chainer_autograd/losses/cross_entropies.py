"""Losses of labels and probabilities with every setting that PyTorch's have."""

from collections.abc import Sequence

import numpy as np

from backends.chainer_autograd.framework import F, Variable
from backends.chainer_autograd.losses.loss_reductions import reduced
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
    axis = min(x.ndim - 1, 1)
    weight, right = _weights_and_targets(x, t, class_weight, ignore_label)
    q = (1 - smoothing) * right + smoothing / x.shape[axis] * weight
    each = -F.sum(q * F.log_softmax(x, axis=axis), axis=axis)
    return reduced(each, reduction, each.size if t.dtype.kind == "f" else right.sum())


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
    return reduced(-F.sum(right * log_p, axis=min(log_p.ndim - 1, 1)), reduction, right.sum())


def binary_cross_entropy_with_logits(
    x: Variable,
    t: Variable,
    weight: Variable | None = None,
    *,
    positive_weight: Sequence[float] | None = None,
    reduction: str = "mean",
) -> Variable:
    """loss = −mean of weight·(positive_weight·t·log σ(x) + (1 − t)·log(1 − σ(x))) over all elements."""
    # F.sigmoid_cross_entropy takes whole labels only, and no weights.
    t = F.cast(t, x.dtype)
    yes = t if positive_weight is None else t * np.array(positive_weight, x.dtype)
    unweighted = yes * F.softplus(-x) + (1 - t) * F.softplus(x)
    each = unweighted if weight is None else F.broadcast_to(weight, x.shape) * unweighted
    return each if reduction == "none" else F.sum(each) if reduction == "sum" else F.mean(each)


def binary_cross_entropy(
    p: Variable, t: Variable, weight: Variable | None = None, *, reduction: str = "mean"
) -> Variable:
    """loss = −mean of weight·(t·log p + (1 − t)·log(1 − p)) over all elements."""
    t = F.cast(t, p.dtype)
    unweighted = -(t * F.log(p) + (1 - t) * F.log1p(-p))
    each = unweighted if weight is None else F.broadcast_to(weight, p.shape) * unweighted
    return each if reduction == "none" else F.sum(each) if reduction == "sum" else F.mean(each)


def kl_divergence(log_p: Variable, t: Variable, *, log_target: bool = False, reduction: str = "batchmean") -> Variable:
    """loss = mean over rows of Σ t·(log t − log_p); 0·log 0 is 0."""
    apart = (t if log_target else F.log(t)) - log_p
    each = F.exp(t) * apart if log_target else F.where(t.array == 0, np.zeros_like(t.array), t * apart)
    divisor = len(t) if reduction == "batchmean" else t.size if reduction == "mean" else 1
    return each if reduction == "none" else F.sum(each) / divisor


def _weights_and_targets(
    x: Variable, t: Variable, class_weight: Sequence[float] | None, ignore_label: int | None
) -> tuple[Array, Array | Variable]:
    """The weight of each class at each position, 0 where the label is ignored, and that weight times the target."""
    weight = np.ones_like(x.array)
    if class_weight is not None:
        weight *= np.reshape(np.array(class_weight, x.dtype), (-1, *[1] * (x.ndim - 2)))
    if t.dtype.kind == "f":
        return weight, weight * t
    axis = min(x.ndim - 1, 1)
    labels = np.expand_dims(t.array, axis)
    weight[np.broadcast_to(labels == ignore_label, weight.shape)] = 0
    return weight, np.where(np.arange(x.shape[axis]).reshape(-1, *[1] * (x.ndim - 2)) == labels, weight, 0)
