"""Losses: one number that training makes small."""

from collections.abc import Sequence

import numpy as np

from backends.chainer_autograd.framework import F, Variable


def mean_squared_error(y: Variable, t: Variable) -> Variable:
    """loss = mean of (y − t)² over all elements."""
    return F.mean_squared_error(y, t)


def mean_absolute_error(y: Variable, t: Variable) -> Variable:
    """loss = mean of |y − t| over all elements; the gradient at y = t is 0."""
    return F.mean_absolute_error(y, t)


def huber(y: Variable, t: Variable, *, delta: float) -> Variable:
    """loss = mean over all elements of ½·(y − t)² up to a distance of delta, beyond it of delta·(|y − t| − ½·delta)."""
    # By default Chainer sums over the second axis.
    return F.mean(F.huber_loss(y, t, delta, reduce="no"))


def softmax_cross_entropy(x: Variable, t: Variable) -> Variable:
    """loss = −mean over rows of log softmax(x)[t], t (N,) integer labels."""
    return F.softmax_cross_entropy(x, t)


def weighted_softmax_cross_entropy(x: Variable, t: Variable, *, class_weight: Sequence[float]) -> Variable:
    """loss = −mean over rows of class_weight[t]·log softmax(x)[t], t (N,) integer labels."""
    return F.softmax_cross_entropy(x, t, class_weight=np.array(class_weight, x.dtype))


def masked_softmax_cross_entropy(x: Variable, t: Variable, *, ignore_label: int) -> Variable:
    """loss = −mean of log softmax(x)[t] over the rows whose label is not ignore_label."""
    return F.softmax_cross_entropy(x, t, ignore_label=ignore_label)


def smoothed_softmax_cross_entropy(x: Variable, t: Variable, *, smoothing: float) -> Variable:
    """loss = −mean over rows of Σ q·log softmax(x), q = (1 − smoothing)·onehot(t) + smoothing / C."""
    return (1 - smoothing) * F.softmax_cross_entropy(x, t) - smoothing * F.mean(F.log_softmax(x))


def sigmoid_cross_entropy(x: Variable, t: Variable) -> Variable:
    """loss = −mean over all elements of log σ(x) where t is 1, of log(1 − σ(x)) where it is 0."""
    return F.sigmoid_cross_entropy(x, t)


def hinge(x: Variable, t: Variable) -> Variable:
    """loss = mean over rows of Σ max(1 + s, 0), where s = −x for the class t and x for every other."""
    # The backward of Chainer's own mean overwrites the gradient that it receives.
    return F.sum(F.hinge(x, t, reduce="no")) / len(t)


def kl_divergence(log_p: Variable, t: Variable) -> Variable:
    """loss = mean over rows of Σ t·(log t − log_p); 0·log 0 is 0."""
    return F.sum(t * (F.log(F.where(t.array > 0, t, np.ones_like(t.array))) - log_p)) / len(t)


def triplet(anchor: Variable, positive: Variable, negative: Variable, *, margin: float) -> Variable:
    """loss = mean over rows of max(‖anchor − positive‖² − ‖anchor − negative‖² + margin, 0)."""
    return F.triplet(anchor, positive, negative, margin)


def cosine_distance(x: Variable, y: Variable, *, eps: float) -> Variable:
    """loss = 1 − mean over rows of x·y / (‖x‖·‖y‖), where no length counts as less than eps."""
    least = np.full((len(x), 1), eps**2, x.dtype)
    length_x = F.sqrt(F.maximum(F.sum(x * x, axis=1, keepdims=True), least))
    length_y = F.sqrt(F.maximum(F.sum(y * y, axis=1, keepdims=True), least))
    return 1 - F.sum((x / length_x) * (y / length_y)) / len(x)
