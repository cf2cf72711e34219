"""Ops that give the same elements another shape, or their axes another order."""

import torch
from torch import Tensor


def reshape(x: Tensor, *, shape: tuple[int, ...]) -> Tensor:
    """y has x's elements, row by row, in another shape."""
    return torch.reshape(x, shape)


def squeeze(x: Tensor, *, axis: int) -> Tensor:
    """y = x without an axis of size 1."""
    return torch.squeeze(x, axis)


def expand_dims(x: Tensor, *, axis: int) -> Tensor:
    """y = x with a new axis of size 1."""
    return torch.unsqueeze(x, axis)


def transpose(x: Tensor, *, axes: tuple[int, ...]) -> Tensor:
    """y has x's axes in another order."""
    return torch.permute(x, axes)
