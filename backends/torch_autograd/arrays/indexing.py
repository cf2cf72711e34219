"""Ops that read elements at other places along an axis: a part of it, at given places, or from the end."""

import torch
from torch import Tensor


def slice_axis(x: Tensor, *, start: int, stop: int, axis: int) -> Tensor:
    """y = x from start up to, but without, stop along an axis."""
    return x[(slice(None),) * (axis % x.ndim) + (slice(start, stop),)]


def select(x: Tensor, *, index: int, axis: int) -> Tensor:
    """y = x at one position of an axis."""
    return x[(slice(None),) * (axis % x.ndim) + (index,)]


def gather(x: Tensor, ids: Tensor, *, axis: int) -> Tensor:
    """y = x at the place along an axis that each id names.  x (any shape), ids (as many axes) → y (as ids)."""
    return torch.gather(x, axis, ids)


def flip(x: Tensor, *, axis: int) -> Tensor:
    """y = x read from the end of an axis to its start."""
    return torch.flip(x, (axis,))
