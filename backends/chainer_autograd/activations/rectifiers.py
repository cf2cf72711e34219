"""Activations with a kink: what a layer applies to each of its units."""

from backends.chainer_autograd.arithmetic.reductions import reduce_max
from backends.chainer_autograd.framework import F, Variable


def relu(x: Variable) -> Variable:
    """y = max(x, 0); the gradient at exactly 0 is 0."""
    return F.relu(x)


def leaky_relu(x: Variable, *, slope: float) -> Variable:
    """y = x where x > 0, else slope·x."""
    return F.leaky_relu(x, slope)


def elu(x: Variable, *, alpha: float) -> Variable:
    """y = x where x > 0, else alpha·(eˣ − 1)."""
    return F.elu(x, alpha)


def selu(x: Variable) -> Variable:
    """y = λ·x where x > 0, else λ·α·(eˣ − 1)."""
    return F.selu(x)


def hard_sigmoid(x: Variable) -> Variable:
    """y = x/5 + ½, cut off below 0 and above 1."""
    return F.hard_sigmoid(x)


def clipped_relu(x: Variable, *, ceiling: float) -> Variable:
    """y = min(max(x, 0), ceiling)."""
    return F.clipped_relu(x, ceiling)


def hard_swish(x: Variable) -> Variable:
    """y = x·min(max(x + 3, 0), 6) / 6."""
    return x * F.clipped_relu(x + 3, 6.0) / 6


def maxout(x: Variable, *, pieces: int) -> Variable:
    """y = the largest of every `pieces` neighbours along the last axis."""
    # F.maxout would give each of several equal neighbours the whole gradient.
    return reduce_max(F.reshape(x, (*x.shape[:-1], -1, pieces)), axis=-1)


def prelu(x: Variable, slope: Variable) -> Variable:
    """y = x where x > 0, else slope·x.  x (N, C, …), slope (C,) or (1,) → y (N, C, …)."""
    # F.prelu counts 0 as above 0.
    slopes = F.reshape(slope, (slope.size, *[1] * (x.ndim - 2)))
    return F.where(x.array > 0, x, F.broadcast_to(slopes, x.shape) * x)
