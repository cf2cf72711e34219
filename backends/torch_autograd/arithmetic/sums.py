"""Sums of all that came before along an axis."""

import torch
from torch import Tensor


def cumsum(x: Tensor, *, axis: int) -> Tensor:
    """y = x plus all that comes before it along an axis."""
    return torch.cumsum(x, axis)
