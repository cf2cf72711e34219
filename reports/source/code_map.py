"""The code map: one row per call of a program, in NumPy (forward and backward), Chainer and PyTorch.

Every line is the backends' own source with the scenario's names put in; nothing here is typed a second time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backends.contract import Program
from backends.vocabulary import BUILT_IN, TITLES
from reports.source.columns.column import rules_of
from reports.source.columns.framework import FrameworkColumn
from reports.source.columns.hand_written import HandWrittenColumn
from reports.source.names import ProgramNames
from reports.source.source import (
    ACCUMULATION_PART,
    CARRY_PART,
    LOOP_PARTS,
    SCHEDULE_PART,
    THAW_PART,
    BackendSource,
    read_backend,
)

RowKind = Literal["op", "clipping", "schedule", "decay", "optimizer", "average", "loop"]
COLUMNS = ("NumPy forward", "NumPy backward", "Chainer", "PyTorch")


@dataclass(frozen=True)
class MapRow:
    """One row: what it is, and the lines of code in each of COLUMNS."""

    kind: RowKind
    name: str
    """Of the op, the rule or the part of the loop."""
    cells: tuple[list[str], list[str], list[str], list[str]]

    @property
    def title(self) -> str:
        """What people read, such as `op.matmul`, `optimizer sgd` or `loop: backward`."""
        separator = {"op": ".", "loop": ": "}.get(self.kind, " ")
        return f"{self.kind}{separator}{self.name}"


def code_map(program: Program) -> list[MapRow]:
    """The rows of a program: its calls in order, the rules around them, and the loop around all that.

    Raises ValueError, with the names of the backend and the part, if a `train` lacks a part of the loop.
    """
    named, sources = names_in_map(program), _sources()
    by_hand = HandWrittenColumn(sources[0], program, named)
    chainer, torch = (FrameworkColumn(source, program, named) for source in sources[1:])
    columns = (by_hand, chainer, torch)
    rows = [
        MapRow("op", call.op, (forward, backward, chainer.call_lines(call), torch.call_lines(call)))
        for call, forward, backward in zip(program.calls, by_hand.forward, by_hand.backward, strict=True)
    ]
    for kind, rule in rules_of(program):
        rows.append(_row(kind, rule.op, [column.rule_lines(kind, rule) for column in columns]))
    if program.epoch.accumulates:
        batches = f"{program.epoch.batches_per_step} batches or those that are left"
        said = [
            f"# {by_hand.is_first}, {by_hand.is_last}: whether this batch begins or ends a step, of {batches}",
            f"# {by_hand.share}: its rows over the rows of the step",
        ]
        rows.append(_row("loop", ACCUMULATION_PART, [said, [], []]))
    rows += [_row("loop", part, [column.loop_lines(part) for column in columns]) for part in LOOP_PARTS]
    if program.schedule is not None:
        when = "  # after each epoch" if program.schedule.counts_epochs else ""
        steps = [[f"{line}{when}" for line in each.loop_lines(SCHEDULE_PART)] for each in (chainer, torch)]
        if not program.schedule.counts_epochs:
            steps = [each.at_last(lines) for each, lines in zip((chainer, torch), steps, strict=True)]
        rows.append(_row("loop", SCHEDULE_PART, [[], *steps]))
    if program.trained_later:
        thaws = [
            [f"{line}  # at first" for line in each.freeze_lines()]
            + each.thaw_lines()
            + [f"{line}  # before clipping" for line in each.leave_out_lines()]
            for each in (chainer, torch)
        ]
        rows.append(_row("loop", THAW_PART, [by_hand.thaw_lines(), *thaws]))
    if program.carried.keys() - program.kept:
        rows.append(_row("loop", CARRY_PART, [column.carry_lines() for column in columns]))
    return rows


def _row(kind: RowKind, name: str, cells: Sequence[list[str]]) -> MapRow:
    """A row whose NumPy has no backward of its own."""
    by_hand, chainer, torch = cells
    return MapRow(kind, name, (by_hand, [], chainer, torch))


def names_in_map(program: Program) -> ProgramNames:
    """What the program's tensors, gradients and optimizer state are called in its map."""
    return ProgramNames(program, _sources())


def op_sources(name: str) -> list[tuple[str, str]]:
    """One op or optimizer as it stands in each backend that has it: (backend, source with docstring)."""
    sources = zip(TITLES.values(), _sources(), strict=True)
    return [(title, source.texts[name]) for title, source in sources if name in source.texts]


def op_names() -> Sequence[str]:
    """Every op and optimizer of the hand-written backend."""
    return _sources()[0].names


def _sources() -> list[BackendSource]:
    return [read_backend(module) for module in BUILT_IN.values()]
