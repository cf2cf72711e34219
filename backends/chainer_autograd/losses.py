"""Losses: one number that training makes small."""

from backends.chainer_autograd.framework import F, Variable


def mean_squared_error(y: Variable, t: Variable) -> Variable:
    """loss = mean of (y − t)² over all elements."""
    return F.mean_squared_error(y, t)


def softmax_cross_entropy(x: Variable, t: Variable) -> Variable:
    """loss = −mean over rows of log softmax(x)[t], t (N,) integer labels."""
    return F.softmax_cross_entropy(x, t)
