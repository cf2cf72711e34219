"""Losses of labels: of one class per row, or of a yes and no per element."""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.losses.loss_reductions import REDUCTIONS


def softmax_cross_entropy(x: Array, t: Array) -> tuple[Array, Backward]:
    """loss = −mean over rows of log softmax(x)[t].

    x (N, C) scores, t (N,) integer labels → loss ().  The largest score of a row is subtracted before exp, which would
    overflow.  ∂loss/∂x = (softmax(x) − onehot(t)) / N  (Goodfellow et al., Deep Learning, 6.2.2.3).

    Why:
        p[n,c] = exp(x[n,c]) / Σ_k exp(x[n,k])
        loss = −Σ_n log(p[n,t[n]]) / N = −Σ_n (x[n,t[n]] − log(Σ_k exp(x[n,k]))) / N
        ∂loss/∂x[n,c] = −([c = t[n]] − exp(x[n,c]) / Σ_k exp(x[n,k])) / N = (p[n,c] − [c = t[n]]) / N
        ∂L/∂x[n,c] = ∂L/∂loss·∂loss/∂x[n,c] = ∂L/∂loss·(p[n,c] − [c = t[n]]) / N
        () → (N, C)
        grad_x = grad_loss * (p - np.eye(C)[t]) / N
    """
    if x.ndim != 2 or t.dtype.kind not in "iu":
        raise ValueError("x must be (N, C), and t integers")
    if t.shape != x.shape[:1] or not np.all((t >= 0) & (t < x.shape[1])):
        raise ValueError("t must hold one label per row of x, each from 0 to C - 1")
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    rows = np.arange(len(t))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_x = np.exp(log_p)
        grad_x[rows, t] -= 1
        return grad_loss * grad_x / len(t), None

    return -np.mean(log_p[rows, t]), backward


def weighted_softmax_cross_entropy(x: Array, t: Array, *, class_weight: Sequence[float]) -> tuple[Array, Backward]:
    """loss = −mean over rows of class_weight[t]·log softmax(x)[t]: a rare class may count for more.

    x (N, C) scores, t (N,) integer labels, one weight for each class → loss ().  The mean is over the N rows, not over
    their weights.  ∂loss/∂x = class_weight[t]·(softmax(x) − onehot(t)) / N  (King & Zeng 2001, Political Analysis 9).

    Why:
        p[n,c] = exp(x[n,c]) / Σ_k exp(x[n,k])
        loss = −Σ_n class_weight[t[n]]·log(p[n,t[n]]) / N
        ∂L/∂x[n,c] = ∂L/∂loss·∂loss/∂x[n,c] = ∂L/∂loss·class_weight[t[n]]·(p[n,c] − [c = t[n]]) / N
        weight[n] = class_weight[t[n]]
        () → (N, C)
        grad_x = grad_loss * weight[:, None] * (p - np.eye(C)[t]) / N
    """
    if x.ndim != 2 or t.dtype.kind not in "iu":
        raise ValueError("x must be (N, C), and t integers")
    if t.shape != x.shape[:1] or not np.all((t >= 0) & (t < x.shape[1])):
        raise ValueError("t must hold one label per row of x, each from 0 to C - 1")
    if len(class_weight) != x.shape[1]:
        raise ValueError("class_weight must hold one weight per class")
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    rows = np.arange(len(t))
    weight = np.array(class_weight, x.dtype)[t]

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_x = np.exp(log_p)
        grad_x[rows, t] -= 1
        return grad_loss * weight[:, None] * grad_x / len(t), None

    return -np.mean(weight * log_p[rows, t]), backward


