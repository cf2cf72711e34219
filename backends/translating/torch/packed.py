"""Packed sequences: the rows of all steps one after the other, without those of sequences that have ended."""

from collections.abc import Mapping, Sequence
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation, from_front, positions


def steps_of(op: Any, data: Tensor, sizes: Tensor) -> list[Tensor]:
    """The rows of each step (n, D), of which later ones have no more than those before."""
    return [*parts.split(op, data, positions(op.whole_numbers(sizes)), 0)]


def joined(op: Any, steps: Sequence[Tensor]) -> Tensor:
    """One after the other."""
    return steps[0] if len(steps) == 1 else op.concatenate(*steps, axis=0)


def pack_padded_sequence(
    op: Any, input: Tensor, lengths: Tensor, batch_first: bool = False
) -> tuple[Tensor | None, ...]:
    """The rows of each step that are no padding, step by step; and their numbers, which have no translation."""
    each = op.whole_numbers(lengths)
    steps = [
        _first_rows(op, op.select(input, index=t, axis=1 if batch_first else 0), sum(length > t for length in each))
        for t in range(each[0])
    ]
    return joined(op, steps), None


def pad_packed_sequence(
    op: Any,
    data: Tensor,
    batch_sizes: Tensor,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int = -1,
) -> tuple[Tensor | None, ...]:
    """All steps with as many rows as the first, filled up; and the lengths, which have no translation."""
    steps = steps_of(op, data, batch_sizes)
    rows, axis = steps[0].shape[0], 1 if batch_first else 0
    filled = op.stack(*(_filled(op, step, 0, rows - step.shape[0], float(padding_value)) for step in steps), axis=axis)
    return _filled(op, filled, axis, max(total_length - len(steps), 0), float(padding_value)), None


def _first_rows(op: Any, x: Tensor, count: int) -> Tensor:
    return x if count == x.shape[0] else op.slice_axis(x, start=0, stop=count, axis=0)


def _filled(op: Any, x: Tensor, axis: int, count: int, value: float) -> Tensor:
    return parts.padded(op, x, [(0, count if i == axis else 0) for i in range(len(x.shape))], value=value)


def index_select(op: Any, input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Positions along an axis by their numbers: rows of a table, once that axis is the first."""
    axes = len(input.shape)
    dim = from_front(dim, axes)
    order = (dim, *(i for i in range(axes) if i != dim))
    first = input if dim == 0 else op.transpose(input, axes=order)
    table = first if axes == 2 else op.reshape(first, shape=(first.shape[0], -1))
    chosen = op.embedding(index, table)
    shaped = chosen if axes == 2 else op.reshape(chosen, shape=(*index.shape, *first.shape[1:]))
    return shaped if dim == 0 else op.transpose(shaped, axes=tuple(order.index(i) for i in range(axes)))


TRANSLATIONS: Mapping[str, Translation] = {
    "pack_padded_sequence": pack_padded_sequence,
    "pad_packed_sequence": pad_packed_sequence,
    "index_select": index_select,
}
"""By the function's name without underscores, as a capture has it."""
