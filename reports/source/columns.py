"""The code map's columns: each backend's functions as lines in the names of one program."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from backends.contract import Call, Program, RuleCall
from reports.source.inlining import (
    Bindings,
    NotStraight,
    assignments,
    inline,
    is_name,
    read_names,
    straight,
    substituted,
    unparsed,
    written,
)
from reports.source.names import ProgramNames, outside_names
from reports.source.source import CARRY_PART, LOOP_PARTS, SCHEDULE_PART, BackendSource

LOSS = "tensors[program.loss]"
"""What every backend's `train` calls its loss."""


class Column:
    """One framework's functions as lines of a program: `h = F.matmul(x, w1)`.

    Functions of the names `called` are called there, as they are; without any, see_source stands for what is more than
    lines one after the other.
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

    def call_lines(self, call: Call) -> list[str]:
        """An op's lines for one call."""
        outputs = [self._named.tensors[name] for name in call.outputs]
        function = self._source.functions.get(call.op)
        return self._lines(call.op, function, outputs, parameters(function, call.inputs, call.settings, self._named))

    def optimizer_lines(self) -> list[str]:
        """The line that makes the optimizer, such as `optimizer = torch.optim.SGD([w1, w2], lr=0.0001)`."""
        rule = self._program.optimizer
        function = self._source.functions.get(rule.op)
        if function is None:
            return [f"# no optimizer {rule.op}"]
        made = self._optimizer_in_train()
        if made is None:
            return []
        target, argument = made
        weights = ast.List([ast.Name(self._named.tensors[name]) for name in self._program.weights])
        given = self._loop.get(argument.id, argument) if isinstance(argument, ast.Name) else weights
        bound = {**settings_of(function, rule.settings), function.args.args[0].arg: given}
        return self._lines(rule.op, function, [self.loop_name(target)], bound)

    def clipping_lines(self) -> list[str]:
        """What clips the gradients in place."""
        return self._rule_lines(self._program.clipping, self._weights_or_optimizer)

    def schedule_lines(self) -> list[str]:
        """The line that makes what changes the learning rate."""
        return self._rule_lines(self._program.schedule, lambda _: [ast.Name(self._optimizer_name())], ["scheduler"])

    def decay_lines(self) -> list[str]:
        """What makes the optimizer let weights decay."""
        return self._rule_lines(self._program.decay, lambda _: [ast.Name(self._optimizer_name())])

    def carry_lines(self) -> list[str]:
        """What becomes of the buffers at the end of an update, such as `mean = new_mean.detach()`."""
        (carried,) = self._source.loop_part(CARRY_PART)
        assert isinstance(carried, ast.Assign)
        assert isinstance(carried.value, ast.DictComp)
        named = self._named.tensors
        return [
            f"{named[buffer]} = {unparsed(_Carried(ast.Name(named[value])).visit(copy.deepcopy(carried.value.value)))}"
            for buffer, value in self._program.carried.items()
        ]

    def _rule_lines(
        self, rule: RuleCall | None, arguments: Callable[[ast.FunctionDef], list[ast.expr]], outputs: Sequence[str] = ()
    ) -> list[str]:
        if rule is None:
            return []
        function = self._source.functions.get(rule.op)
        if function is None:
            return [f"# no {rule.op}"]
        names = [parameter.arg for parameter in function.args.args]
        bound = {**settings_of(function, rule.settings), **dict(zip(names, arguments(function), strict=True))}
        own = [self.loop_name(name) for name in outputs]
        return self._lines(rule.op, function, own, bound)

    def _weights_or_optimizer(self, function: ast.FunctionDef) -> list[ast.expr]:
        """What a framework's clipping is given: its optimizer, or the list of its parameters."""
        if function.args.args[0].arg == "optimizer":
            return [ast.Name(self._optimizer_name())]
        return [ast.List([ast.Name(self._named.tensors[name]) for name in self._program.weights])]

    def _optimizer_name(self) -> str:
        made = self._optimizer_in_train()
        return self.loop_name(made[0]) if made else "optimizer"

    def loop_name(self, variable: str) -> str:
        """What a variable of `train` is called."""
        return unparsed(self._loop.get(variable, ast.Name(variable)))

    def loop_lines(self, part: str) -> list[str]:
        """The lines of one part of the loop, such as `loss.backward()`."""
        grad_of_loss = ast.Name(self._named.gradients.get(self._program.loss, "grad_loss"))
        lines = [_InLoop(grad_of_loss).visit(line) for line in self._source.loop_part(part)]
        match lines:  # what is done only in programs with such a part
            case [ast.If(test=ast.Name(), body=body)]:
                lines = body
        return written(substituted(line, self._loop, self._names) for line in lines)

    def _lines(self, op: str, function: ast.FunctionDef | None, outputs: list[str], bound: Bindings) -> list[str]:
        if function is None:
            return [f"# no op {op}"]
        if op in self._called:
            return (
                written(given(outputs, [call_of(function, bound)], unpack=len(outputs) > 1))
                if outputs
                else written([ast.Expr(call_of(function, bound))])
            )
        try:
            body, inner, returned = straight(function)
            if inner:
                raise NotStraight(op)
        except NotStraight:
            return [see_source(op)]
        targets = outputs if len(returned) == len(outputs) else [None] * len(returned)
        inlined = inline(body, returned, bound, targets, self._names)
        return written([*inlined.lines, *given(outputs, inlined.returned)])

    def _loop_bindings(self) -> Bindings:
        """What the variables of `train` are called in the map's rows of the loop."""
        train = self._source.functions["train"]
        bound: Bindings = {}
        for node in ast.walk(train):
            if isinstance(node, ast.Assign) and unparsed(node.value) == LOSS and isinstance(node.targets[0], ast.Name):
                bound[node.targets[0].id] = ast.Name(self._named.tensors[self._program.loss])
        used = read_names(line for part in (*LOOP_PARTS, SCHEDULE_PART) for line in self._source.loop_part(part))
        made = self._optimizer_in_train()
        used |= {made[0], *read_names([made[1]])} if made else set()
        own = sorted(used - outside_names(train) - bound.keys() - {"trace"})
        return {**bound, **{name: ast.Name(self._names.take(name)) for name in own}}

    def _optimizer_in_train(self) -> tuple[str, ast.expr] | None:
        """The variable that `train` keeps the optimizer in, and what it makes it from; None if it makes none."""
        for node in ast.walk(self._source.functions["train"]):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function, args=[argument])):
                    if unparsed(function) == "getattr(ops, program.optimizer.op)":
                        return name, argument
        return None


