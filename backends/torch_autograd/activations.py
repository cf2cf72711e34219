"""What a layer applies to each of its units."""

import torch
import torch.nn.functional as F
from torch import Tensor


def relu(x: Tensor) -> Tensor:
    """y = max(x, 0); the gradient at exactly 0 is 0."""
    return F.relu(x)


def sigmoid(x: Tensor) -> Tensor:
    """y = 1 / (1 + e⁻ˣ)."""
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)."""
    return torch.tanh(x)
