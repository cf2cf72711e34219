"""The code map as a page has it: every line highlighted, with the tensors that it reads and writes."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from backends.contract import Program
from lockstep.tensors import CLIPPED
from lockstep.tracing import NEW
from reports.code_map import MapRow, code_map, names_in_map
from reports.columns import ProgramNames
from reports.source import read_backend

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
    named = names_in_map(program)
    meant = _meant(program, named)
    rows = [_row(row, program, meant) for row in code_map(program)]
    seen: set[str] = set()
    completed: list[PageRow] = []
    # A gradient stands beside the line that is the last to add to it, which is the first use of its tensor.
    for row in rows:
        own = tuple(name for name in row.backward if name not in seen)
        seen.update(own)
        completed.append(replace(row, backward=own))
    return completed


def _row(row: MapRow, program: Program, meant: dict[str, str]) -> PageRow:
    kind = "call" if row.title.startswith("op.") else "loop" if row.title.startswith("loop: ") else "rule"
    updates = row.title == f"optimizer {program.optimizer.op}"
    cells = tuple(
        (key, tuple(_line(text, meant, new=updates) for text in lines))
        for key, lines in zip(COLUMN_KEYS, row.cells, strict=True)
    )
    by_hand = [line for key, lines in cells if key in ("forward", "backward") for line in lines]
    reads = _unique(name for line in by_hand for name in line.reads)
    writes = _unique(name for line in by_hand for name in line.writes)
    gradients = [f"grad_{name}" for name in program.shapes if name in program.differentiable]
    received = [f"{CLIPPED}{w}" if program.clipping else f"grad_{w}" for w in program.weights]
    new = [f"{NEW}{name}" for name in program.weights]
    match row.title:
        case "loop: clear gradients":
            reads, writes = (), tuple(f"grad_{name}" for name in program.weights)
        case "loop: backward":
            reads, writes = (program.loss,), tuple(gradients)
        case "loop: step":
            reads, writes = (*program.weights, *received), tuple(new)
    op = row.title.partition(".")[2] or row.title.partition(" ")[2]
    summary = read_backend("backends.numpy_manual").summary(op) if kind != "loop" else ""
    made = writes if kind != "loop" else ()
    return PageRow(
        title=row.title,
        kind=kind,
        summary=summary,
        cells=cells,
        reads=reads,
        writes=writes,
        forward=tuple(name for name in made if name not in gradients),
        backward=tuple(name for name in made if name in gradients),
    )


def _meant(program: Program, named: ProgramNames) -> dict[str, str]:
    """By the name in the map's lines: the name in results."""
    return {
        **{shown: name for name, shown in named.tensors.items()},
        **{shown: f"grad_{name}" for name, shown in named.gradients.items()},
        **{shown: f"{slot}_{weight}" for (slot, weight), shown in named.state.items()},
        **({shown: f"{CLIPPED}{name}" for name, shown in named.clipped.items()} if program.clipping else {}),
        **({named.learning_rate: "lr"} if named.learning_rate else {}),
    }


def _line(text: str, meant: dict[str, str], *, new: bool) -> PageLine:
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
