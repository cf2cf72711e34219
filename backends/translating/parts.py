"""Pieces that translations of both frameworks consist of."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backends.translating.axes import Tensor, from_front
from backends.translating.untranslatable import Untranslatable


def transposed(op: Any, w: Tensor) -> Tensor:
    """A matrix with its axes swapped: both frameworks keep the weights of a linear layer as (outputs, inputs)."""
    return op.transpose(w, axes=(1, 0))


def linear(op: Any, x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    """x·wᵀ + b, of w (outputs, inputs)."""
    return op.linear(x, transposed(op, w), *([] if b is None else [b]))


def matmul(op: Any, a: Tensor, b: Tensor) -> Tensor:
    """The product of two matrices, of stacks of matrices, or of vectors."""
    if len(a.shape) == len(b.shape) == 2:
        return op.matmul(a, b)
    if len(a.shape) == 1 and len(b.shape) == 1:
        return op.reduce_sum(op.multiply(a, b))
    if len(b.shape) == 1:
        column = op.batch_matmul(a, op.reshape(b, shape=(-1, 1)))
        return op.reshape(column, shape=column.shape[:-1])
    if len(a.shape) == 1:
        row = op.batch_matmul(op.reshape(a, shape=(1, -1)), b)
        return op.reshape(row, shape=(*row.shape[:-2], row.shape[-1]))
    return op.batch_matmul(a, b)


def split(op: Any, x: Tensor, sections: int | Sequence[int], axis: int) -> tuple[Tensor, ...]:
    """x in equal parts, or cut before positions; x itself where there is one part."""
    if sections in (1, (), []):
        return (x,)
    cuts = sections if isinstance(sections, int) else tuple(sections)
    return tuple(op.split(x, sections=cuts, axis=from_front(axis, len(x.shape))))


def select(op: Any, x: Tensor, index: Any) -> Tensor:
    """x[index] of whole numbers, slices without a step, None and an ellipsis."""
    items = list(index) if isinstance(index, tuple) else [index]
    taken = sum(item is not None and item is not Ellipsis for item in items)
    if Ellipsis in items:
        place = items.index(Ellipsis)
        items[place : place + 1] = [slice(None)] * (len(x.shape) - taken)
    axis = 0
    for item in items:
        if item is None:
            x = op.expand_dims(x, axis=axis)
            axis += 1
        elif isinstance(item, bool) or not isinstance(item, int | slice):
            raise Untranslatable("an index that is no whole number and no slice")
        elif isinstance(item, int):
            x = op.select(x, index=item, axis=axis)
        else:
            start, stop, step = item.indices(x.shape[axis])
            if step != 1:
                raise Untranslatable("a slice with a step")
            if (start, stop) != (0, x.shape[axis]):
                x = op.slice_axis(x, start=start, stop=stop, axis=axis)
            axis += 1
    return x


def is_number(value: Any, number: float) -> bool:
    """Whether an operand is this number, and no tensor."""
    return isinstance(value, int | float) and value == number


def common_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that tensors of these shapes are repeated to."""
    return tuple(np.broadcast_shapes(*shapes))


def broadcast_to(op: Any, x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """x repeated along axes of size 1."""
    return x if shape == x.shape else op.broadcast_to(x, shape=shape)


def squeezed(op: Any, x: Tensor, axes: Sequence[int]) -> Tensor:
    """Without those of these axes that have size 1."""
    for axis in sorted({from_front(axis, len(x.shape)) for axis in axes}, reverse=True):
        x = op.squeeze(x, axis=axis) if x.shape[axis] == 1 else x
    return x


def unsqueezed(op: Any, x: Tensor, axis: int) -> Tensor:
    """With a new axis of size 1."""
    return op.expand_dims(x, axis=from_front(axis, len(x.shape) + 1))


def padded(op: Any, x: Tensor, widths: Sequence[tuple[int, int]], value: float = 0.0) -> Tensor:
    """x with a number put so often before and behind it along each axis, and cut off where that is negative."""
    for axis, (before, after) in enumerate(widths):
        if min(before, after) < 0:
            x = op.slice_axis(x, start=max(-before, 0), stop=x.shape[axis] - max(-after, 0), axis=axis)
    around = tuple((max(before, 0), max(after, 0)) for before, after in widths)
    return op.pad(x, widths=around, value=value) if any(map(any, around)) else x
