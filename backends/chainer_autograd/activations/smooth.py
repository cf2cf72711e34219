"""Smooth activations: what a layer applies to each of its units, or to a row of scores."""

import math

from backends.chainer_autograd.framework import F, Variable


def softplus(x: Variable) -> Variable:
    """y = ln(1 + eˣ)."""
    return F.softplus(x)


def sigmoid(x: Variable) -> Variable:
    """y = 1 / (1 + e⁻ˣ)."""
    return F.sigmoid(x)


def tanh(x: Variable) -> Variable:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)."""
    return F.tanh(x)


def swish(x: Variable) -> Variable:
    """y = x·sigmoid(x)."""
    # F.swish takes the factor inside the sigmoid as a learned parameter.
    return x * F.sigmoid(x)


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
