"""Activations: what a layer applies to each of its units."""

import math

from backends.chainer_autograd.framework import F, Variable
from backends.chainer_autograd.reductions import reduce_max


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


def softplus(x: Variable) -> Variable:
    """y = ln(1 + eˣ)."""
    return F.softplus(x)


def sigmoid(x: Variable) -> Variable:
    """y = 1 / (1 + e⁻ˣ)."""
    return F.sigmoid(x)


def tanh(x: Variable) -> Variable:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)."""
    return F.tanh(x)


def hard_sigmoid(x: Variable) -> Variable:
    """y = x/5 + ½, cut off below 0 and above 1."""
    return F.hard_sigmoid(x)


def clipped_relu(x: Variable, *, ceiling: float) -> Variable:
    """y = min(max(x, 0), ceiling)."""
    return F.clipped_relu(x, ceiling)


def swish(x: Variable) -> Variable:
    """y = x·sigmoid(x)."""
    # F.swish takes the factor inside the sigmoid as a learned parameter.
    return x * F.sigmoid(x)


def hard_swish(x: Variable) -> Variable:
    """y = x·min(max(x + 3, 0), 6) / 6."""
    return x * F.clipped_relu(x + 3, 6.0) / 6


def mish(x: Variable) -> Variable:
    """y = x·tanh(ln(1 + eˣ))."""
    return x * F.tanh(F.softplus(x))


def log_sigmoid(x: Variable) -> Variable:
    """y = ln sigmoid(x) = −ln(1 + e⁻ˣ)."""
    return -F.softplus(-x)


def gelu(x: Variable) -> Variable:
    """y = x·Φ(x), where Φ is the normal distribution function."""
    return x * (0.5 * (1 + F.erf(x / math.sqrt(2))))


def gelu_tanh(x: Variable) -> Variable:
    """y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))."""
    return 0.5 * x * (1 + F.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def softmax(x: Variable, *, axis: int = -1) -> Variable:
    """y = eˣ / Σ eˣ along an axis, the last one unless told otherwise."""
    return F.softmax(x, axis=axis)


def log_softmax(x: Variable, *, axis: int = -1) -> Variable:
    """y = x − ln Σ eˣ along an axis, the last one unless told otherwise."""
    return F.log_softmax(x, axis=axis)


def maxout(x: Variable, *, pieces: int) -> Variable:
    """y = the largest of every `pieces` neighbours along the last axis."""
    # F.maxout would give each of several equal neighbours the whole gradient.
    return reduce_max(F.reshape(x, (*x.shape[:-1], -1, pieces)), axis=-1)


def prelu(x: Variable, slope: Variable) -> Variable:
    """y = x where x > 0, else slope·x.  x (N, C, …), slope (C,) or (1,) → y (N, C, …)."""
    # F.prelu counts 0 as above 0.
    slopes = F.reshape(slope, (slope.size, *[1] * (x.ndim - 2)))
    return F.where(x.array > 0, x, F.broadcast_to(slopes, x.shape) * x)
