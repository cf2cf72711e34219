"""Losses of labels: of one class per row, or of a yes and no per element."""

from collections.abc import Sequence

import numpy as np

from backends.chainer_autograd.framework import F, Variable
from backends.chainer_autograd.losses.loss_reductions import reduced


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


def sigmoid_cross_entropy(x: Variable, t: Variable, *, reduction: str = "mean") -> Variable:
    """loss = −mean over all elements of log σ(x) where t is 1, of log(1 − σ(x)) where it is 0."""
    return (
        F.sigmoid_cross_entropy(x, t)
        if reduction == "mean"
        else reduced(F.sigmoid_cross_entropy(x, t, reduce="no"), reduction)
    )


def masked_sigmoid_cross_entropy(x: Variable, t: Variable, *, ignore_label: int, reduction: str = "mean") -> Variable:
    """loss = −mean of log σ(x) where t is 1, of log(1 − σ(x)) where it is 0, over the elements that count."""
    labels = np.where(t.array == ignore_label, -1, t.array)  # which Chainer ignores
    return (
        F.sigmoid_cross_entropy(x, labels)
        if reduction == "mean"
        else reduced(F.sigmoid_cross_entropy(x, labels, reduce="no"), reduction)
    )


def hinge(x: Variable, t: Variable, *, reduction: str = "mean") -> Variable:
    """loss = mean over rows of Σ max(1 + s, 0), where s = −x for the class t and x for every other."""
    # The backward of Chainer's own mean overwrites the gradient that it receives.
    each = F.hinge(x, t, reduce="no")
    return each if reduction == "none" else F.sum(each) / (len(t) if reduction == "mean" else 1)
