"""Sums of products that are written with letters, and sums of all that came before."""

import torch
from torch import Tensor


def einsum(*xs: Tensor, equation: str) -> Tensor:
    """y = Σ of products over every letter that the result lacks."""
    return torch.einsum(equation, *xs)


def cumsum(x: Tensor, *, axis: int) -> Tensor:
    """y = x plus all that comes before it along an axis."""
    return torch.cumsum(x, axis)
