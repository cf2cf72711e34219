"""Layers that have weights, and dropout."""

import torch
import torch.nn.functional as F
from torch import Tensor


def linear(x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    """y = x·w + b.  x (…, D), w (D, H), b (H,) or left out → y (…, H)."""
    # PyTorch's layer keeps its weight transposed, (H, D).
    return F.linear(x, w.T, b)


def embedding(ids: Tensor, table: Tensor, *, padding_id: int | None = None, ignore_label: int | None = None) -> Tensor:
    """y = table[ids].  ids (any shape), table (V, D) → y (the ids' shape, D)."""
    # PyTorch has no label that gives zeros.
    rows = ids if ignore_label is None else torch.where(ids == ignore_label, 0, ids)
    y = F.embedding(rows, table, padding_id)
    return y if ignore_label is None else torch.where((ids == ignore_label)[..., None], 0, y)


def dropout(x: Tensor, mask: Tensor, *, ratio: float) -> Tensor:
    """y = x·mask / (1 − ratio), mask of 0 and 1."""
    # F.dropout draws a mask of its own and can't be given one.
    return x * mask / (1 - ratio)