class _Carried(ast.NodeTransformer):
    """Writes `tensors[value]` as the one name that it has in a program."""

    def __init__(self, name: ast.Name) -> None:
        self._name = name

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return self._name if unparsed(node) == "tensors[value]" else self.generic_visit(node)


class _InLoop(ast.NodeTransformer):
    """Writes `grads[program.loss]` as the one name that it has in a program, and leaves out what only tracing asks."""

    def __init__(self, name: ast.Name) -> None:
        self._name = name

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return self._name if unparsed(node) == "grads[program.loss]" else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.keywords = [keyword for keyword in node.keywords if not is_name(keyword.value, "trace")]
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.Assign([node.target], node.value) if node.value else node


def given(outputs: list[str], values: list[ast.expr], *, unpack: bool = False) -> list[ast.stmt]:
    """The lines that give an op's values the names of its outputs; one value may hold them all."""
    if len(values) == len(outputs) and not unpack:
        return assignments(outputs, values)
    return [ast.Assign([ast.Tuple([ast.Name(name) for name in outputs])], value) for value in values]


def call_of(function: ast.FunctionDef, bound: Bindings) -> ast.expr:
    """The call of a function, given what its parameters stand for; defaults that are left alone are left out."""
    arguments = [bound[parameter.arg] for parameter in function.args.args]
    match function.args.vararg:
        case ast.arg(arg=name):
            rest = bound[name]
            arguments += rest.elts if isinstance(rest, ast.Tuple) else [ast.Starred(rest)]
    defaults = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    keywords = [
        ast.keyword(parameter.arg, bound[parameter.arg])
        for parameter, default in defaults
        if bound[parameter.arg] is not default
    ]
    return ast.Call(ast.Name(function.name), arguments, keywords)


def see_source(op: str) -> str:
    """What stands for lines that can't be written down one after the other."""
    return f"# branches or loops: lockstep map --op {op}"


def arguments(function: ast.FunctionDef | ast.Lambda, names: Sequence[str]) -> Bindings:
    """What a function's parameters stand for; `*xs` for all that are left, as `(a, b)`."""
    single = function.args.args
    bound: Bindings = {parameter.arg: ast.Name(name) for parameter, name in zip(single, names, strict=False)}
    if function.args.vararg:
        bound[function.args.vararg.arg] = ast.Tuple([ast.Name(name) for name in names[len(single) :]])
    return bound


def parameters(
    function: ast.FunctionDef | None, inputs: Iterable[str], settings: Mapping[str, object], named: ProgramNames
) -> Bindings:
    """What a function's parameters stand for in a call: its tensors, and its settings or their defaults."""
    if function is None:
        return {}
    return {**settings_of(function, settings), **arguments(function, [named.tensors[name] for name in inputs])}


def settings_of(function: ast.FunctionDef, settings: Mapping[str, object]) -> Bindings:
    """What a function's settings are, the defaults of those that are not given included."""
    defaults = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    bound = {parameter.arg: default for parameter, default in defaults if default is not None}
    return bound | {name: ast.parse(repr(value), mode="eval").body for name, value in settings.items()}
