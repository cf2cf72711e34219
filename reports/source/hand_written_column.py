"""The code map's column of the hand-written functions: forward, backward and the optimizer's arithmetic."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

from backends.contract import Call, Program
from reports.source.columns import Column, arguments, call_of, given, parameters, see_source, settings_of
from reports.source.inlining import Bindings, NotStraight, inline, is_name, needed, read_names, straight, written
from reports.source.names import ProgramNames
from reports.source.source import BackendSource

GRADIENTS = "gradients"
"""The function that computes what a backward returns, also what stands behind a `lambda`."""


class HandWrittenColumn(Column):
    """The hand-written functions: forward and backward of every call, and the optimizer's arithmetic.

    An op that is called as it is returns its backward, and GRADIENTS returns what that does.
    """

    def __init__(
        self, source: BackendSource, program: Program, named: ProgramNames, called: Collection[str] = ()
    ) -> None:
        super().__init__(source, program, named, called)
        self._with_gradient = {program.loss}
        self._backwards: list[tuple[ast.FunctionDef | ast.Lambda | None, Bindings]] = []
        self.forward = [self._forward_lines(call) for call in program.calls]
        self.backward = [
            self._backward_lines(call, *made)
            for call, made in reversed(list(zip(program.calls, self._backwards, strict=True)))
        ][::-1]

    def optimizer_lines(self) -> list[str]:
        """The rule for every weight, such as `w1 = w1 - 0.0001 * grad_w1`."""
        rule = self._program.optimizer
        function = self._source.functions.get(rule.op)
        if function is None:
            return [f"# no optimizer {rule.op}"]
        weight, gradient, *slots = [parameter.arg for parameter in function.args.args]
        update = self._named.update
        lines = [f"{update} = {update} + 1"] if update and not self._program.schedule else []
        for name in self._program.weights:
            state = {slot: self._named.state[slot, name] for slot in slots}
            own = {weight: self._named.tensors[name], gradient: self._received(name, decayed=True), **state}
            bound = {**settings_of(function, rule.settings), **{key: ast.Name(value) for key, value in own.items()}}
            if update:
                bound["t"] = ast.Name(update)
            if self._named.learning_rate:
                bound["lr"] = ast.Name(self._named.learning_rate)
            lines += self._lines(rule.op, function, [own[weight], *state.values()], bound)
        return lines

    def clipping_lines(self) -> list[str]:
        """The clipping, of all gradients into new ones."""
        clipping = self._program.clipping
        function = self._source.functions.get(clipping.op) if clipping else None
        if clipping is None or function is None or function.args.vararg is None:
            return []
        gradients = ast.Tuple([ast.Name(self._named.gradients[name]) for name in self._program.weights])
        bound = {**settings_of(function, clipping.settings), function.args.vararg.arg: gradients}
        return self._lines(clipping.op, function, [self._named.clipped[name] for name in self._program.weights], bound)

    def schedule_lines(self) -> list[str]:
        """The learning rate of the update, and before it the count of updates."""
        schedule, lr, update = self._program.schedule, self._named.learning_rate, self._named.update
        function = self._source.functions.get(schedule.op) if schedule else None
        if schedule is None or function is None or lr is None or update is None:
            return []
        first = {"lr": self._program.optimizer.settings["lr"]}
        bound = {**settings_of(function, {**first, **schedule.settings}), "t": ast.Name(update)}
        return [f"{update} = {update} + 1", *self._lines(schedule.op, function, [lr], bound)]

    def decay_lines(self) -> list[str]:
        """The decay of every weight's gradient."""
        decay = self._program.decay
        function = self._source.functions.get(decay.op) if decay else None
        if decay is None or function is None:
            return []
        weight, gradient = [parameter.arg for parameter in function.args.args]
        lines = []
        for name in self._program.weights:
            given = {weight: self._named.tensors[name], gradient: self._received(name, decayed=False)}
            bound = {**settings_of(function, decay.settings), **{key: ast.Name(value) for key, value in given.items()}}
            lines += self._lines(decay.op, function, [self._named.decayed[name]], bound)
        return lines

    def _received(self, weight: str, *, decayed: bool) -> str:
        """What the gradient is called that a rule receives."""
        if decayed and self._program.decay is not None:
            return self._named.decayed[weight]
        return self._named.gradients[weight] if self._program.clipping is None else self._named.clipped[weight]

    def _forward_lines(self, call: Call) -> list[str]:
        function = self._source.functions.get(call.op)
        self._backwards.append((None, {}))
        if function is None:
            return [f"# no op {call.op}"]
        if call.op in self._called:
            return self._called_forward(call, function)
        try:
            body, inner, returned = straight(function)
            value, backward = _value_and_backward(call.op, returned, inner)
        except NotStraight:
            return [see_source(call.op)]
        outputs = [self._named.tensors[name] for name in call.outputs]
        values = value.elts if len(outputs) > 1 and isinstance(value, ast.Tuple) else [_to_be_unpacked(value)]
        targets = outputs if len(values) == len(outputs) else [None]
        bound = parameters(function, call.inputs, call.settings, self._named)
        inlined = inline(body, values, bound, targets, self._names)
        self._backwards[-1] = backward, inlined.bindings
        return written([*inlined.lines, *given(outputs, inlined.returned)])

    def _called_forward(self, call: Call, function: ast.FunctionDef) -> list[str]:
        """The call of an op, which returns its values and its backward: `(h, c), backward_h = lstm(x, …)`."""
        outputs = [ast.Name(self._named.tensors[name]) for name in call.outputs]
        value = outputs[0] if len(outputs) == 1 else ast.Tuple(list(outputs))
        backward = ast.Name(self._names.take(f"backward_{outputs[0].id}"))
        names = [f"grad_{i}" for i in range(len(outputs))]
        received = ast.Call(ast.Name(GRADIENTS), [backward, *map(ast.Name, names)], [])
        parameters_of_backward = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
        self._backwards[-1] = ast.Lambda(parameters_of_backward, received), {}
        bound = parameters(function, call.inputs, call.settings, self._named)
        return written([ast.Assign([ast.Tuple([value, backward])], call_of(function, bound))])

    def _backward_lines(
        self, call: Call, backward: ast.FunctionDef | ast.Lambda | None, bindings: Bindings
    ) -> list[str]:
        if self._with_gradient.isdisjoint(call.outputs):
            return []  # the loss does not depend on this call
        wanted = [name for name in call.inputs if name in self._program.differentiable]
        if not wanted:
            return []
        try:
            if backward is None:
                raise NotStraight(call.op)
            body, inner, returned = straight(backward)
            together = not isinstance(_returned_by(backward), ast.Tuple)
            if inner or (len(returned) != len(call.inputs) and not together):
                raise NotStraight(call.op)
        except NotStraight:
            self._with_gradient.update(wanted)
            return [see_source(call.op)]
        bound = {**bindings, **arguments(backward, [self._named.gradients[name] for name in call.outputs])}
        if together:
            zeros = self._zero_gradients(call, backward, [*body, *returned])
            return written([*zeros, *self._unpacked_gradients(call, body, returned, bound)])
        expressions = [value.body if isinstance(value, ast.Lambda) else value for value in returned]
        gradients = [
            (name, expression)
            for name, expression in zip(call.inputs, expressions, strict=True)
            if name in wanted and not (isinstance(expression, ast.Constant) and expression.value is None)
        ]
        values = [expression for _, expression in gradients]
        targets = [None if name in self._with_gradient else self._named.gradients[name] for name, _ in gradients]
        needed_body = needed(body, values)
        lines = self._zero_gradients(call, backward, [*needed_body, *values])
        inlined = inline(needed_body, values, bound, targets, self._names)
        lines += inlined.lines
        for (name, _), value in zip(gradients, inlined.returned, strict=True):
            lines += self._added(name, value)
        return written(lines)

    def _zero_gradients(
        self, call: Call, backward: ast.FunctionDef | ast.Lambda, read: Iterable[ast.AST]
    ) -> list[ast.stmt]:
        """The gradients that a backward reads of outputs that the loss does not depend on."""
        names = read_names(read)
        return [
            ast.parse(f"{self._named.gradients[name]} = np.zeros_like({self._named.tensors[name]})").body[0]
            for i, name in enumerate(call.outputs)
            if name not in self._with_gradient and names & _parameter(backward, i)
        ]

    def _unpacked_gradients(
        self, call: Call, body: list[ast.stmt], returned: list[ast.expr], bound: Bindings
    ) -> list[ast.stmt]:
        """One expression holds the gradients of all inputs: `grad_a, grad_b = np.split(grad_y, [3], axis=1)`."""
        inlined = inline(body, [_to_be_unpacked(value) for value in returned], bound, [None], self._names)
        parts: list[str] = []
        added: list[tuple[str, str]] = []
        for name in call.inputs:
            if name not in self._program.differentiable:
                parts.append("_")
            elif name in self._with_gradient:
                parts.append(self._names.take(self._named.gradients[name]))
                added.append((name, parts[-1]))
            else:
                parts.append(self._named.gradients[name])
                self._with_gradient.add(name)
        lines = [*inlined.lines, *given(parts, inlined.returned, unpack=True)]
        return lines + [line for name, part in added for line in self._added(name, ast.Name(part))]

    def _added(self, name: str, value: ast.expr) -> list[ast.stmt]:
        """The line that makes a value the gradient of a tensor, or adds it to the one that there is."""
        target = ast.Name(self._named.gradients[name])
        if name in self._with_gradient:
            value = ast.BinOp(target, ast.Add(), value)
        self._with_gradient.add(name)
        return [] if is_name(value, target.id) else [ast.Assign([target], value)]


