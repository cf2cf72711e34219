"""Packed sequences: the rows of all steps one after the other, without those of sequences that have ended."""

import math
from collections.abc import Mapping
from typing import Any

from backends.translating import sequences
from backends.translating.axes import Tensor, Translation, from_front
from backends.translating.untranslatable import refuse


def pack_padded_sequence(
    op: Any, input: Tensor, lengths: Tensor, batch_first: bool = False
) -> tuple[Tensor | None, ...]:
    """The rows of each step that are no padding, step by step; and their numbers, which have no translation."""
    counts = [sequences.counts_of(each) for each in op.values(lengths)]
    return sequences.packed(op, input, counts, batch_first=batch_first), None


def pad_packed_sequence(
    op: Any,
    data: Tensor,
    batch_sizes: Tensor,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int = -1,
) -> tuple[Tensor | None, ...]:
    """All steps with as many rows as the first, filled up; and the lengths, which have no translation."""
    counts = op.values(batch_sizes)
    refuse(
        max(map(len, counts)) > max(total_length, min(map(len, counts))),
        "padding to another number of steps in another update; give pad_packed_sequence the same total_length in all",
    )
    y = sequences.padded(op, data, counts, batch_first=batch_first, steps=total_length, value=float(padding_value))
    return y, None


def index_select(op: Any, input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Positions along an axis by their numbers: rows of a table, once that axis is the first."""
    axes = len(input.shape)
    dim = from_front(dim, axes)
    order = (dim, *(i for i in range(axes) if i != dim))
    first = input if dim == 0 else op.transpose(input, axes=order)
    table = first if axes == 2 else op.reshape(first, shape=(-1, math.prod(first.shape[1:])))
    chosen = op.embedding(index, table)
    shaped = chosen if axes == 2 else op.reshape(chosen, shape=(*index.shape, *first.shape[1:]))
    return shaped if dim == 0 else op.transpose(shaped, axes=tuple(order.index(i) for i in range(axes)))


TRANSLATIONS: Mapping[str, Translation] = {
    "pack_padded_sequence": pack_padded_sequence,
    "pad_packed_sequence": pad_packed_sequence,
    "index_select": index_select,
}
"""By the function's name without underscores, as a capture has it."""
