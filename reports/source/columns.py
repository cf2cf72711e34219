"""The code map's columns: each backend's functions as lines in the names of one program."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import isfinite
from typing import Literal, get_args

from backends.contract import Program, RuleCall
from backends.vocabulary import Part
from reports.source.choices import Bindings
from reports.source.functions import FunctionSource
from reports.source.inlining import Function, NotStraight, inline, names_in, straight, substitutions
from reports.source.names import ProgramNames
from reports.source.source import LOOP_PARTS, SCHEDULE_PART, BackendSource
from reports.source.spans import Edits, ParsedText, read_names

RuleKind = Literal["clipping", "schedule", "decay", "optimizer", "average"]
RULE_KINDS: tuple[RuleKind, ...] = get_args(RuleKind)
"""The rules around the ops, in the order of the code map's rows."""


class Column(ABC):
    """One backend's functions as lines of a program: `h = F.matmul(x, w1)`.

    The functions with the names `called` are called, the others inlined. see_source stands for what can't be inlined.
    """

    def __init__(
        self, source: BackendSource, program: Program, named: ProgramNames, called: Collection[str] = ()
    ) -> None:
        self._called = called
        self._source = source
        self._program = program
        self._named = named
        self._names = named.fresh()
        self._loop = self._loop_bindings()
        self._loop_edits: Edits = {}

    def rule_lines(self, kind: RuleKind) -> list[str]:
        """The lines of the program's clipping, schedule, decay or optimizer; none where it has no such rule."""
        rule = rules_by_kind(self._program).get(kind)
        if rule is None:
            return []
        function = self._source.function(rule.op)
        return [f"# no {kind} {rule.op}"] if function is None else self._lines_of_rule(kind, rule, function)

    def loop_lines(self, part: Part) -> list[str]:
        """The lines of one part of the loop, such as `loss.backward()`."""
        train = self._source.train
        statements = train.part(part)
        match statements:
            case [ast.If(test=ast.Name() | ast.BoolOp(), body=body)]:  # what is done only in programs with such a rule
                statements = body
        return written(
            train.text(line, {**substitutions(train, line, self._loop, self._names), **self._loop_edits})
            for line in statements
        )

    def carry_lines(self) -> list[str]:
        """What the buffers are set to at the end of an update, such as `mean = new_mean.detach()`."""
        tensors, train = self._named.tensors, self._source.train
        return [
            f"{tensors[buffer]} = {train.carried(tensors[value])}"
            for buffer, value in self._program.carried.items()
            if buffer not in self._program.kept
        ]

    @abstractmethod
    def _lines_of_rule(self, kind: RuleKind, rule: RuleCall, function: FunctionSource) -> list[str]:
        """The lines of a rule that the program and the backend have."""

    def _loop_variables(self) -> set[str]:
        """The names that the lines of the loop read."""
        train = self._source.train
        return read_names(line for part in (*LOOP_PARTS, SCHEDULE_PART) for line in train.part(part))

    def _loop_bindings(self) -> Bindings:
        """What the variables of `train` are called in the map's rows of the loop."""
        train = self._source.train
        loss = train.loss()
        own = sorted(self._loop_variables() - train.outside_names - {loss, "trace"})
        return {loss: self._named.tensors[self._program.loss], **{name: self._names.take(name) for name in own}}

    def _lines(
        self, function: FunctionSource, outputs: Sequence[str], positional: Sequence[str], settings: Mapping[str, str]
    ) -> list[str]:
        """A function's lines, or its call, with its results under the names of the outputs."""
        name = function.node.name
        if name in self._called:
            call = call_of(function.node, positional, settings)
            return written(assignments(outputs, [call], unpack=len(outputs) > 1))
        try:
            bound = bindings(function, function.node, positional, settings)
            body, inner, returned = straight(function.node, bound)
            if inner:
                raise NotStraight(name)
            targets = outputs if len(returned) == len(outputs) else [None] * len(returned)
            inlined = inline(function, body, returned, bound, targets, self._names)
        except NotStraight:
            return [see_source(name)]
        return written([*inlined.lines, *assignments(outputs, inlined.returned)])


def rules_by_kind(program: Program) -> dict[RuleKind, RuleCall]:
    """The rules that a program has, in the order of RULE_KINDS."""
    rules: dict[RuleKind, RuleCall | None] = {kind: getattr(program, kind) for kind in RULE_KINDS}
    return {kind: rule for kind, rule in rules.items() if rule is not None}


def written(statements: Iterable[str]) -> list[str]:
    """Statements line by line."""
    return [line for statement in statements for line in statement.split("\n")]


def assignments(outputs: Sequence[str], values: Sequence[str], *, unpack: bool = False) -> list[str]:
    """The lines that give an op's values the names of its outputs; one value may hold them all.

    They stand one after the other where no value reads a name that a line before it assigns, else they are one line.
    """
    if not outputs:
        return list(values)
    if unpack or len(values) != len(outputs):
        targets = f"({outputs[0]},)" if len(outputs) == 1 else ", ".join(outputs)
        return [f"{targets} = {value}" for value in values]
    pairs = [(name, value) for name, value in zip(outputs, values, strict=True) if name != value]
    for order in (pairs, pairs[::-1]):
        if not any(name in names_in(value) for i, (name, _) in enumerate(order) for _, value in order[i + 1 :]):
            return [f"{name} = {value}" for name, value in order]
    return [f"{', '.join(name for name, _ in pairs)} = {', '.join(value for _, value in pairs)}"]


def call_of(function: ast.FunctionDef, positional: Sequence[str], settings: Mapping[str, str]) -> str:
    """The call of a function; defaults that are left alone are left out."""
    names = [parameter.arg for parameter in function.args.kwonlyargs]
    keywords = [f"{name}={settings[name]}" for name in names if name in settings]
    return f"{function.name}({', '.join([*positional, *keywords])})"


def see_source(op: str) -> str:
    """What stands for lines that can't be written down one after the other."""
    return f"# branches or loops: lockstep map --op {op}"


def bindings(
    source: ParsedText, function: Function, positional: Sequence[str], settings: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What a function's parameters stand for: `*xs` for all that are left, as `(a, b)`, and defaults as they are.

    An optional input that is left out is its default, None.
    """
    arguments, settings = function.args, settings or {}
    bound = dict(zip([parameter.arg for parameter in arguments.args], positional, strict=False))
    for optional, left_out in zip(arguments.args[::-1], arguments.defaults[::-1], strict=False):
        bound.setdefault(optional.arg, source.text(left_out))
    if arguments.vararg is not None:
        rest = positional[len(arguments.args) :]
        bound[arguments.vararg.arg] = f"({', '.join(rest)}{',' if len(rest) == 1 else ''})"
    for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if parameter.arg in settings:
            bound[parameter.arg] = settings[parameter.arg]
        elif default is not None:
            bound[parameter.arg] = source.text(default)
    return bound


def as_source(settings: Mapping[str, object]) -> dict[str, str]:
    """Settings as they are written in source."""
    return {name: _as_source(value) for name, value in settings.items()}


def _as_source(value: object) -> str:
    """A number that is not finite has no literal."""
    return f'float("{value}")' if isinstance(value, float) and not isfinite(value) else repr(value)