def masked_softmax_cross_entropy(x: Array, t: Array, *, ignore_label: int) -> tuple[Array, Backward]:
    """loss = −mean of log softmax(x)[t] over the rows whose label is not ignore_label, such as padding.

    x (N, C) scores, t (N,) integer labels → loss ().  ∂loss/∂x is that of softmax_cross_entropy in the rows that count,
    divided by their number, and 0 in the others  (Chainer's ignore_label, PyTorch's ignore_index).

    Why:
        p[n,c] = exp(x[n,c]) / Σ_k exp(x[n,k])
        counts[n] = [t[n] ≠ ignore_label]
        right[n,c] = [c = t[n], t[n] ≠ ignore_label]
        loss = −Σ_nc right[n,c]·log(p[n,c]) / Σ_n counts[n]
        ∂L/∂x[n,c] = ∂L/∂loss·∂loss/∂x[n,c] = ∂L/∂loss·(counts[n]·p[n,c] − right[n,c]) / Σ_k counts[k]
        () → (N, C)
        grad_x = grad_loss * (counts[:, None] * p - right) / np.sum(counts)
    """
    if x.ndim != 2 or t.dtype.kind not in "iu":
        raise ValueError("x must be (N, C), and t integers")
    rows = np.flatnonzero(t != ignore_label)
    if not len(rows):
        raise ValueError("every label is ignored, so there is nothing to average")
    if t.shape != x.shape[:1] or not np.all((t[rows] >= 0) & (t[rows] < x.shape[1])):
        raise ValueError("t must hold one label per row of x, each from 0 to C - 1 or ignore_label")
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_x = np.zeros_like(x)
        grad_x[rows] = np.exp(log_p[rows])
        grad_x[rows, t[rows]] -= 1
        return grad_loss * grad_x / len(rows), None

    return -np.mean(log_p[rows, t[rows]]), backward


def smoothed_softmax_cross_entropy(x: Array, t: Array, *, smoothing: float) -> tuple[Array, Backward]:
    """loss = −mean over rows of Σ q·log softmax(x), where q = (1 − smoothing)·onehot(t) + smoothing / C.

    x (N, C) scores, t (N,) integer labels → loss ().  ∂loss/∂x = (softmax(x) − q) / N: the right class is no longer
    pushed to a probability of 1  (Szegedy et al. 2016, arXiv:1512.00567, 7).

    Why:
        p[n,c] = exp(x[n,c]) / Σ_k exp(x[n,k])
        q[n,c] = (1 − smoothing)·[c = t[n]] + smoothing / C
        loss = −Σ_nc q[n,c]·log(p[n,c]) / N
        ∂L/∂x[n,c] = ∂L/∂loss·∂loss/∂x[n,c] = ∂L/∂loss·(p[n,c] − q[n,c]) / N
        () → (N, C)
        grad_x = grad_loss * (p - q) / N
    """
    if x.ndim != 2 or t.dtype.kind not in "iu":
        raise ValueError("x must be (N, C), and t integers")
    if t.shape != x.shape[:1] or not np.all((t >= 0) & (t < x.shape[1])):
        raise ValueError("t must hold one label per row of x, each from 0 to C - 1")
    if not 0 <= smoothing <= 1:
        raise ValueError("smoothing must be from 0 to 1")
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    rows = np.arange(len(t))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_x = np.exp(log_p) - smoothing / x.shape[1]
        grad_x[rows, t] -= 1 - smoothing
        return grad_loss * grad_x / len(t), None

    return -((1 - smoothing) * np.mean(log_p[rows, t]) + smoothing * np.mean(log_p)), backward


def sigmoid_cross_entropy(x: Array, t: Array, *, reduction: str = "mean") -> tuple[Array, Backward]:
    """loss = −mean over all elements of log σ(x) where t is 1, of log(1 − σ(x)) where it is 0.

    x (N, …) scores, t (the same) 0 and 1, each an independent yes or no → loss (), or of that shape with the
    reduction "none".  With s = x where t is 1 and −x where it is 0, −log σ(s) = max(−s, 0) + log(1 + e⁻|ˢ|), in which
    no exponential overflows.  ∂loss/∂x = σ(x) − t, divided by size in a mean  (Bishop, Pattern Recognition and Machine
    Learning, 4.3.2).

    Why:
        p[i] = σ(x[i])
        loss = −Σ_i (t[i]·log(p[i]) + (1 − t[i])·log(1 − p[i])) / I
        ∂loss/∂x[i] = −(t[i]·(1 − p[i]) − (1 − t[i])·p[i]) / I = (p[i] − t[i]) / I
        ∂L/∂x[i] = ∂L/∂loss·∂loss/∂x[i] = ∂L/∂loss·(p[i] − t[i]) / I
        () → (I)
        grad_x = grad_loss * (p - t) / x.size
    """
    if not x.ndim or x.shape != t.shape:
        raise ValueError("x must be (N, …), and t of its shape: their shapes must be the same")
    if not np.all((t == 0) | (t == 1)):
        raise ValueError("t must hold 0 for no and 1 for yes")
    if reduction not in REDUCTIONS:
        raise ValueError('reduction must be "mean", "sum" or "none"')
    e = np.exp(-np.abs(x))
    each = np.maximum(np.where(t == 1, -x, x), 0) + np.log1p(e)
    divisor = x.size if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        y = np.where(x >= 0, 1, e) / (1 + e)
        return grad_loss * np.where(t == 1, y - 1, y) / divisor, None

    return each if reduction == "none" else np.sum(each) / divisor, backward


