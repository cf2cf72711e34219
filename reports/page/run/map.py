"""The code map for a page: every line with the tensors that it reads and writes."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from backends.contract import Call, Node, Program, gradient_name
from backends.documentation import Derivation, DerivationLine, Documentation, documentation
from backends.vocabulary import BUILT_IN, HAND_WRITTEN
from harness.recording.parameters import input_names, output_names
from harness.running.traced import NEW
from reports.source.code_map import MapRow, code_map, names_in_map
from reports.source.source import read_backend

CONDITION = re.compile(r"(?<![\w\]])\[[^\]]* [=≠<>≤≥] ")
COMPUTED = re.compile(r"(?<=\w)\[[^\]]*[-−+/·]")
COLUMN_KEYS = ("forward", "backward", "chainer", "torch")


@dataclass(frozen=True)
class PageLine:
    """A line of code, with the tensors that it reads and writes, under the names that results use."""

    text: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


@dataclass(frozen=True)
class Why:
    """The derivation of the gradients of a call."""

    names: tuple[tuple[str, str], ...]
    """What the op calls its inputs and outputs, and what the program does."""
    forward: tuple[DerivationLine, ...]
    gradients: tuple[tuple[str, tuple[DerivationLine, ...]], ...]
    """By the name of the gradient: the lines that lead to it from what stands before."""

    @property
    def has_conditions(self) -> bool:
        """Whether something stands in brackets that is 1 where it holds, else 0."""
        return any(CONDITION.search(line.text) for line in self._lines if line.kind == "indices")

    @property
    def has_computed_places(self) -> bool:
        """Whether an index is computed, and may point beyond the array."""
        return any(COMPUTED.search(line.text) for line in self._lines if line.kind == "indices")

    @property
    def _lines(self) -> Iterator[DerivationLine]:
        yield from self.forward
        for _, lines in self.gradients:
            yield from lines


@dataclass(frozen=True)
class PageRow:
    """A row of the map: its lines by column, and what it computes in the forward and backward passes."""

    number: int
    """Counted from 1."""
    title: str
    kind: str
    """call, rule or loop."""
    summary: str
    """The op's equation."""
    details: str
    """The rest of its docstring: shapes, gradients and source."""
    cells: tuple[tuple[str, tuple[PageLine, ...]], ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    forward: tuple[str, ...]
    """What it computes, apart from gradients."""
    backward: tuple[str, ...]
    """The gradients that it completes."""
    function: str
    """The backends' function that it is about: that of the op or the rule; `train` for what stands in the loop."""
    why: Why | None = None
    """Why its gradients are what they are, if it has any."""


def page_rows(program: Program) -> list[PageRow]:
    """The rows of a program's code map."""
    in_results, nodes = names_in_map(program).in_results, program.nodes()
    mapped = code_map(program)
    differentiable = program.differentiable
    numbered = list(enumerate(mapped, 1))
    calls = [
        _call_row(number, row, call, nodes, in_results, differentiable)
        for (number, row), call in zip(numbered, program.calls, strict=False)
    ]
    return calls + [_other_row(number, row, program, in_results) for number, row in numbered[len(calls) :]]


def _call_row(
    number: int,
    row: MapRow,
    call: Call,
    nodes: Iterable[Node],
    in_results: Mapping[str, str],
    differentiable: Collection[str],
) -> PageRow:
    """The row of a call. What it reads and computes comes from the program, since its lines may be elsewhere."""
    completed = [node for node in nodes if node.kind == "gradient" and node.call == call.outputs[0]]
    has_backward = bool(dict(zip(COLUMN_KEYS, row.cells, strict=True))["backward"])
    said = _documentation(call.op)
    return PageRow(
        number=number,
        title=row.title,
        kind="call",
        summary=said.equation,
        details=said.details,
        cells=_cells(row, in_results, new=False),
        reads=_unique(call.inputs),
        writes=call.outputs,
        forward=call.outputs,
        backward=tuple(map(str, completed)) if has_backward else (),
        function=call.op,
        why=_why(call, said.derivation, differentiable) if has_backward and said.derivation else None,
    )


def _documentation(op: str) -> Documentation:
    """What the hand-written op, or rule, says of itself; nothing where there is none."""
    source = read_backend(BUILT_IN[HAND_WRITTEN])
    return documentation((op in source.texts and ast.get_docstring(source.definition(op))) or "")


def _why(call: Call, derivation: Derivation, differentiable: Collection[str]) -> Why:
    inputs = dict(zip(input_names(call.op, len(call.inputs)), call.inputs, strict=True))
    outputs = dict(zip(output_names(call.op, len(call.outputs)), call.outputs, strict=True))
    gradients: list[tuple[str, tuple[DerivationLine, ...]]] = []
    before: tuple[DerivationLine, ...] = ()
    for each in derivation.gradients:
        before += each.before
        if inputs.get(each.of) in differentiable:
            gradients.append((gradient_name(inputs[each.of]), (*before, *each.lines)))
            before = ()
    return Why((*inputs.items(), *outputs.items()), derivation.forward, tuple(gradients))


def _other_row(number: int, row: MapRow, program: Program, in_results: Mapping[str, str]) -> PageRow:
    """The row of a rule, or of a part of the training loop."""
    is_loop = row.kind == "loop"
    said = _documentation("" if is_loop else row.name)
    cells = _cells(row, in_results, new=row.kind == "optimizer")
    by_hand = [line for key, lines in cells if key == "forward" for line in lines]
    reads = _unique(tensor for line in by_hand for tensor in line.reads)
    writes = _unique(tensor for line in by_hand for tensor in line.writes)
    made = () if is_loop else writes
    nodes = program.nodes()
    gradients = tuple(gradient_name(name) for name in program.shapes if name in program.with_gradient)
    of_weights = tuple(map(gradient_name, program.weights))
    clipped, decayed = (tuple(str(node) for node in nodes if node.kind == kind) for kind in ("clipped", "decayed"))
    match row.kind, row.name:
        case "loop", "clear gradients":
            reads, writes = (), of_weights
        case "loop", "backward":
            reads, writes = (program.loss,), gradients
        case "loop", "step":
            reads = (*program.weights, *(decayed or clipped or of_weights))
            writes = tuple(f"{NEW}{weight}" for weight in program.weights)
    return PageRow(
        number=number,
        title=row.title,
        kind="loop" if is_loop else "rule",
        summary=said.equation,
        details=said.details,
        cells=cells,
        reads=reads,
        writes=writes,
        forward=made,
        backward=(),
        # `train` stands once, where its backward is.
        function=row.name if not is_loop else "train" if row.name == "backward" else "",
    )


def _cells(row: MapRow, in_results: Mapping[str, str], *, new: bool) -> tuple[tuple[str, tuple[PageLine, ...]], ...]:
    columns = zip(COLUMN_KEYS, row.cells, strict=True)
    return tuple((key, tuple(_line(text, in_results, new=new) for text in lines)) for key, lines in columns)


def _line(text: str, in_results: Mapping[str, str], *, new: bool) -> PageLine:
    names = _names(text)
    reads = _unique(in_results[name] for name, stored in names if name in in_results and not stored)
    writes = _unique(in_results[name] for name, stored in names if name in in_results and stored)
    return PageLine(text, reads, tuple(f"{NEW}{name}" for name in writes) if new else writes)


def _names(text: str) -> list[tuple[str, bool]]:
    """The names in a line, each with whether the line assigns it."""
    try:
        tree = ast.parse(text.strip())
    except SyntaxError:  # a line of a loop without its body
        return []
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    return [(node.id, isinstance(node.ctx, ast.Store)) for node in names]


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
