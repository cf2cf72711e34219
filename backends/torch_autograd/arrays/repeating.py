"""Ops that repeat elements, or put others around them."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def broadcast_to(x: Tensor, *, shape: tuple[int, ...]) -> Tensor:
    """y = x, repeated along the axes in which it has size 1, and along new ones in front."""
    return torch.broadcast_to(x, shape)


def tile(x: Tensor, *, repeats: tuple[int, ...]) -> Tensor:
    """y = x, put behind itself so many times along each axis."""
    return torch.tile(x, repeats)


def pad(x: Tensor, *, widths: Sequence[Sequence[int]], value: float = 0.0) -> Tensor:
    """y = x with a constant around it."""
    # PyTorch takes one list of numbers, and the last axis first.
    return F.pad(x, [number for pair in reversed(widths) for number in pair], value=value)
