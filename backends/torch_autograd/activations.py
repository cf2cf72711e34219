"""Activations: what a layer applies to each of its units."""

import torch
import torch.nn.functional as F
from torch import Tensor


def relu(x: Tensor) -> Tensor:
    """y = max(x, 0); the gradient at exactly 0 is 0."""
    return F.relu(x)


def leaky_relu(x: Tensor, *, slope: float) -> Tensor:
    """y = x where x > 0, else slope·x."""
    return F.leaky_relu(x, slope)


def elu(x: Tensor, *, alpha: float) -> Tensor:
    """y = x where x > 0, else alpha·(eˣ − 1)."""
    return F.elu(x, alpha)


def selu(x: Tensor) -> Tensor:
    """y = λ·x where x > 0, else λ·α·(eˣ − 1)."""
    return F.selu(x)


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


def hard_sigmoid(x: Tensor) -> Tensor:
    """y = x/5 + ½, cut off below 0 and above 1."""
    # F.hardsigmoid has a slope of 1/6.
    return F.hardtanh(0.2 * x + 0.5, 0.0, 1.0)


def clipped_relu(x: Tensor, *, ceiling: float) -> Tensor:
    """y = min(max(x, 0), ceiling)."""
    return F.hardtanh(x, 0.0, ceiling)


def swish(x: Tensor) -> Tensor:
    """y = x·sigmoid(x)."""
    return F.silu(x)


def hard_swish(x: Tensor) -> Tensor:
    """y = x·min(max(x + 3, 0), 6) / 6."""
    return F.hardswish(x)


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


def maxout(x: Tensor, *, pieces: int) -> Tensor:
    """y = the largest of every `pieces` neighbours along the last axis."""
    return torch.max(torch.reshape(x, (*x.shape[:-1], -1, pieces)), dim=-1).values


def prelu(x: Tensor, slope: Tensor) -> Tensor:
    """y = x where x > 0, else slope·x.  x (N, C, …), slope (C,) or (1,) → y (N, C, …)."""
    return F.prelu(x, slope)
