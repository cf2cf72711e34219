"""Activations with a kink: what a layer applies to each of its units."""

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


def hard_sigmoid(x: Tensor) -> Tensor:
    """y = x/5 + ½, cut off below 0 and above 1."""
    # F.hardsigmoid has a slope of 1/6.
    return F.hardtanh(0.2 * x + 0.5, 0.0, 1.0)


def clipped_relu(x: Tensor, *, ceiling: float) -> Tensor:
    """y = min(max(x, 0), ceiling)."""
    return F.hardtanh(x, 0.0, ceiling)


def hard_swish(x: Tensor) -> Tensor:
    """y = x·min(max(x + 3, 0), 6) / 6."""
    return F.hardswish(x)


def maxout(x: Tensor, *, pieces: int) -> Tensor:
    """y = the largest of every `pieces` neighbours along the last axis."""
    return torch.max(torch.reshape(x, (*x.shape[:-1], -1, pieces)), dim=-1).values


def prelu(x: Tensor, slope: Tensor) -> Tensor:
    """y = x where x > 0, else slope·x.  x (N, C, …), slope (C,) or (1,) → y (N, C, …)."""
    return F.prelu(x, slope)
