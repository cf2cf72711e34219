"""Elementary functions, element by element."""

import torch
from torch import Tensor


def exp(x: Tensor) -> Tensor:
    """y = eˣ."""
    return torch.exp(x)


def log(x: Tensor) -> Tensor:
    """y = ln x."""
    return torch.log(x)


def sqrt(x: Tensor) -> Tensor:
    """y = √x."""
    return torch.sqrt(x)


def sin(x: Tensor) -> Tensor:
    """y = sin x."""
    return torch.sin(x)


def cos(x: Tensor) -> Tensor:
    """y = cos x."""
    return torch.cos(x)


def absolute(x: Tensor) -> Tensor:
    """y = |x|; the gradient at exactly 0 is 0."""
    return torch.abs(x)


def clip(x: Tensor, *, low: float, high: float) -> Tensor:
    """y = min(max(x, low), high); the gradient at the ends is that in between."""
    return torch.clamp(x, low, high)
