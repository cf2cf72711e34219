"""What every column of the code map does: a backend's functions become lines in the names of one program."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import isfinite
from typing import Literal, get_args

from backends.contract import Program, RuleCall
from backends.vocabulary import Part
from reports.source.choices import Bindings, without_choices
from reports.source.columns.shape_inference import Shape
from reports.source.columns.shapes import KnownShapes
from reports.source.functions import FunctionSource
from reports.source.inlining import Function, NotStraight, inline, names_in, returned_by, straight, substitutions
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
        self,
        source: BackendSource,
        program: Program,
        named: ProgramNames,
        called: Collection[str] = (),
        share: str = "",
    ) -> None:
        """`share`: the script's variable for a batch's share of its step.

        The map has no loops; without `share`, its lines test `is_first` and `is_last`.
        """
        self.not_inlined: set[str] = set()
        """The functions that were to be inlined in lines up to now, and could not be."""
        self._called = called
        self._share = share
        self._source = source
        self._program = program
        self._named = named
        self._names = named.fresh()
        self._shapes = KnownShapes(source.module, _shapes_in_lines(program, named))
        self._loop = self._loop_bindings()
        self._loop_edits: Edits = {}

    def rule_lines(self, kind: RuleKind, rule: RuleCall) -> list[str]:
        """The lines of one of the program's rules; of an optimizer, for all weights that it trains."""
        function = self._source.function(rule.op)
        if function is None:
            return [f"# no {kind} {rule.op}"]
        lines = self._lines_of_rule(kind, rule, function)
        return self.at_last(lines) if kind in self._per_step else lines

    @property
    def share(self) -> str:
        """What the lines call the share of a batch in its step."""
        return self._loop[self._source.train.share]

    @property
    def is_first(self) -> str:
        """What the lines call whether a batch begins a step."""
        return self._loop[self._source.train.begins_step]

    @property
    def is_last(self) -> str:
        """What the lines call whether a batch ends a step."""
        return self._loop[self._source.train.ends_step]

    @property
    def _per_step(self) -> Collection[RuleKind]:
        """The rules whose lines stand in the loop, and not before it."""
        return RULE_KINDS

    def at_last(self, lines: list[str]) -> list[str]:
        """Lines that are run at the last batch of a step only, unless loops around them know when that is."""
        if not lines or not self._program.epoch.accumulates or self._share:
            return lines
        return [f"if {self.is_last}:", *indented(lines)]

    def _of_weights_trained_later(self, comparison: str, lines_of: Callable[[str], list[str]]) -> list[str]:
        """Lines for each of these weights, under one condition for all whose training begins in the same epoch."""
        later, lines = self._program.trained_later, []
        for begins in dict.fromkeys(later.values()):
            lines.append(f"if {self._named.epoch} {comparison} {begins}:")
            for weight in (each for each, epoch in later.items() if epoch == begins):
                lines += indented(lines_of(weight))
        return lines

    def loop_lines(self, part: Part) -> list[str]:
        """The lines of one part of the loop, such as `loss.backward()`."""
        return self._lines_of_loop(self._source.train.part(part), self._loop)

    def _lines_of_loop(self, statements: Sequence[ast.stmt], bound: Bindings) -> list[str]:
        """Lines of the loop, without what it does for other programs."""
        train = self._source.train
        lines: list[str] = []
        for line in without_choices(statements, bound):
            match line:
                case ast.If(test=ast.Name(id=name), body=body) if name in (train.begins_step, train.ends_step):
                    lines += [f"if {bound[name]}:", *indented(self._lines_of_loop(body, bound))]
                case ast.If(test=test, body=body) if (has := self._has(test)) is not None:
                    lines += self._lines_of_loop(body, bound) if has else []
                case ast.If(test=ast.Name() | ast.BoolOp(), body=body):  # done only in programs with such a rule
                    lines += self._lines_of_loop(body, bound)
                case ast.For(target=ast.Name(id=name), iter=ast.Name(id=several), body=body):
                    for other in self._others(several):
                        lines += self._lines_of_loop(body, {**bound, name: other})
                case _:
                    edits = {**substitutions(train, line, bound, self._names), **self._loop_edits}
                    lines += written([train.text(line, edits)])
        return lines

    def _has(self, test: ast.expr) -> bool | None:
        """Whether the program has the rules that a condition such as `program.clipping` asks for; None for others."""
        match test:
            case ast.Attribute(value=ast.Name(id="program"), attr=kind) if kind in RULE_KINDS:
                return getattr(self._program, kind) is not None
            case ast.BoolOp(op=joined, values=values):
                parts = [self._has(value) for value in values]
                return None if None in parts else all(parts) if isinstance(joined, ast.And) else any(parts)
        return None

    def _others(self, several: str) -> Sequence[str]:
        """What the optimizers or schedulers of groups are called; `several` is the variable of `train`."""
        raise self._source.train.unknown_loop(several)

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
        bound = {loss: self._named.tensors[self._program.loss], **{name: self._names.take(name) for name in own}}
        whole = {train.begins_step: "True", train.ends_step: "True"}
        if not self._program.epoch.accumulates:
            return {**bound, **whole, train.share: "None"}
        return {**bound, **whole, train.share: self._share} if self._share else bound

    def _lines(
        self,
        function: FunctionSource,
        outputs: Sequence[str],
        positional: Sequence[str],
        settings: Mapping[str, str],
        axes: Sequence[int] = (),
        *,
        unpack: bool = False,
    ) -> list[str]:
        """A function's lines, or its call, with its results under the names of the outputs.

        `axes` are the numbers of axes of the positional arguments, if they are tensors. With `unpack` the function
        returns a tuple, also of a single result.
        """
        name = function.node.name
        if name in self._called:
            call = call_of(function.node, positional, settings)
            return written(assignments(outputs, [call], unpack=unpack or len(outputs) > 1))
        try:
            bound = bindings(function, function.node, positional, settings)
            bound |= {f"{each.arg}.ndim": repr(n) for each, n in zip(function.node.args.args, axes, strict=False)}
            body, inner, returned = straight(function.node, bound)
            if inner:
                raise NotStraight(name)
            one_by_one = not unpack or isinstance(returned_by(function.node), ast.Tuple)
            together = len(returned) != len(outputs) or not one_by_one
            targets = [None] * len(returned) if together else outputs
            inlined = inline(function, body, returned, bound, targets, self._names)
        except NotStraight:
            return self._see_source(name)
        lines, values = self._shapes.shortened(inlined.lines, inlined.returned, keep_names=True)
        return written([*lines, *assignments(outputs, values, unpack=together)])

    def _see_source(self, function: str) -> list[str]:
        """What stands for a function that can't be inlined."""
        self.not_inlined.add(function)
        return [see_source(function)]


def _shapes_in_lines(program: Program, named: ProgramNames) -> dict[str, Shape]:
    """The shapes of tensors and gradients by their names in the lines; none if later batches may have more rows."""
    if any(program.shapes[name][:1] == (1,) for name in program.data):
        return {}
    shapes = {line_name: program.shapes[name] for name, line_name in named.tensors.items()}
    return shapes | {line_name: program.shapes[name] for name, line_name in named.gradients.items()}


def rules_of(program: Program) -> list[tuple[RuleKind, RuleCall]]:
    """The rules that a program has, in the order of RULE_KINDS; optimizers that groups have follow the program's."""
    own = {rule.op: rule for rule in map(program.optimizer_in, program.own_groups)}
    rules: list[tuple[RuleKind, RuleCall]] = []
    for kind in RULE_KINDS:
        rule = getattr(program, kind)
        rules += [(kind, rule)] if rule is not None else []
        if kind == "optimizer":
            rules += [(kind, other) for op, other in own.items() if op != program.optimizer.op]
    return rules


def indented(lines: Iterable[str]) -> list[str]:
    """Lines of a block."""
    return [f"    {line}" for line in lines]


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
