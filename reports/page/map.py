"""The code map as a page has it: every line highlighted, with the tensors that it reads and writes."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from backends.contract import CLIPPED, Call, Program
from harness.recording.loading import BUILT_IN_BACKENDS, REFERENCE
from harness.running.recorded_epochs import NEW
from reports.source.code_map import MapRow, code_map, names_in_map
from reports.source.names import ProgramNames
from reports.source.source import read_backend

COLUMN_KEYS = ("forward", "backward", "chainer", "torch")


@dataclass(frozen=True)
class PageLine:
    """A line of code, and what it does to which tensors by the names that results use."""

    text: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


@dataclass(frozen=True)
class PageRow:
    """A row of the map: its lines by column, and all that it computes in the forward and in the backward pass."""

    title: str
    kind: str
    """call, rule or loop."""
    summary: str
    """What the op is, in the words of its docstring."""
    cells: tuple[tuple[str, tuple[PageLine, ...]], ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    forward: tuple[str, ...]
    """What it makes, apart from gradients."""
    backward: tuple[str, ...]
    """The gradients that it completes."""


def page_rows(program: Program) -> list[PageRow]:
    """The rows of a program's code map."""
    meant = _meant(program, names_in_map(program))
    mapped = code_map(program)
    calls = [_call_row(row, call, program, meant) for row, call in zip(mapped, program.calls, strict=False)]
    seen: set[str] = set()
    completed: list[PageRow] = []
    # Backwards run from the last call to the first, so a gradient is complete where its tensor is used first.
    for row in calls:
        completed.append(replace(row, backward=tuple(name for name in row.backward if name not in seen)))
        seen.update(row.backward)
    return completed + [_other_row(row, program, meant) for row in mapped[len(calls) :]]


def _call_row(row: MapRow, call: Call, program: Program, meant: Mapping[str, str]) -> PageRow:
    """The row of a call, whose lines may stand elsewhere: what it reads and makes is known from the program."""
    gradients = tuple(f"grad_{name}" for name in _unique(call.inputs) if name in program.differentiable)
    has_backward = bool(dict(zip(COLUMN_KEYS, row.cells, strict=True))["backward"])
    return PageRow(
        title=row.title,
        kind="call",
        summary=read_backend(BUILT_IN_BACKENDS[REFERENCE]).summary(call.op),
        cells=_cells(row, meant, new=False),
        reads=_unique(call.inputs),
        writes=call.outputs,
        forward=call.outputs,
        backward=gradients if has_backward else (),
    )


def _other_row(row: MapRow, program: Program, meant: Mapping[str, str]) -> PageRow:
    """The row of a rule or of a part of the loop."""
    name = row.title.partition(" ")[2]
    is_loop = row.title.startswith("loop: ")
    cells = _cells(row, meant, new=row.title == f"optimizer {program.optimizer.op}")
    by_hand = [line for key, lines in cells if key == "forward" for line in lines]
    reads = _unique(tensor for line in by_hand for tensor in line.reads)
    writes = _unique(tensor for line in by_hand for tensor in line.writes)
    made = () if is_loop else writes
    of_weights = tuple(f"grad_{weight}" for weight in program.weights)
    received = tuple(f"{CLIPPED}{weight}" for weight in program.weights) if program.clipping else of_weights
    match row.title:
        case "loop: clear gradients":
            reads, writes = (), of_weights
        case "loop: backward":
            gradients = (f"grad_{tensor}" for tensor in program.shapes if tensor in program.differentiable)
            reads, writes = (program.loss,), tuple(gradients)
        case "loop: step":
            reads, writes = (*program.weights, *received), tuple(f"{NEW}{weight}" for weight in program.weights)
    return PageRow(
        title=row.title,
        kind="loop" if is_loop else "rule",
        summary="" if is_loop else read_backend(BUILT_IN_BACKENDS[REFERENCE]).summary(name),
        cells=cells,
        reads=reads,
        writes=writes,
        forward=made,
        backward=(),
    )


def _cells(row: MapRow, meant: Mapping[str, str], *, new: bool) -> tuple[tuple[str, tuple[PageLine, ...]], ...]:
    columns = zip(COLUMN_KEYS, row.cells, strict=True)
    return tuple((key, tuple(_line(text, meant, new=new) for text in lines)) for key, lines in columns)


def _meant(program: Program, named: ProgramNames) -> dict[str, str]:
    """By the name in the map's lines: the name in results."""
    return {
        **{shown: name for name, shown in named.tensors.items()},
        **{shown: f"grad_{name}" for name, shown in named.gradients.items()},
        **{shown: f"{slot}_{weight}" for (slot, weight), shown in named.state.items()},
        **({shown: f"{CLIPPED}{name}" for name, shown in named.clipped.items()} if program.clipping else {}),
        **({named.learning_rate: "lr"} if named.learning_rate else {}),
    }


def _line(text: str, meant: Mapping[str, str], *, new: bool) -> PageLine:
    names = _names(text)
    reads = _unique(meant[name] for name, stored in names if name in meant and not stored)
    writes = _unique(meant[name] for name, stored in names if name in meant and stored)
    return PageLine(text, reads, tuple(f"{NEW}{name}" for name in writes) if new else writes)


def _names(text: str) -> list[tuple[str, bool]]:
    """The names in a line, and whether it stores into them."""
    try:
        tree = ast.parse(text.strip())
    except SyntaxError:  # a line of a loop without its body
        return []
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    return [(node.id, isinstance(node.ctx, ast.Store)) for node in names]


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
