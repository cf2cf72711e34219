"""What a page points at where a run failed: the row, the lines and the element, at the epoch where it went wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from backends.contract import Program
from backends.vocabulary import BUILT_IN, HAND_WRITTEN
from harness.results import Mismatch, Result
from harness.running.traced import NEW
from harness.sentences import certificate_failed
from reports.page.run.map import PageRow
from reports.source.own_lines import OwnFunction

OwnFunctions = Mapping[str, Sequence[OwnFunction]]
"""The functions of a user's backend by the op that they belong to."""

Sort = Literal["wrong", "slight", "parts"]
"""A certificate failed; or one did by so little that a less accurate function would explain it; or runs part there."""


@dataclass(frozen=True)
class Mark:
    """One culprit on the page."""

    backend: str
    epoch: int
    update: int
    """Counted over the whole run, from 1."""
    tensor: str
    """Under the name that the page has for it."""
    index: tuple[int, ...]
    row: int | None
    """Its row, counted from 1; None where no row computes it."""
    phase: str
    sort: Sort

    @property
    def column(self) -> str:
        """The column that has the backend's source."""
        if self.backend == HAND_WRITTEN:
            return "backward" if self.phase == "backward" else "forward"
        return self.backend if self.backend in BUILT_IN else "own"


def pointed_at(result: Result) -> list[Mismatch]:
    """The culprits that a page points at; of runs that part without one, where that was first."""
    if result.culprits:
        return result.culprits
    return [result.first] if result.first is not None and result.verdict in ("disagree", "drift") else []


def sort_of(mismatch: Mismatch, result: Result) -> Sort:
    """What is known of a culprit, which does not follow from the verdict: runs may disagree without a wrong op."""
    if mismatch.slight:
        return "slight"
    return "wrong" if certificate_failed(result) else "parts"


def marks(result: Result, program: Program, rows: Sequence[PageRow]) -> list[Mark]:
    """Where each culprit stands on the page, in the order of the verdict."""
    return [
        Mark(
            backend=each.backend,
            epoch=each.epoch,
            update=each.update,
            tensor=page_name(each.tensor, program),
            index=each.index,
            row=_row(each, program, rows),
            phase=each.phase,
            sort=sort_of(each, result),
        )
        for each in pointed_at(result)
    ]


def page_name(tensor: str, program: Program) -> str:
    """What the page calls a tensor of a result: a weight or a state is the one after the update."""
    kept = any(str(node) == tensor and node.is_kept for node in program.nodes())
    return f"{NEW}{tensor}" if kept else tensor


def failing_columns(shown: Sequence[Mark], own: Mapping[str, OwnFunctions]) -> dict[str, OwnFunctions]:
    """The users' backends that failed, each with the functions of its own."""
    failed = dict.fromkeys(mark.backend for mark in shown if mark.column == "own")
    return {name: own[name] for name in failed if own.get(name)}


def marks_by_row(shown: Sequence[Mark]) -> dict[int, list[Mark]]:
    """The marks of each row that has some, by its number."""
    rows = dict.fromkeys(mark.row for mark in shown if mark.row is not None)
    return {row: [mark for mark in shown if mark.row == row] for row in rows}


def own_of_row(row: PageRow, backend: str, own: OwnFunctions, marked: Sequence[Mark]) -> Sequence[OwnFunction]:
    """What a user's backend has of its own for a row with these marks.

    A row where the backend failed without a function for it has the loop, which computes all of them.
    """
    loop = own.get("train", ()) if any(mark.backend == backend for mark in marked) else ()
    return own.get(row.function) or loop


def as_data(shown: Sequence[Mark], shapes: Mapping[str, Sequence[int]]) -> list[dict[str, Any] | None]:
    """The marks in their order, for the page's scripts; None for one of a tensor that the page does not keep.

    `flat` is the element's place in order.
    """
    return [
        {
            "backend": mark.backend,
            "epoch": mark.epoch,
            "update": mark.update,
            "tensor": mark.tensor,
            "flat": int(np.ravel_multi_index(mark.index, tuple(shapes[mark.tensor]))) if mark.index else 0,
            "row": mark.row,
            "sort": mark.sort,
        }
        if mark.tensor in shapes and len(shapes[mark.tensor]) == len(mark.index)
        else None
        for mark in shown
    ]


def _row(mismatch: Mismatch, program: Program, rows: Sequence[PageRow]) -> int | None:
    """The row of the call or the rule that is wrong; where neither is known, the row that shows the tensor."""
    if mismatch.phase in ("forward", "loss", "backward") and mismatch.calls:
        named, *_ = mismatch.calls
        for call, row in zip(program.calls, rows, strict=False):
            if named in call.outputs:
                return row.number
    for row in rows:
        if row.kind == "rule" and row.function == mismatch.op:
            return row.number
    tensor = page_name(mismatch.tensor, program)
    return next((row.number for row in rows if tensor in (*row.forward, *row.backward)), None)
