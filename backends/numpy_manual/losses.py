"""Losses: one number that training makes small."""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def mean_squared_error(y: Array, t: Array) -> tuple[Array, Backward]:
    """loss = Σ (y − t)² / size, the mean over all elements.

    y, t (any shape, the same) → loss ().  ∂loss/∂y = 2 (y − t) / size  (Goodfellow et al., Deep Learning, 5.1.4).
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")
    difference = y - t

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_y = grad_loss * 2 * difference / difference.size
        return grad_y, lambda: -grad_y

    return np.sum(difference * difference) / difference.size, backward


def mean_absolute_error(y: Array, t: Array) -> tuple[Array, Backward]:
    """loss = Σ |y − t| / size, the mean over all elements; where y = t the gradient is 0.

    y, t (any shape, the same) → loss ().  ∂loss/∂y = sign(y − t) / size
    (Boyd & Vandenberghe, Convex Optimization, 6.1).
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        slope = grad_loss / y.size
        grad_y = np.where(y > t, slope, np.where(y < t, -slope, 0))
        return grad_y, lambda: -grad_y

    return np.sum(np.abs(y - t)) / y.size, backward


def huber(y: Array, t: Array, *, delta: float) -> tuple[Array, Backward]:
    """loss = mean over all elements of ½·(y − t)² where |y − t| ≤ delta, else of delta·(|y − t| − ½·delta).

    y, t (any shape, the same) → loss ().  ∂loss/∂y = (y − t) / size, cut off at ±delta / size, so that an outlier pulls
    no harder than one at delta  (Huber 1964, Ann. Math. Statist. 35, 73).
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")
    if delta <= 0:
        raise ValueError("delta must be above 0")
    difference = y - t
    distance = np.abs(difference)
    each = np.where(distance <= delta, difference * difference / 2, delta * (distance - delta / 2))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_y = grad_loss * np.clip(difference, -delta, delta) / difference.size
        return grad_y, lambda: -grad_y

    return np.sum(each) / each.size, backward


def softmax_cross_entropy(x: Array, t: Array) -> tuple[Array, Backward]:
    """loss = −mean over rows of log softmax(x)[t].

    x (N, C) scores, t (N,) integer labels → loss ().  The largest score of a row is subtracted before exp, which would
    overflow.  ∂loss/∂x = (softmax(x) − onehot(t)) / N  (Goodfellow et al., Deep Learning, 6.2.2.3).
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


def sigmoid_cross_entropy(x: Array, t: Array) -> tuple[Array, Backward]:
    """loss = −mean over all elements of log σ(x) where t is 1, of log(1 − σ(x)) where it is 0.

    x (any shape) scores, t (the same) 0 and 1, each an independent yes or no → loss ().  With s = x where t is 1
    and −x where it is 0, −log σ(s) = max(−s, 0) + log(1 + e⁻|ˢ|), in which no exponential overflows.
    ∂loss/∂x = (σ(x) − t) / size  (Bishop, Pattern Recognition and Machine Learning, 4.3.2).
    """
    if x.shape != t.shape:
        raise ValueError("their shapes must be the same")
    if not np.all((t == 0) | (t == 1)):
        raise ValueError("t must hold 0 for no and 1 for yes")
    e = np.exp(-np.abs(x))
    each = np.maximum(np.where(t == 1, -x, x), 0) + np.log1p(e)

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        y = np.where(x >= 0, 1, e) / (1 + e)
        return grad_loss * np.where(t == 1, y - 1, y) / y.size, None

    return np.sum(each) / each.size, backward


def hinge(x: Array, t: Array) -> tuple[Array, Backward]:
    """loss = mean over rows of Σ max(1 + s, 0), where s = −x for the class t and x for every other: one versus rest.

    x (N, C) scores, t (N,) integer labels → loss ().  The score of the right class should be above 1, the others below
    −1.  ∂loss/∂x = ∂s/∂x / N where s > −1, else 0  (Rifkin & Klautau 2004, JMLR 5, 101).
    """
    if x.ndim != 2 or t.dtype.kind not in "iu":
        raise ValueError("x must be (N, C), and t integers")
    if t.shape != x.shape[:1] or not np.all((t >= 0) & (t < x.shape[1])):
        raise ValueError("t must hold one label per row of x, each from 0 to C - 1")
    rows = np.arange(len(t))
    s = np.copy(x)
    s[rows, t] *= -1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_x = np.where(s > -1, grad_loss / len(t), 0)
        grad_x[rows, t] *= -1
        return grad_x, None

    return np.sum(np.maximum(1 + s, 0)) / len(t), backward


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


def triplet(anchor: Array, positive: Array, negative: Array, *, margin: float) -> tuple[Array, Backward]:
    """loss = mean over rows of max(‖anchor − positive‖² − ‖anchor − negative‖² + margin, 0).

    anchor, positive, negative (N, D) → loss ().  With near = anchor − positive and far = anchor − negative, the
    gradients of a row whose term is above 0 are 2·(near − far) / N, −2·near / N and 2·far / N
    (Schroff et al. 2015, arXiv:1503.03832, 3.1).
    """
    if anchor.ndim != 2 or not anchor.shape == positive.shape == negative.shape:
        raise ValueError("anchor, positive and negative must be (N, D), all of one shape")
    if margin <= 0:
        raise ValueError("margin must be above 0")
    near, far = anchor - positive, anchor - negative
    excess = np.sum(near * near - far * far, axis=1, keepdims=True) + margin

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        pull = np.where(excess > 0, 2 * grad_loss / len(anchor), 0)
        return pull * (near - far), pull * -near, pull * far

    return np.sum(np.maximum(excess, 0)) / len(anchor), backward


def cosine_distance(x: Array, y: Array, *, eps: float) -> tuple[Array, Backward]:
    """loss = 1 − mean over rows of cos,  cos = x·y / (‖x‖·‖y‖), where no length counts as less than eps.

    x, y (N, D) → loss ().  ∂cos/∂x = (y/‖y‖ − cos·x/‖x‖) / ‖x‖, which is perpendicular to x; where ‖x‖ is below eps,
    the length is constant and cos·x/‖x‖ drops out  (Barz & Denzler 2020, arXiv:1901.09054).
    """
    if x.ndim != 2 or x.shape != y.shape:
        raise ValueError("x and y must be (N, D), both of one shape")
    if eps <= 0:
        raise ValueError("eps must be above 0")
    square_x, square_y = np.sum(x * x, axis=1, keepdims=True), np.sum(y * y, axis=1, keepdims=True)
    length_x, length_y = np.sqrt(np.maximum(square_x, eps**2)), np.sqrt(np.maximum(square_y, eps**2))
    x_1, y_1 = x / length_x, y / length_y
    cos = np.sum(x_1 * y_1, axis=1, keepdims=True)

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_cos = -grad_loss / len(x)
        along_x, along_y = np.where(square_x >= eps**2, cos * x_1, 0), np.where(square_y >= eps**2, cos * y_1, 0)
        return grad_cos * (y_1 - along_x) / length_x, grad_cos * (x_1 - along_y) / length_y

    return 1 - np.mean(cos), backward
