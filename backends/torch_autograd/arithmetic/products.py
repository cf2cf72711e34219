"""Products of matrices and stacks of them, and sums of products that are written with letters."""

import torch
from torch import Tensor


def matmul(x: Tensor, w: Tensor) -> Tensor:
    """y = x·w.  x (N, D), w (D, H) → y (N, H)."""
    return x @ w


def batch_matmul(x: Tensor, w: Tensor) -> Tensor:
    """y = x·w, matrix by matrix.  x (…, N, D), w (…, D, H) or (D, H) → y (…, N, H)."""
    return x @ w


def einsum(x: Tensor, w: Tensor | None = None, *, equation: str) -> Tensor:
    """y = Σ of products over every letter that the result lacks."""
    return torch.einsum(equation, x) if w is None else torch.einsum(equation, x, w)
