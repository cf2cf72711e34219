"""Sums, means, variances and extremes over axes: one, several or all of them."""

import torch
from torch import Tensor

Axes = int | tuple[int, ...] | None


def reduce_sum(x: Tensor, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """y = Σ x over one axis, several or all of them."""
    return torch.sum(x, dim=axis, keepdim=keepdims)


def reduce_mean(x: Tensor, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """y = Σ x / n over one axis, several or all of them."""
    return torch.mean(x, dim=axis, keepdim=keepdims)


def reduce_var(x: Tensor, *, axis: Axes = None, keepdims: bool = False, correction: int = 0) -> Tensor:
    """y = Σ (x − μ)² / (n − correction) over one axis, several or all of them."""
    # PyTorch's default is a correction of 1.
    return torch.var(x, dim=axis, correction=correction, keepdim=keepdims)


def reduce_max(x: Tensor, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """y = max x over one axis, several or all of them; the first of several equal elements gets the gradient."""
    # torch.amax would divide the gradient among them, and torch.max takes one axis.
    return (
        torch.max(x, dim=axis, keepdim=keepdims).values
        if isinstance(axis, int)
        else _like_a_sum(torch.max(_rows_along(x, axis), dim=-1).values, x, axis, keepdims)
    )


def reduce_min(x: Tensor, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """y = min x over one axis, several or all of them; the first of several equal elements gets the gradient."""
    # torch.amin would divide the gradient among them, and torch.min takes one axis.
    return (
        torch.min(x, dim=axis, keepdim=keepdims).values
        if isinstance(axis, int)
        else _like_a_sum(torch.min(_rows_along(x, axis), dim=-1).values, x, axis, keepdims)
    )


def logsumexp(x: Tensor, *, axis: int | tuple[int, ...] = -1, keepdims: bool = False) -> Tensor:
    """y = ln Σ eˣ over an axis, the last one unless told otherwise, or over several."""
    return torch.logsumexp(x, dim=axis, keepdim=keepdims)


def _rows_along(x: Tensor, axis: tuple[int, ...] | None) -> Tensor:
    """The axes that are kept in front, and in one last axis what stands along the reduced ones, row by row."""
    reduced = sorted(number % x.ndim for number in (range(x.ndim) if axis is None else axis))
    kept = [number for number in range(x.ndim) if number not in reduced]
    return torch.permute(x, (*kept, *reduced)).flatten(len(kept))


def _like_a_sum(y: Tensor, x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """y in the shape that a sum of x over these axes has."""
    reduced = {number % x.ndim for number in (range(x.ndim) if axis is None or isinstance(axis, int) else axis)}
    shape = [1 if number in reduced else size for number, size in enumerate(x.shape)]
    return torch.reshape(y, shape) if keepdims else y
