"""Ops that read elements at places which are given element by element."""

import torch
from torch import Tensor


def gather(x: Tensor, ids: Tensor, *, axis: int) -> Tensor:
    """y = x at the place along an axis that each id names.  x (any shape), ids (as many axes) → y (as ids)."""
    return torch.gather(x, axis, ids)
