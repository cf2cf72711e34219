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
        yield "`$.outcomes` is empty"
    for number, outcome in enumerate(document.outcomes):
        for found in (_names(outcome), _counts(outcome), _rows(outcome), _losses(outcome)):
            yield from (f"`$.outcomes[{number}]{place}` {problem}" for place, problem in found)


Problems = Iterator[tuple[str, str]]
"""The place within an outcome, and what is wrong there."""


def _names(outcome: Outcome) -> Problems:
    names = [(".name", outcome.name)] if outcome.name else []
    for side, each in (("left", outcome.left), ("right", outcome.right)):
        names += [(f".{side}.model", each.model), (f".{side}.framework", each.framework)]
    for place, name in names:
        if not is_printable(name):
            yield place, f"is {name!r}, which is no name"


def _counts(outcome: Outcome) -> Problems:
    counts = [(".compared", outcome.compared, outcome.results), (".results", outcome.results, None)]
    for side, each in ((".left", outcome.left), (".right", outcome.right)):
        counts.append((f"{side}.calls", each.calls, None))
        if (found := each.certificate) is not None:
            counts += [
                (f"{side}.certificate.certified", found.certified, each.calls),
                (f"{side}.certificate.checks", found.checks, None),
                (f"{side}.certificate.failed", found.failed, found.checks),
                (f"{side}.certificate.unchecked", found.unchecked, found.checks),
            ]
    for place, count, most in counts:
        if count < 0:
            yield place, f"is {count}, and no count is negative"
        elif most is not None and count > most:
            yield place, f"is {count}, more than the {most} that there are"


def _rows(outcome: Outcome) -> Problems:
    """What does not fit together in the two programs side by side."""
    beside = outcome.side_by_side
    for side, calls, positions in (
        ("left", beside.left, [row.left for row in beside.rows]),
        ("right", beside.right, [row.right for row in beside.rows]),
    ):
        if [position for position in positions if position is not None] != [*range(len(calls))]:
            yield ".side_by_side.rows", f"do not hold each call of the {side} side once, in order"
    for number, row in enumerate(beside.rows):
        if row.equal_in is not None and not 0 <= row.equal_in < len(beside.rows):
            yield f".side_by_side.rows[{number}].equal_in", "names a row that is not there"


def _losses(outcome: Outcome) -> Problems:
    """What does not fit together in the numbers of the updates."""
    for number, followed in enumerate(outcome.updates):
        place, count = f".updates[{number}]", len(followed.left_losses)
        if len(followed.weights) != outcome.trained_weights:
            yield f"{place}.weights", f"has {len(followed.weights)} numbers for {outcome.trained_weights} weights"
        if len(followed.right_losses) != count:
            yield f"{place}.right_losses", f"has {len(followed.right_losses)} numbers, and left_losses {count}"
        if followed.parted is not None and not 1 <= followed.parted <= count:
            yield f"{place}.parted", f"is {followed.parted}, which is none of the {count} updates"
    if outcome.losses is not None and len(outcome.losses.left) != len(outcome.losses.right):
        yield ".losses.right", f"has {len(outcome.losses.right)} numbers, and left {len(outcome.losses.left)}"
