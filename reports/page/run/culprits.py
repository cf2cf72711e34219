"""What a page points at where a run failed: the row, the lines and the element, at the epoch where it went wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from backends.contract import Program
from backends.vocabulary import BUILT_IN, HAND_WRITTEN
from harness.results import Mismatch, Result
from harness.running.traced import NEW
from reports.page.run.map import PageRow
from reports.source.own_lines import OwnFunction

OwnFunctions = Mapping[str, Sequence[OwnFunction]]
"""The functions of a user's backend by the op that they belong to."""

Sort = Literal["wrong", "parts"]


@dataclass(frozen=True)
class Mark:
    """One culprit on the page."""

    backend: str
    epoch: int
    tensor: str
    """Under the name that the page has for it."""
    index: tuple[int, ...]
    row: int | None
    """Its row, counted from 1; None where no row computes it."""
    phase: str
    sort: Sort
    """`parts` where the runs part though no step was found to be wrong."""

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


def marks(result: Result, program: Program, rows: Sequence[PageRow]) -> list[Mark]:
    """Where each culprit stands on the page, in the order of the verdict."""
    sort: Sort = "wrong" if result.verdict == "disagree" else "parts"
    return [
        Mark(
            backend=each.backend,
            epoch=each.epoch,
            tensor=page_name(each.tensor, program),
            index=each.index,
            row=_row(each, program, rows),
            phase=each.phase,
            sort=sort,
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


def as_data(shown: Sequence[Mark], shapes: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    """The marks of tensors that the page keeps, for its scripts; `flat` is the element's place in order."""
    found = []
    for mark in shown:
        shape = shapes.get(mark.tensor)
        if shape is not None and len(shape) == len(mark.index):
            flat = 0
            for length, i in zip(shape, mark.index, strict=True):
                flat = flat * length + i
            found.append(
                {
                    "backend": mark.backend,
                    "epoch": mark.epoch,
                    "tensor": mark.tensor,
                    "flat": flat,
                    "row": mark.row,
                    "sort": mark.sort,
                }
            )
    return found


def _row(mismatch: Mismatch, program: Program, rows: Sequence[PageRow]) -> int | None:
    """The row of the call or the rule that is wrong; where neither is known, the row that shows the tensor."""
    if mismatch.phase in ("forward", "loss", "backward") and mismatch.call is not None:
        named = mismatch.call.split(" or ")[0]
        for number, call in enumerate(program.calls, 1):
            if named in call.outputs:
                return number
    for number, row in enumerate(rows, 1):
        if row.kind == "rule" and row.title.endswith(f" {mismatch.op}"):
            return number
    tensor = page_name(mismatch.tensor, program)
    return next((number for number, row in enumerate(rows, 1) if tensor in (*row.forward, *row.backward)), None)
