"""Ops that read elements at other places along an axis: at given ones, or from the end."""

import torch
from torch import Tensor


def gather(x: Tensor, ids: Tensor, *, axis: int) -> Tensor:
    """y = x at the place along an axis that each id names.  x (any shape), ids (as many axes) → y (as ids)."""
    return torch.gather(x, axis, ids)


def flip(x: Tensor, *, axis: int) -> Tensor:
    """y = x read from the end of an axis to its start."""
    return torch.flip(x, (axis,))
