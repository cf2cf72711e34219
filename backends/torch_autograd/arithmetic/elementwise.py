"""Arithmetic, element by element: of two arrays, one of which may be repeated, and with a number."""

import torch
from torch import Tensor


def add(x: Tensor, b: Tensor) -> Tensor:
    """y = x + b, b (N, D) or (D,)."""
    return x + b


def subtract(a: Tensor, b: Tensor) -> Tensor:
    """y = a − b."""
    return a - b


def multiply(a: Tensor, b: Tensor) -> Tensor:
    """y = a·b."""
    return a * b


def divide(a: Tensor, b: Tensor) -> Tensor:
    """y = a / b."""
    return a / b


def negative(x: Tensor) -> Tensor:
    """y = −x."""
    return -x


def power(x: Tensor, *, exponent: float) -> Tensor:
    """y = xᵖ, where p is a number."""
    return x**exponent


def maximum(a: Tensor, b: Tensor) -> Tensor:
    """y = max(a, b); a gets the gradient where they are equal."""
    # torch.maximum would give each half of it.
    both = torch.broadcast_tensors(a, b)  # type: ignore[no-untyped-call]
    return torch.max(torch.stack(both), dim=0).values


def minimum(a: Tensor, b: Tensor) -> Tensor:
    """y = min(a, b); a gets the gradient where they are equal."""
    # torch.minimum would give each half of it.
    both = torch.broadcast_tensors(a, b)  # type: ignore[no-untyped-call]
    return torch.min(torch.stack(both), dim=0).values


def where(mask: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """y = a where the mask is not 0, else b."""
    return torch.where(mask != 0, a, b)
