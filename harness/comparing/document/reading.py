"""Reads saved comparisons: JSON documents of the schema `lockstep.comparison/1`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.comparing.document.outcome import SCHEMA, Document, Outcome
from harness.documents import document_of, is_printable, read_json


def read_comparisons(path: Path) -> Document:
    """Read saved comparisons. Raises InputError if the file is missing, not JSON or not a lockstep.comparison/1."""
    return comparison_document(read_json(path), path)


def comparison_document(decoded: Any, path: Path) -> Document:
    """The saved comparisons that the JSON of a file holds. Raises InputError as read_comparisons does."""
    return document_of(decoded, path, Document, SCHEMA, "comparison", _problems)


def _problems(document: Document) -> Iterator[str]:
    if not document.outcomes:
        yield "it has no outcomes"
    for outcome in document.outcomes:
        yield from _wrong(outcome)


def _wrong(outcome: Outcome) -> Iterator[str]:
    """What does not fit together in an outcome."""
    if outcome.name and not is_printable(outcome.name):
        yield f"an outcome is called {outcome.name!r}, which is no name"
    beside = outcome.side_by_side
    for side, calls, positions in (
        ("left", beside.left, [row.left for row in beside.rows]),
        ("right", beside.right, [row.right for row in beside.rows]),
    ):
        if [position for position in positions if position is not None] != [*range(len(calls))]:
            yield f"the rows of {outcome.name!r} do not hold each call of the {side} side once, in order"
    if any(row.equal_in is not None and not 0 <= row.equal_in < len(beside.rows) for row in beside.rows):
        yield f"a row of {outcome.name!r} names a row that is not there"
    for followed in outcome.updates:
        if len(followed.weights) != outcome.trained_weights:
            yield f"{followed.dtype} of {outcome.name!r} does not have a number for each weight"
        if len(followed.left_losses) != len(followed.right_losses):
            yield f"{followed.dtype} of {outcome.name!r} does not have as many losses on the left as on the right"
    if outcome.losses is not None and len(outcome.losses.left) != len(outcome.losses.right):
        yield f"{outcome.name!r} does not have as many losses on the left as on the right"
