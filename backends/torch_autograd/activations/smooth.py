"""Smooth activations: what a layer applies to each of its units, or to a row of scores."""

import torch
import torch.nn.functional as F
from torch import Tensor


def softplus(x: Tensor) -> Tensor:
    """y = ln(1 + eˣ)."""
    # Above its threshold PyTorch returns x. At the default of 20 this is off by 2e-9, at 50 by less than float64 holds.
    return F.softplus(x, threshold=50)


def sigmoid(x: Tensor) -> Tensor:
    """y = 1 / (1 + e⁻ˣ)."""
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)."""
    return torch.tanh(x)


def swish(x: Tensor) -> Tensor:
    """y = x·sigmoid(x)."""
    return F.silu(x)


def mish(x: Tensor) -> Tensor:
    """y = x·tanh(ln(1 + eˣ))."""
    return F.mish(x)


def log_sigmoid(x: Tensor) -> Tensor:
    """y = ln sigmoid(x) = −ln(1 + e⁻ˣ)."""
    return F.logsigmoid(x)


def gelu(x: Tensor) -> Tensor:
    """y = x·Φ(x), where Φ is the normal distribution function."""
    return F.gelu(x)


def gelu_tanh(x: Tensor) -> Tensor:
    """y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))."""
    return F.gelu(x, approximate="tanh")


def softmax(x: Tensor, *, axis: int = -1) -> Tensor:
    """y = eˣ / Σ eˣ along an axis, the last one unless told otherwise."""
    return F.softmax(x, dim=axis)


def log_softmax(x: Tensor, *, axis: int = -1) -> Tensor:
    """y = x − ln Σ eˣ along an axis, the last one unless told otherwise."""
    return F.log_softmax(x, dim=axis)
