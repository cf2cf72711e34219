"""Sequences of unequal lengths: padded as (N, T, …), or packed, the rows of all steps one after the other.

Both frameworks pack the longest sequence first, so that a step has the rows of those that have not ended. The number
of rows of each step, its count, determines the packing. Counts are given for every update, since data may differ from
update to update.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from backends.contract import Array
from backends.translating.axes import Tensor

NO_ROW = -1
"""Stands behind the end of a sequence."""


def padded(
    op: Any, rows: Tensor, counts: Sequence[Array], *, batch_first: bool = True, steps: int = 0, value: float = 0.0
) -> Tensor:
    """(R, …) → (N, T, …), or (T, N, …), with a number behind the ends, and at least so many steps."""
    numbers = [_rows_of_steps(each, steps) for each in counts]
    numbers = numbers if batch_first else [each.T for each in numbers]
    rest = rows.shape[1:]
    chosen = op.data(numbers, "places")
    y = op.embedding(chosen, _as_table(op, rows, 1), ignore_label=NO_ROW)
    y = y if len(rest) == 1 else op.reshape(y, shape=(*chosen.shape, *rest))
    if value == 0:
        return y
    is_row = [np.reshape(each != NO_ROW, (*each.shape, *[1 for _ in rest])).astype(np.int64) for each in numbers]
    return op.where(op.data(is_row, "mask"), y, value)


def packed(op: Any, x: Tensor, counts: Sequence[Array], *, batch_first: bool = True) -> Tensor:
    """(N, T, …), or (T, N, …), → (R, …)."""
    sizes = x.shape[:2]
    numbers = op.data([_places(each, sizes, batch_first=batch_first) for each in counts], "places")
    chosen = op.embedding(numbers, _as_table(op, x, 2))
    return chosen if len(x.shape) == 3 else op.reshape(chosen, shape=(-1, *x.shape[2:]))


def lengths(op: Any, counts: Sequence[Array]) -> Tensor:
    """The length of each sequence (N,), the longest first."""
    return op.data([_lengths(each) for each in counts], "lengths")


def full_lengths(op: Any, rows: int, steps: int) -> Tensor:
    """The lengths (N,) of sequences that all have every step."""
    return op.data([np.full(rows, steps)], "lengths")


def running(op: Any, counts: Sequence[Array], steps: int) -> list[Tensor | None]:
    """For each step a mask (N, 1) of the sequences that have it; None where all of them have it in every update."""
    each = [[(_lengths(of_update) > t)[:, None] for of_update in counts] for t in range(steps)]
    return [
        None if all(map(np.all, of_step)) else op.data([mask.astype(np.int64) for mask in of_step], "mask")
        for of_step in each
    ]


def states_by_row(op: Any, states: Tensor) -> Tensor:
    """(L, N, H) → (N, L, H); given ones, such as zeros, are data with a row for each of the batch's, as all are."""
    if not op.is_given(states):
        return op.transpose(states, axes=(1, 0, 2))
    first, *others = [np.swapaxes(each, 0, 1) for each in op.values(states)]
    return op.data([first, *others], "state") if others else op.constant(first)


def counts_of(lengths_of_all: Array) -> Array:
    """How many sequences have not ended at each step, of their lengths (N,)."""
    counts: Array = np.sum(lengths_of_all > np.arange(np.max(lengths_of_all))[:, None], axis=1)
    return counts


def ctc(
    op: Any, x: Tensor, labels: Tensor, input_lengths: Tensor, label_lengths: Tensor, *, blank: int, reduction: str
) -> Tensor:
    """Connectionist temporal classification of scores x (T, N, C); labels (N, L), or one sequence after the other.

    Labels behind a sequence's end are ignored; the op wants class numbers there, too, so they become 0.
    """
    given = [
        _label_rows(each, counted) for each, counted in zip(op.values(labels), op.values(label_lengths), strict=True)
    ]
    classes = x.shape[2]
    is_plain = len(labels.shape) == 2 and all(np.all((each >= 0) & (each < classes)) for each in op.values(labels))
    return op.ctc(
        x,
        labels if is_plain else op.data(given, "labels"),
        input_lengths,
        label_lengths,
        blank=blank,
        reduction=reduction,
    )


def _label_rows(labels: Array, counted: Array) -> Array:
    """Labels (N, L), with zeros behind their ends."""
    if labels.ndim == 2 and len(labels) != len(counted):
        return labels  # of an update with lengths of its own, which is translated by itself
    if labels.ndim == 2:
        return np.where(np.arange(labels.shape[1]) < counted[:, None], labels, 0)
    ends = np.cumsum(counted)
    places = np.arange(max(int(np.max(counted)), 1)) + (ends - counted)[:, None]
    return np.where(places < ends[:, None], np.append(labels, 0)[np.minimum(places, len(labels))], 0)


def _as_table(op: Any, x: Tensor, axes: int) -> Tensor:
    """With the first axes as one and all others as another."""
    width = math.prod(x.shape[axes:])
    return x if len(x.shape) == 2 and axes == 1 else op.reshape(x, shape=(-1, width))


def _lengths(counts: Array) -> Array:
    of_each: Array = np.sum(np.arange(counts[0])[:, None] < counts, axis=1)
    return of_each


def _rows_of_steps(counts: Array, steps: int) -> Array:
    """Which of the packed rows is each step of each sequence (N, T), of so many steps if there are fewer."""
    sequence = np.arange(counts[0])[:, None]
    numbers = np.where(sequence < counts, np.cumsum(counts) - counts + sequence, NO_ROW)
    return np.pad(numbers, ((0, 0), (0, max(steps - len(counts), 0))), constant_values=NO_ROW)


def _places(counts: Array, sizes: Sequence[int], *, batch_first: bool) -> Array:
    """Which place of a padded batch is each of the packed rows (R,), where its first two axes are one."""
    step, sequence = np.nonzero(np.arange(counts[0]) < counts[:, None])
    place: Array = sequence * sizes[1] + step if batch_first else step * sizes[1] + sequence
    return place
