"""The code map's column of the hand-written functions: forward, backward and the optimizer's arithmetic."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from backends.contract import Call, Program, RuleCall, ScheduleCall
from backends.vocabulary import Part
from reports.source.choices import Bindings
from reports.source.columns.column import (
    Column,
    RuleKind,
    as_source,
    assignments,
    bindings,
    call_of,
    indented,
    written,
)
from reports.source.functions import FunctionSource
from reports.source.inlining import Function, NotStraight, added, inline, needed, returned_by, straight
from reports.source.names import ProgramNames
from reports.source.source import BackendSource
from reports.source.spans import ParsedText, read_names

GRADIENTS = "gradients"
"""The function that computes what a backward returns, also what stands behind a `lambda`."""


@dataclass(frozen=True)
class Backward:
    """The backward that an op returned in its forward lines."""

    source: ParsedText
    function: Function
    bindings: Bindings
    """What the op's variables, which it reads, are called."""


class HandWrittenColumn(Column):
    """The hand-written functions: forward and backward of every call, and the optimizer's arithmetic.

    An op that is called as it is returns its backward, and GRADIENTS returns what that does.
    """

    def __init__(
        self,
        source: BackendSource,
        program: Program,
        named: ProgramNames,
        called: Collection[str] = (),
        share: str = "",
    ) -> None:
        super().__init__(source, program, named, called, share)
        train = source.train
        self._loop_edits = {train.span(train.loss_gradient()): named.gradients.get(program.loss, "grad_loss")}
        self._with_gradient = {program.loss, *(program.weights if program.epoch.accumulates else ())}
        self.forward: list[list[str]] = []
        backwards = []
        for call in program.calls:
            lines, backward = self._forward(call)
            self.forward.append(lines)
            backwards.append(backward)
        upwards = reversed(list(zip(program.calls, backwards, strict=True)))
        self.backward = [self._backward_lines(call, backward) for call, backward in upwards][::-1]

    def _lines_of_rule(self, kind: RuleKind, rule: RuleCall, function: FunctionSource) -> list[str]:
        named, program, settings = self._named, self._program, as_source(rule.settings)
        clipped = named.gradients if program.clipping is None else named.clipped
        decayed = clipped if program.decay is None else named.decayed
        lines = []
        match kind:
            case "clipping":
                outputs, gradients = (
                    [names[weight] for weight in program.weights] for names in (named.clipped, named.gradients)
                )
                lines += self._lines(function, outputs, gradients, settings, unpack=True)
            case "schedule":
                assert isinstance(rule, ScheduleCall)
                if named.update and not rule.counts_epochs:
                    lines.append(_counted(named.update))
                lines += self._lines_of_schedule(rule, function)
            case "decay":
                for weight in program.weights:
                    inputs = [named.tensors[weight], clipped[weight]]
                    settings = as_source(program.group_of(weight).of(rule).settings) | self._changed(rule, weight)
                    lines += self._when_trained(
                        weight, self._lines(function, [named.decayed[weight]], inputs, settings)
                    )
            case "optimizer":
                counted_before = program.schedule is not None and not program.schedule.counts_epochs
                if named.update and not counted_before and rule == program.optimizer:
                    lines.append(_counted(named.update))
                for weight in program.weights:
                    if program.optimizer_of(weight).op == rule.op:
                        lines += self._when_trained(weight, self._step(weight, function, decayed[weight]))
            case "average":
                for weight in program.weights:
                    kept = named.averages[weight]
                    lines += self._lines(function, [kept], [kept, named.tensors[weight]], settings)
        return lines

    def _step(self, weight: str, function: FunctionSource, received: str) -> list[str]:
        """The lines of the optimizer for one weight, with the gradient that it receives."""
        named, program = self._named, self._program
        settings = as_source(program.optimizer_of(weight).settings)
        if "lr" in settings:
            settings |= {"first_lr": settings["lr"]}
        if named.update:
            missed = (program.trained_later.get(weight, 1) - 1) * program.epoch.steps
            settings |= {"t": f"{named.update} - {missed}" if missed else named.update}
        settings |= self._changed(program.optimizer_of(weight), weight)
        state = [name for (_, of), name in named.state.items() if of == weight]
        own = named.tensors[weight]
        return self._lines(function, [own, *state], [own, received, *state], settings)

    def _changed(self, rule: RuleCall, weight: str) -> dict[str, str]:
        """The setting of a rule that the schedule changes, by the name that it has for a weight."""
        schedule = self._program.schedule
        if schedule is None or schedule.of not in rule.settings:
            return {}
        return {schedule.of: self._named.scheduled[self._program.scheduled_of(weight)]}

    def _when_trained(self, weight: str, lines: list[str]) -> list[str]:
        """Lines for a weight, which wait for the epoch in which its training begins."""
        begins = self._program.trained_later.get(weight)
        return lines if begins is None else [f"if {self._named.epoch} >= {begins}:", *indented(lines)]

    def thaw_lines(self) -> list[str]:
        """The zeros that clipping receives in place of the gradients of weights not yet trained."""
        if self._program.clipping is None:
            return []
        gradients, tensors = self._named.gradients, self._named.tensors
        return self._of_weights_trained_later(
            "<", lambda weight: [f"{gradients[weight]} = np.zeros_like({tensors[weight]})"]
        )

    def loop_lines(self, part: Part) -> list[str]:
        """As Column says; gradients that are added up over several batches start at 0, others are assigned anew.

        The step is what the rules' own rows say.
        """
        if part not in ("clear gradients", "step"):
            return super().loop_lines(part)
        if part == "step" or not self._program.epoch.accumulates:
            return []
        zeros = [
            f"{self._named.gradients[weight]} = np.zeros_like({self._named.tensors[weight]})"
            for weight in self._program.weights
        ]
        return zeros if self._share else [f"if {self.is_first}:", *indented(zeros)]

    def _lines_of_schedule(self, schedule: ScheduleCall, function: FunctionSource) -> list[str]:
        """What the schedule sets at a step; where schedules follow one another, that of each under its condition."""
        if not schedule.parts:
            return self._lines_of_rates(schedule, function, 0)
        lines = []
        for place, part in enumerate(schedule.parts):
            part_function = self._source.function(part.op)
            begins = schedule.after[place - 1] if place else 0
            condition = "else" if place == len(schedule.after) else f"{'elif' if place else 'if'} {self._turn} <= {{}}"
            lines.append(f"{condition.format(*schedule.after[place : place + 1])}:")
            rates = (
                [f"# no schedule {part.op}"]
                if part_function is None
                else self._lines_of_rates(part, part_function, begins)
            )
            lines += [f"    {line}" for line in rates]
        return lines

    def _lines_of_rates(self, schedule: RuleCall, function: FunctionSource, begins: int) -> list[str]:
        """What one schedule sets, which counts from 1 after so many turns."""
        turn = f"{self._turn} - {begins}" if begins else self._turn
        settings, lines = as_source(schedule.settings), []
        for name, first in self._program.first_scheduled.items():
            start = as_source({"lr": first})
            lines += self._lines(function, [self._named.scheduled[name]], [turn], start | settings)
        return lines

    @property
    def _turn(self) -> str:
        """The number that the schedule counts by."""
        schedule = self._program.schedule
        turn = self._named.epoch if schedule is not None and schedule.counts_epochs else self._named.update
        assert turn is not None
        return turn

    def _forward(self, call: Call) -> tuple[list[str], Backward | None]:
        """An op's lines and its backward, which is None where it can't be written as lines."""
        function = self._source.function(call.op)
        if function is None:
            return [f"# no op {call.op}"], None
        tensors = self._named.tensors
        inputs, outputs = [tensors[name] for name in call.inputs], [tensors[name] for name in call.outputs]
        settings = as_source(call.settings)
        if call.op in self._called:
            return self._called_forward(call_of(function.node, inputs, settings), outputs)
        try:
            bound = bindings(function, function.node, inputs, settings)
            body, inner, returned = straight(function.node, bound)
            value, backward = _value_and_backward(call.op, returned, inner)
            values = value.elts if len(outputs) > 1 and isinstance(value, ast.Tuple) else [_to_be_unpacked(value)]
            targets = outputs if len(values) == len(outputs) else [None]
            is_passed_on = any(name in self._program.differentiable for name in call.inputs)
            body = needed(body, [*values, *([backward] if is_passed_on else [])])
            inlined = inline(function, body, values, bound, targets, self._names)
        except NotStraight:
            return self._see_source(call.op), None
        own, computed = self._shapes.shortened(inlined.lines, inlined.returned, keep_names=True)
        lines = written([*own, *assignments(outputs, computed)])
        return lines, Backward(function, backward, inlined.bindings)

    def _called_forward(self, call: str, outputs: list[str]) -> tuple[list[str], Backward]:
        """The call of an op, which returns its values and its backward: `(h, c), backward_h = lstm(x, …)`."""
        value = outputs[0] if len(outputs) == 1 else f"({', '.join(outputs)})"
        backward = self._names.take(f"backward_{outputs[0]}")
        gradients = ", ".join(f"grad_{i}" for i in range(len(outputs)))
        source = ParsedText(f"lambda {gradients}: {GRADIENTS}({backward}, {gradients})")
        (function,) = (node for node in ast.walk(source.tree) if isinstance(node, ast.Lambda))
        return [f"{value}, {backward} = {call}"], Backward(source, function, {})

    def _backward_lines(self, call: Call, backward: Backward | None) -> list[str]:
        if self._with_gradient.isdisjoint(call.outputs):
            return []  # the loss does not depend on this call
        inputs = [name for name in call.inputs if name in self._program.differentiable]
        if not inputs:
            return []
        try:
            return written(self._gradients_of_inputs(call, inputs, backward))
        except NotStraight:
            self._with_gradient.update(inputs)
            return self._see_source(call.op)

    def _gradients_of_inputs(self, call: Call, inputs: list[str], backward: Backward | None) -> list[str]:
        if backward is None:
            raise NotStraight(call.op)
        body, inner, returned = straight(backward.function, backward.bindings)
        left_out = self._left_out(call)
        together = not isinstance(returned_by(backward.function), ast.Tuple)
        last = returned[-1] if returned else None
        several = last.value if isinstance(last, ast.Starred) else None
        returned = returned if several is None else returned[:-1]
        of_several = call.inputs[len(returned) :] if several is not None else ()
        if inner or (len(returned) + len(of_several) != len(call.inputs) + left_out and not together):
            raise NotStraight(call.op)
        received = [self._named.gradients[name] for name in call.outputs]
        bound = {**backward.bindings, **bindings(backward.source, backward.function, received)}
        if together:
            zeros = self._zero_gradients(call, backward.function, [*body, *returned])
            value = _to_be_unpacked(returned[0])
            inlined = inline(backward.source, body, [value], bound, [None], self._names)
            left = ["_"] * left_out
            lines, returned_together = self._shapes.shortened(inlined.lines, inlined.returned)
            return [*zeros, *lines, *self._unpacked_gradients(call.inputs, returned_together, left)]
        given = returned[: len(call.inputs) - len(of_several)]
        expressions = [_of_weights(value) for value in given]
        gradients = [
            (name, expression)
            for name, expression in zip(call.inputs, expressions, strict=False)
            if name in inputs and not (isinstance(expression, ast.Constant) and expression.value is None)
        ]
        values = [*(expression for _, expression in gradients), *([several] if several is not None else [])]
        targets = [None if name in self._with_gradient else self._named.gradients[name] for name, _ in gradients]
        targets += [None] if several is not None else []
        needed_body = needed(body, values)
        zeros = self._zero_gradients(call, backward.function, [*needed_body, *values])
        inlined = inline(backward.source, needed_body, values, bound, targets, self._names)
        lines, computed = self._shapes.shortened(inlined.lines, inlined.returned)
        sums = [self._added(name, value) for (name, _), value in zip(gradients, computed, strict=False)]
        rest = self._unpacked_gradients(of_several, computed[len(gradients) :]) if of_several else []
        return [*zeros, *lines, *chain(*sums), *rest]

    def _zero_gradients(self, call: Call, backward: Function, read: Iterable[ast.AST]) -> list[str]:
        """The gradients that a backward reads of outputs that the loss does not depend on."""
        names = read_names(read)
        return [
            f"{self._named.gradients[name]} = np.zeros_like({self._named.tensors[name]})"
            for i, name in enumerate(call.outputs)
            if name not in self._with_gradient and names & _parameter(backward, i)
        ]

    def _unpacked_gradients(self, inputs: Sequence[str], values: list[str], left: Sequence[str] = ()) -> list[str]:
        """One expression holds the gradients of several inputs: `grad_a, grad_b = np.split(grad_y, [3], axis=1)`.

        `left` stands for what else it holds.
        """
        parts: list[str] = []
        repeated: list[tuple[str, str]] = []
        for name in inputs:
            if name not in self._program.differentiable:
                parts.append("_")
            elif name in self._with_gradient:
                parts.append(self._names.take(self._named.gradients[name]))
                repeated.append((name, parts[-1]))
            else:
                parts.append(self._named.gradients[name])
                self._with_gradient.add(name)
        parts += left
        sums = [self._added(name, part) for name, part in repeated]
        return [*assignments(parts, values, unpack=True), *chain(*sums)]

    def _left_out(self, call: Call) -> int:
        """How many optional inputs a call leaves out; a backward returns None for each of them."""
        function = self._source.function(call.op)
        return 0 if function is None else max(len(function.node.args.args) - len(call.inputs), 0)

    def _added(self, name: str, value: str) -> list[str]:
        """The line that makes a value the gradient of a tensor, or adds it to the one that there is."""
        gradient = self._named.gradients[name]
        if name in self._with_gradient:
            return [f"{gradient} = {added(gradient, value)}"]
        self._with_gradient.add(name)
        return [] if value == gradient else [f"{gradient} = {value}"]


