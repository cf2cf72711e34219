"""What a layer applies to each of its units."""

from backends.chainer_autograd.framework import F, Variable


def relu(x: Variable) -> Variable:
    """y = max(x, 0); the gradient at exactly 0 is 0."""
    return F.relu(x)


def sigmoid(x: Variable) -> Variable:
    """y = 1 / (1 + e⁻ˣ)."""
    return F.sigmoid(x)


def tanh(x: Variable) -> Variable:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)."""
    return F.tanh(x)
