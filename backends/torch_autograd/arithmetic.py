"""Products, sums and what else is computed element by element."""

from torch import Tensor


def matmul(x: Tensor, w: Tensor) -> Tensor:
    """y = x·w.  x (N, D), w (D, H) → y (N, H)."""
    return x @ w


def add(x: Tensor, b: Tensor) -> Tensor:
    """y = x + b, b (N, D) or (D,)."""
    return x + b