def _counted(update: str) -> str:
    return f"{update} = {update} + 1"


def _value_and_backward(
    op: str, returned: list[ast.expr], inner: Iterable[ast.FunctionDef]
) -> tuple[ast.expr, Function]:
    """What a hand-written op returns: its value and its backward, a function inside it or a lambda."""
    match returned, list(inner):
        case [value, ast.Lambda() as backward], []:
            return value, backward
        case [value, ast.Name(id=name)], [function] if function.name == name:
            return value, function
    raise NotStraight(op)


def _parameter(function: Function, i: int) -> set[str]:
    """The name of a function's i-th parameter, or of the one that holds all that are left."""
    single, rest = function.args.args, function.args.vararg
    return {single[i].arg} if i < len(single) else {rest.arg} if rest else set()


def _of_weights(value: ast.expr) -> ast.expr:
    """The gradient that a backward returns for an input that depends on weights, at once or behind a `lambda`.

    `None if t.dtype.kind in "iu" else …` has none for integers, which don't depend on weights.
    """
    match value:
        case ast.IfExp(body=ast.Constant(value=None), orelse=other):
            return _of_weights(other)
        case ast.Lambda(body=gradient):
            return gradient
    return value


def _to_be_unpacked(value: ast.expr) -> ast.expr:
    """A value that several names are given to, which need no `tuple(...)` around it."""
    match value:
        case ast.Call(func=ast.Name(id="tuple"), args=[inside], keywords=[]):
            return inside
    return value
