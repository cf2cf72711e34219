"""Products, sums and elementwise arithmetic."""

import torch
from torch import Tensor


def matmul(x: Tensor, w: Tensor) -> Tensor:
    """y = x·w.  x (N, D), w (D, H) → y (N, H)."""
    return x @ w


def batch_matmul(x: Tensor, w: Tensor) -> Tensor:
    """y = x·w, matrix by matrix.  x (…, N, D), w (…, D, H) or (D, H) → y (…, N, H)."""
    return x @ w


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
