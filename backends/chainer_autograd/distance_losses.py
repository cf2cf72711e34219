"""Losses that measure a distance: of numbers, or of vectors."""


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


def triplet(anchor: Variable, positive: Variable, negative: Variable, *, margin: float) -> Variable:
    """loss = mean over rows of max(‖anchor − positive‖² − ‖anchor − negative‖² + margin, 0)."""
    return F.triplet(anchor, positive, negative, margin)


def cosine_distance(x: Variable, y: Variable, *, eps: float) -> Variable:
    """loss = 1 − mean over rows of x·y / (‖x‖·‖y‖), where no length counts as less than eps."""
    least = np.full((len(x), 1), eps**2, x.dtype)
    length_x = F.sqrt(F.maximum(F.sum(x * x, axis=1, keepdims=True), least))
    length_y = F.sqrt(F.maximum(F.sum(y * y, axis=1, keepdims=True), least))
    return 1 - F.sum((x / length_x) * (y / length_y)) / len(x)