def masked_sigmoid_cross_entropy(
    x: Array, t: Array, *, ignore_label: int, reduction: str = "mean"
) -> tuple[Array, Backward]:
    """loss = −mean of log σ(x) where t is 1, of log(1 − σ(x)) where it is 0, over the elements that count.

    x (N, …) scores, t (the same) 0 and 1, or ignore_label where nobody knows → loss (), or of that shape with the
    reduction "none", 0 where it is ignored.  ∂loss/∂x is that of sigmoid_cross_entropy where the label counts, divided
    by the number of those in a mean, and 0 elsewhere  (Chainer's sigmoid_cross_entropy, which ignores −1).

    Why:
        p[i] = σ(x[i])
        counts[i] = [t[i] ≠ ignore_label]
        loss = −Σ_i ([t[i] = 1]·log(p[i]) + [t[i] = 0]·log(1 − p[i])) / Σ_i counts[i]
        ∂L/∂x[i] = ∂L/∂loss·∂loss/∂x[i] = ∂L/∂loss·counts[i]·(p[i] − t[i]) / Σ_k counts[k]
        () → (I)
        grad_x = grad_loss * counts * (p - t) / np.sum(counts)
    """
    if not x.ndim or x.shape != t.shape:
        raise ValueError("x must be (N, …), and t of its shape: their shapes must be the same")
    counts = t != ignore_label
    if not np.all((t == 0) | (t == 1) | ~counts):
        raise ValueError("t must hold 0 for no, 1 for yes, or ignore_label")
    if reduction not in REDUCTIONS:
        raise ValueError('reduction must be "mean", "sum" or "none"')
    if reduction == "mean" and not np.any(counts):
        raise ValueError("every label is ignored, so there is nothing to average")
    e = np.exp(-np.abs(x))
    each = np.where(counts, np.maximum(np.where(t == 1, -x, x), 0) + np.log1p(e), 0)
    divisor = int(np.count_nonzero(counts)) if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        y = np.where(x >= 0, 1, e) / (1 + e)
        return grad_loss * np.where(counts, np.where(t == 1, y - 1, y), 0) / divisor, None

    return each if reduction == "none" else np.sum(each) / divisor, backward


def hinge(x: Array, t: Array, *, reduction: str = "mean") -> tuple[Array, Backward]:
    """loss = mean over rows of Σ max(1 + s, 0), where s = −x for the class t and x for every other: one versus rest.

    x (N, C) scores, t (N,) integer labels → loss (), or each max(1 + s, 0) (N, C) with the reduction "none".  The score
    of the right class should be above 1, the others below −1.  ∂loss/∂x = ∂s/∂x where s > −1, else 0; divided by N in a
    mean  (Rifkin & Klautau 2004, JMLR 5, 101).

    Why:
        sign[n,c] = 1 − 2·[c = t[n]]
        loss = Σ_nc max(1 + sign[n,c]·x[n,c], 0) / N
        ∂L/∂x[n,c] = ∂L/∂loss·∂loss/∂x[n,c] = ∂L/∂loss·sign[n,c]·[sign[n,c]·x[n,c] > −1] / N
        () → (N, C)
        grad_x = grad_loss * sign * (sign * x > -1) / N
    """
    if x.ndim != 2 or t.dtype.kind not in "iu":
        raise ValueError("x must be (N, C), and t integers")
    if t.shape != x.shape[:1] or not np.all((t >= 0) & (t < x.shape[1])):
        raise ValueError("t must hold one label per row of x, each from 0 to C - 1")
    if reduction not in REDUCTIONS:
        raise ValueError('reduction must be "mean", "sum" or "none"')
    rows = np.arange(len(t))
    s = np.copy(x)
    s[rows, t] *= -1
    each = np.maximum(1 + s, 0)
    divisor = len(t) if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_x = np.where(s > -1, grad_loss / divisor, 0)
        grad_x[rows, t] *= -1
        return grad_x, None

    return each if reduction == "none" else np.sum(each) / divisor, backward
