"""Layers that have weights, and dropout."""

import torch.nn.functional as F
from torch import Tensor


def linear(x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    """y = x·w + b.  x (…, D), w (D, H), b (H,) or left out → y (…, H)."""
    # PyTorch's layer keeps its weight transposed, (H, D).
    return F.linear(x, w.T, b)


def embedding(ids: Tensor, table: Tensor) -> Tensor:
    """y = table[ids].  ids (any shape), table (V, D) → y (the ids' shape, D)."""
    return F.embedding(ids, table)


def dropout(x: Tensor, mask: Tensor, *, ratio: float) -> Tensor:
    """y = x·mask / (1 − ratio), mask of 0 and 1."""
    # F.dropout draws a mask of its own and can't be given one.
    return x * mask / (1 - ratio)
