"""Losses of labels and probabilities with every setting that PyTorch's have: they may be summed, or left unreduced.

A loss that is left unreduced is that of every position; another op makes one number of it.
"""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient

REDUCTIONS = ("mean", "sum", "none")
"""What becomes of the losses of all positions."""


def cross_entropy(
    x: Array,
    t: Array,
    *,
    class_weight: Sequence[float] | None = None,
    ignore_label: int | None = None,
    smoothing: float = 0.0,
    reduction: str = "mean",
) -> tuple[Array, Backward]:
    """loss = −Σ q·log softmax(x) over the classes of every position, and over the positions or their mean.

    x (N, C, …) scores, t (N, …) integer labels or (N, C, …) probabilities → loss (), or (N, …) with the reduction
    "none".  q = class_weight·((1 − smoothing)·p + smoothing / C), where p is onehot(t) or t itself; at a label that is
    ignored q = 0.  The mean divides by Σ class_weight[t] over the labels that count, for probabilities by the number of
    positions.  ∂loss/∂x = softmax(x)·Σ q − q and ∂loss/∂p = −class_weight·(1 − smoothing)·log softmax(x) per position
    (Szegedy et al. 2016, arXiv:1512.00567, 7; the mean is that of PyTorch's cross_entropy).
    """
    if wrong := _misfit(x, t, class_weight, ignore_label, reduction, takes_probabilities=True):
        raise ValueError(wrong)
    if not 0 <= smoothing <= 1:
        raise ValueError("smoothing must be from 0 to 1")
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    weight, right = _weights_and_targets(x, t, class_weight, ignore_label)
    q = (1 - smoothing) * right + smoothing / x.shape[1] * weight
    each = -np.sum(q * np.where(q != 0, log_p, 0), axis=1)
    divisor = 1 if reduction != "mean" else np.sum(right) if t.dtype.kind in "iu" else each.size

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_each = np.expand_dims(np.broadcast_to(grad_loss / divisor, each.shape), 1)
        return (
            grad_each * (np.exp(log_p) * np.sum(q, axis=1, keepdims=True) - q),
            None if t.dtype.kind in "iu" else lambda: grad_each * (-(1 - smoothing) * weight * log_p),
        )

    return each if reduction == "none" else np.sum(each) / divisor, backward


def negative_log_likelihood(
    log_p: Array,
    t: Array,
    *,
    class_weight: Sequence[float] | None = None,
    ignore_label: int | None = None,
    reduction: str = "mean",
) -> tuple[Array, Backward]:
    """loss = −Σ class_weight[t]·log_p[t] over the positions, or their mean.

    log_p (N, C, …) log-probabilities, such as log_softmax gives along axis 1, t (N, …) integer labels → loss (), or
    (N, …) with the reduction "none".  A label that is ignored counts for nothing; the mean divides by Σ class_weight[t]
    over the others.  ∂loss/∂log_p = −class_weight[t] at t, else 0  (Goodfellow et al., Deep Learning, 6.2.1.1; the mean
    is that of PyTorch's nll_loss).
    """
    if wrong := _misfit(log_p, t, class_weight, ignore_label, reduction, takes_probabilities=False):
        raise ValueError(wrong)
    _, right = _weights_and_targets(log_p, t, class_weight, ignore_label)
    each = -np.sum(right * np.where(right != 0, log_p, 0), axis=1)
    divisor = 1 if reduction != "mean" else np.sum(right)

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_each = np.expand_dims(np.broadcast_to(grad_loss / divisor, each.shape), 1)
        return grad_each * -right, None

    return each if reduction == "none" else np.sum(each) / divisor, backward


def kl_divergence(log_p: Array, t: Array) -> tuple[Array, Backward]:
    """loss = mean over rows of Σ t·(log t − log_p), how far the distribution p is from the target t; 0·log 0 is 0.

    log_p (N, C) log-probabilities, t (N, C) probabilities → loss ().  ∂loss/∂log_p = −t / N,
    ∂loss/∂t = (log t + 1 − log_p) / N where t > 0; at 0 there is none  (Kullback & Leibler 1951, Ann. Math. Statist.
    22, 79).
    """
    if log_p.shape != t.shape:
        raise ValueError("their shapes must be the same")
    if not log_p.ndim:
        raise ValueError("log_p and t must be (N, C)")
    if np.any(t < 0):
        raise ValueError("t must hold probabilities, none of them below 0")
    apart = np.log(np.where(t > 0, t, 1)) - log_p

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        return grad_loss * -t / len(t), lambda: grad_loss * (apart + 1) / len(t)

    return np.sum(t * apart) / len(t), backward


def _misfit(
    x: Array,
    t: Array,
    class_weight: Sequence[float] | None,
    ignore_label: int | None,
    reduction: str,
    *,
    takes_probabilities: bool,
) -> str:
    """What would be right where targets or settings do not fit the scores; empty where they do."""
    if reduction not in REDUCTIONS:
        return 'reduction must be "mean", "sum" or "none"'
    if x.ndim < 2 or not x.size:
        return "x must be (N, C, …) with at least one position and one class"
    if class_weight is not None and len(class_weight) != x.shape[1]:
        return "class_weight must hold one weight per class"
    if t.dtype.kind == "f" and takes_probabilities:
        if t.shape != x.shape:
            return "t must be (N, …) of integer labels, or (N, C, …) of probabilities as x is"
        return "" if ignore_label is None else "ignore_label is one of the labels, and t holds probabilities"
    if t.dtype.kind not in "iu" or t.shape != (*x.shape[:1], *x.shape[2:]):
        return "x must be (N, C, …) and t (N, …), one integer label per position"
    counting = t if ignore_label is None else t[t != ignore_label]
    if not np.all((counting >= 0) & (counting < x.shape[1])):
        return "every label must be from 0 to C - 1 or ignore_label"
    weights = np.ones(x.shape[1]) if class_weight is None else np.array(class_weight)
    if reduction == "mean" and not np.any(weights[counting]):
        return "every label is ignored or of weight 0, so there is nothing to average"
    return ""


def _weights_and_targets(
    x: Array, t: Array, class_weight: Sequence[float] | None, ignore_label: int | None
) -> tuple[Array, Array]:
    """The weight of each class at each position, 0 where the label is ignored, and that weight times the target."""
    per_class = [1.0] * x.shape[1] if class_weight is None else class_weight
    weight = np.ones_like(x) * np.reshape(np.array(per_class, x.dtype), (-1, *[1] * (x.ndim - 2)))
    if t.dtype.kind == "f":
        return weight, weight * t
    counts = np.expand_dims(np.ones(t.shape, bool) if ignore_label is None else t != ignore_label, 1)
    onehot = np.zeros_like(x)
    np.put_along_axis(onehot, np.where(counts, np.expand_dims(t, 1), 0), 1, 1)
    return np.where(counts, weight, 0), np.where(counts, weight * onehot, 0)
