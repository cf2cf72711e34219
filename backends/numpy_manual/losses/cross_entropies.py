"""Losses of labels and probabilities with every setting that PyTorch's have: they may be summed, or left unreduced.

A loss that is left unreduced is that of every position; another op makes one number of it.
"""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.losses.answers import answers_misfit, weights_of_answers
from backends.numpy_manual.losses.loss_reductions import REDUCTIONS


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
    "none"; one example may come without the N.  q = class_weight·((1 − smoothing)·p + smoothing / C), where p is
    onehot(t) or t itself; at a label that is ignored q = 0.  The mean divides by Σ class_weight[t] over the labels that
    count, for probabilities by the number of positions.  ∂loss/∂x = softmax(x)·Σ q − q and ∂loss/∂p =
    −class_weight·(1 − smoothing)·log softmax(x) per position  (Szegedy et al. 2016, arXiv:1512.00567, 7; the mean is
    that of PyTorch's cross_entropy).

    Why:
        p[n,c] = exp(x[n,c]) / Σ_k exp(x[n,k])
        q[n,c] = (1 − smoothing)·[c = t[n]] + smoothing / C
        loss = −Σ_nc q[n,c]·log(p[n,c]) / N
        ∂L/∂x[n,c] = ∂L/∂loss·∂loss/∂x[n,c] = ∂L/∂loss·(p[n,c]·Σ_k q[n,k] − q[n,c]) / N
        () → (N, C)
        grad_x = grad_loss * (p * np.sum(q, axis=1, keepdims=True) - q) / N
    """
    if wrong := _misfit(x, t, class_weight, ignore_label, reduction, takes_probabilities=True):
        raise ValueError(wrong)
    if not 0 <= smoothing <= 1:
        raise ValueError("smoothing must be from 0 to 1")
    axis = min(x.ndim - 1, 1)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
    weight, right = _weights_and_targets(x, t, class_weight, ignore_label)
    q = (1 - smoothing) * right + smoothing / x.shape[axis] * weight
    each = -np.sum(q * np.where(q != 0, log_p, 0), axis=axis)
    divisor = 1 if reduction != "mean" else np.sum(right) if t.dtype.kind in "iu" else each.size

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_each = np.expand_dims(np.broadcast_to(grad_loss / divisor, each.shape), axis)
        return (
            grad_each * (np.exp(log_p) * np.sum(q, axis=axis, keepdims=True) - q),
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
    (N, …) with the reduction "none"; one example may come without the N.  A label that is ignored counts for nothing;
    the mean divides by Σ class_weight[t] over the others.  ∂loss/∂log_p = −class_weight[t] at t, else 0  (Goodfellow et
    al., Deep Learning, 6.2.1.1; the mean is that of PyTorch's nll_loss).

    Why:
        loss = −Σ_n log_p[n,t[n]] / N
        ∂L/∂log_p[n,c] = ∂L/∂loss·∂loss/∂log_p[n,c] = −∂L/∂loss·[c = t[n]] / N
        () → (N, C)
        grad_log_p = -grad_loss * np.eye(C)[t] / N
    """
    if wrong := _misfit(log_p, t, class_weight, ignore_label, reduction, takes_probabilities=False):
        raise ValueError(wrong)
    axis = min(log_p.ndim - 1, 1)
    _, right = _weights_and_targets(log_p, t, class_weight, ignore_label)
    each = -np.sum(right * np.where(right != 0, log_p, 0), axis=axis)
    divisor = 1 if reduction != "mean" else np.sum(right)

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_each = np.expand_dims(np.broadcast_to(grad_loss / divisor, each.shape), axis)
        return grad_each * -right, None

    return each if reduction == "none" else np.sum(each) / divisor, backward


def binary_cross_entropy_with_logits(
    x: Array,
    t: Array,
    weight: Array | None = None,
    *,
    positive_weight: Sequence[float] | None = None,
    reduction: str = "mean",
) -> tuple[Array, Backward]:
    """loss = −mean of weight·(positive_weight·t·log σ(x) + (1 − t)·log(1 − σ(x))) over all elements.

    x (any shape) scores, t (the same) 0 and 1 or what lies between, weight (a shape that fills x's) data → loss (), or
    of x's shape with the reduction "none".  positive_weight is one for each class, along the last axis, or one for all.
    The mean divides by the number of elements, whatever they weigh.  With yes = weight·positive_weight·t and
    no = weight·(1 − t), ∂loss/∂x = no·σ(x) − yes·(1 − σ(x)) per element, and ∂loss/∂t =
    weight·(log(1 − σ(x)) − positive_weight·log σ(x))  (Bishop, Pattern Recognition and Machine Learning, 4.3.2; the
    weights are those of PyTorch's function of this name).

    Why:
        p[i] = σ(x[i])
        loss = −Σ_i (t[i]·log(p[i]) + (1 − t[i])·log(1 − p[i])) / I
        ∂L/∂x[i] = ∂L/∂loss·∂loss/∂x[i] = ∂L/∂loss·((1 − t[i])·p[i] − t[i]·(1 − p[i])) / I = ∂L/∂loss·(p[i] − t[i]) / I
        () → (I)
        grad_x = grad_loss * (p - t) / x.size
        ∂L/∂t[i] = ∂L/∂loss·∂loss/∂t[i] = ∂L/∂loss·(log(1 − p[i]) − log(p[i])) / I = −∂L/∂loss·x[i] / I
        () → (I)
        grad_t = -grad_loss * x / x.size
    """
    if wrong := answers_misfit(x, t, weight, reduction):
        raise ValueError(wrong)
    if positive_weight is not None and (not x.ndim or len(positive_weight) not in (1, x.shape[-1])):
        raise ValueError("positive_weight must hold one weight per class, along the last axis of x, or one for all")
    for_yes, for_no, yes, no = weights_of_answers(x, t, weight, positive_weight)
    e = np.exp(-np.abs(x))
    log_p, log_q = np.minimum(x, 0) - np.log1p(e), np.minimum(-x, 0) - np.log1p(e)
    each = -(yes * log_p + no * log_q)
    divisor = x.size if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_each = grad_loss / divisor
        p, q = np.where(x >= 0, 1, e) / (1 + e), np.where(x >= 0, e, 1) / (1 + e)
        return (
            grad_each * (no * p - yes * q),
            None if t.dtype.kind in "iu" else lambda: grad_each * (for_no * log_q - for_yes * log_p),
            None,
        )

    return each if reduction == "none" else np.sum(each) / divisor, backward


def binary_cross_entropy(
    p: Array, t: Array, weight: Array | None = None, *, reduction: str = "mean"
) -> tuple[Array, Backward]:
    """loss = −mean of weight·(t·log p + (1 − t)·log(1 − p)) over all elements.

    p (any shape) probabilities of a yes, t (the same) 0 and 1 or what lies between, weight (a shape that fills p's)
    data → loss (), or of p's shape with the reduction "none".  The mean divides by the number of elements, whatever
    they weigh.  ∂loss/∂p = weight·((1 − t)/(1 − p) − t/p) and ∂loss/∂t = weight·(log(1 − p) − log p) per element
    (Bishop, Pattern Recognition and Machine Learning, 4.3.2).

    Why:
        loss = −Σ_i (t[i]·log(p[i]) + (1 − t[i])·log(1 − p[i])) / I
        ∂L/∂p[i] = ∂L/∂loss·∂loss/∂p[i] = ∂L/∂loss·((1 − t[i]) / (1 − p[i]) − t[i] / p[i]) / I
        () → (I)
        grad_p = grad_loss * ((1 - t) / (1 - p) - t / p) / p.size
        ∂L/∂t[i] = ∂L/∂loss·∂loss/∂t[i] = ∂L/∂loss·(log(1 − p[i]) − log(p[i])) / I
        () → (I)
        grad_t = grad_loss * (np.log1p(-p) - np.log(p)) / p.size
    """
    if wrong := answers_misfit(p, t, weight, reduction):
        raise ValueError(wrong)
    if not np.all(t >= 0):
        raise ValueError("t must hold numbers from 0 to 1, and no NaN")
    if not np.all((p > 0) & (p < 1)):
        raise ValueError("p must hold probabilities above 0 and below 1; scores go to binary_cross_entropy_with_logits")
    for_yes, for_no, yes, no = weights_of_answers(p, t, weight, None)
    each = -(yes * np.log(p) + no * np.log1p(-p))
    divisor = p.size if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_each = grad_loss / divisor
        return (
            grad_each * (no / (1 - p) - yes / p),
            None if t.dtype.kind in "iu" else lambda: grad_each * (for_no * np.log1p(-p) - for_yes * np.log(p)),
            None,
        )

    return each if reduction == "none" else np.sum(each) / divisor, backward


def kl_divergence(
    log_p: Array, t: Array, *, log_target: bool = False, reduction: str = "batchmean"
) -> tuple[Array, Backward]:
    """loss = mean over rows of Σ t·(log t − log_p), how far the distribution p is from the target t; 0·log 0 is 0.

    log_p (N, …) log-probabilities, t (the same) probabilities, or their logarithms with log_target → loss (), or of
    that shape with the reduction "none".  The mean is over the N rows unless the reduction is "mean", that over all
    elements.  ∂loss/∂log_p = −t, ∂loss/∂t = log t + 1 − log_p, which is −∞ at t = 0.  ∂loss/∂log t is t times
    that  (Kullback & Leibler 1951, Ann. Math. Statist. 22, 79).

    Why:
        loss = Σ_nc t[n,c]·(log(t[n,c]) − log_p[n,c]) / N
        ∂L/∂log_p[n,c] = ∂L/∂loss·∂loss/∂log_p[n,c] = −∂L/∂loss·t[n,c] / N
        () → (N, C)
        grad_log_p = -grad_loss * t / N
        ∂L/∂t[n,c] = ∂L/∂loss·∂loss/∂t[n,c] = ∂L/∂loss·(log(t[n,c]) + 1 − log_p[n,c]) / N
        () → (N, C)
        grad_t = grad_loss * (np.log(t) + 1 - log_p) / N
    """
    if log_p.shape != t.shape:
        raise ValueError("their shapes must be the same")
    if not log_p.ndim:
        raise ValueError("log_p and t must be (N, C)")
    if not log_target and np.any(t < 0):
        raise ValueError("t must hold probabilities, none of them below 0")
    if reduction not in ("batchmean", *REDUCTIONS):
        raise ValueError('reduction must be "batchmean", "mean", "sum" or "none"')
    apart = (t if log_target else np.log(np.where(t > 0, t, 1))) - log_p
    each = (np.exp(t) if log_target else t) * apart
    divisor = len(t) if reduction == "batchmean" else t.size if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        return (
            grad_loss * -(np.exp(t) if log_target else t) / divisor,
            lambda: grad_loss * (np.exp(t) * (apart + 1) if log_target else np.log(t) + 1 - log_p) / divisor,
        )

    return each if reduction == "none" else np.sum(each) / divisor, backward


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
    if not x.ndim or not x.size:
        return "x must be (N, C, …) or (C,), with at least one position and one class"
    axis = min(x.ndim - 1, 1)
    if class_weight is not None and len(class_weight) != x.shape[axis]:
        return "class_weight must hold one weight per class"
    if t.dtype.kind == "f" and takes_probabilities:
        if t.shape != x.shape:
            return "t must be (N, …) of integer labels, or (N, C, …) of probabilities as x is"
        return "" if ignore_label is None else "ignore_label is one of the labels, and t holds probabilities"
    if t.dtype.kind not in "iu" or t.shape != (*x.shape[:axis], *x.shape[axis + 1 :]):
        return "x must be (N, C, …) and t (N, …), one integer label per position"
    counting = t if ignore_label is None else t[t != ignore_label]
    if not np.all((counting >= 0) & (counting < x.shape[axis])):
        return "every label must be from 0 to C - 1 or ignore_label"
    counts = counting.size > 0 if class_weight is None else np.any(np.array(class_weight)[counting])
    if reduction == "mean" and not counts:
        return "every label is ignored or of weight 0, so there is nothing to average"
    return ""


def _weights_and_targets(
    x: Array, t: Array, class_weight: Sequence[float] | None, ignore_label: int | None
) -> tuple[Array, Array]:
    """The weight of each class at each position, 0 where the label is ignored, and that weight times the target."""
    axis = min(x.ndim - 1, 1)
    per_class = [1.0] * x.shape[axis] if class_weight is None else class_weight
    weight = np.ones_like(x) * np.reshape(np.array(per_class, x.dtype), (-1, *[1] * (x.ndim - 2)))
    if t.dtype.kind == "f":
        return weight, weight * t
    counts = np.expand_dims(np.ones(t.shape, bool) if ignore_label is None else t != ignore_label, axis)
    onehot = np.zeros_like(x)
    np.put_along_axis(onehot, np.where(counts, np.expand_dims(t, axis), 0), 1, axis)
    return np.where(counts, weight, 0), np.where(counts, weight * onehot, 0)
