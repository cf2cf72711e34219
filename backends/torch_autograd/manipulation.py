"""Ops that only move, repeat or drop elements."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
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


def concatenate(*xs: Tensor, axis: int) -> Tensor:
    """y = the xs one after the other along an axis."""
    return torch.cat(xs, dim=axis)


def stack(*xs: Tensor, axis: int) -> Tensor:
    """y = the xs side by side along a new axis."""
    return torch.stack(xs, dim=axis)


def split(x: Tensor, *, sections: int | tuple[int, ...], axis: int) -> tuple[Tensor, ...]:
    """ys = x cut along an axis, into a number of equal sections or before each of several positions."""
    # torch.split takes the length of the sections.
    return torch.tensor_split(x, sections, dim=axis)


def slice_axis(x: Tensor, *, start: int, stop: int, axis: int) -> Tensor:
    """y = x from start up to, but without, stop along an axis."""
    return torch.narrow(x, axis, start, stop - start)


def select(x: Tensor, *, index: int, axis: int) -> Tensor:
    """y = x at one position of an axis."""
    return torch.select(x, axis, index)


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