def _value_and_backward(
    op: str, returned: list[ast.expr], inner: Iterable[ast.FunctionDef]
) -> tuple[ast.expr, ast.FunctionDef | ast.Lambda]:
    """What a hand-written op returns: its value and its backward, a function inside it or a lambda."""
    match returned, list(inner):
        case [value, ast.Lambda() as backward], []:
            return value, backward
        case [value, ast.Name(id=name)], [function] if function.name == name:
            return value, function
    raise NotStraight(op)


def _parameter(function: ast.FunctionDef | ast.Lambda, i: int) -> set[str]:
    """The name of a function's i-th parameter, or of the one that holds all that are left."""
    single, rest = function.args.args, function.args.vararg
    return {single[i].arg} if i < len(single) else {rest.arg} if rest else set()


def _returned_by(function: ast.FunctionDef | ast.Lambda) -> ast.expr | None:
    """What a function that is straight returns at its end."""
    if isinstance(function, ast.Lambda):
        return function.body
    last = function.body[-1]
    return last.value if isinstance(last, ast.Return) else None


def _to_be_unpacked(value: ast.expr) -> ast.expr:
    """A value that several names are given to, which need no `tuple(...)` around it."""
    match value:
        case ast.Call(func=ast.Name(id="tuple"), args=[inside], keywords=[]):
            return inside
    return value
