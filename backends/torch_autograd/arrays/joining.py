"""Ops that join arrays, or cut one into several."""

import torch
from torch import Tensor


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
