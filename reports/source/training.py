"""Reads a backend's `train`: the parts of its loop, and what it calls its loss and its optimizer.

Whatever can't be read raises a ValueError that names the backend and the part, so that no row of a map is left empty.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property

from backends.vocabulary import Part
from reports.source.functions import FunctionSource
from reports.source.spans import read_names


class TrainSource(FunctionSource):
    """The source of a `train` without annotations; its parts stand under the comments that the contract names."""

    def __init__(self, module: str, text: str) -> None:
        super().__init__(text)
        self._module = module

    def part(self, part: Part) -> list[ast.stmt]:
        """The statements under the comment `# part`, up to the next empty line.

        Raises ValueError unless the comment stands in `train` once, with statements below it.
        """
        lines = self.lines
        comments = [number for number, line in enumerate(lines, 1) if line.strip() == f"# {part}"]
        if len(comments) != 1:
            raise ValueError(f"{self._module}: train has {len(comments)} comments `# {part}`, and must have one")
        (start,) = comments
        end = next((number for number, line in enumerate(lines, 1) if number > start and not line.strip()), len(lines))
        margin = lines[start - 1].index("#")
        inside = [node for node in self._statements if start < node.lineno <= end and node.col_offset == margin]
        if not inside:
            raise ValueError(f"{self._module}: no statement stands below the comment `# {part}` of train")
        return inside

    def loss(self) -> str:
        """The variable that holds the loss: the one that the `loss` of each Step is made of."""
        steps = [node.value for node in ast.walk(self.node) if isinstance(node, ast.Yield)]
        keywords = [keyword for step in steps if isinstance(step, ast.Call) for keyword in step.keywords]
        names = read_names(keyword.value for keyword in keywords if keyword.arg == "loss") - self.outside_names
        if len(names) != 1:
            raise ValueError(f"{self._module}: train does not yield `Step(loss=...)` with one variable in it")
        return names.pop()

    @cached_property
    def begins_step(self) -> str:
        """The variable that says whether an update is the first of those that a step takes its gradients from."""
        return self._set_by("begins_step")

    @cached_property
    def ends_step(self) -> str:
        """The variable that says whether it is the last one."""
        return self._set_by("ends_step")

    @cached_property
    def share(self) -> str:
        """The variable that holds the share of a batch in its step."""
        return self._set_by("share")

    def _set_by(self, method: str) -> str:
        """The variable that a method of the program's epoch sets."""
        for statement in self._statements:
            match statement:
                case ast.Assign(targets=[target], value=value):
                    for name, its in zip(_elements(target), _elements(value), strict=False):
                        if isinstance(name, ast.Name) and _calls_method(its, method):
                            return name.id
        raise ValueError(f"{self._module}: train must set NAME = program.epoch.{method}(update) to be read")

    @cached_property
    def others(self) -> str:
        """The variable that holds the optimizers that groups have of their own; empty where there is none."""
        return _looped_over(self.part("step"))

    @cached_property
    def other_schedulers(self) -> str:
        """The variable that holds their schedulers; empty where there is none."""
        return _looped_over(self.part("schedule"))

    def optimizer(self) -> tuple[str, ast.expr]:
        """The variable that holds the optimizer, and what the optimizer is made of."""
        match self.part("optimizer"):
            case [ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[argument])), *_]:
                return name, argument
        raise self._unreadable("optimizer", "begin with `NAME = FUNCTION(ARGUMENT, ...)`")

    def clipped(self) -> ast.expr:
        """What the clipping is given."""
        match self.part("clip"):
            case [ast.If(body=[*_, ast.Expr(value=ast.Call(args=[argument]))]), *_]:
                return argument
        raise self._unreadable("clip", "begin with an `if` that ends in `FUNCTION(ARGUMENT)`")

    def scheduler(self) -> str:
        """The variable that holds the schedule."""
        match self.part("schedule"):
            case [ast.If(test=ast.Name(id=name) | ast.BoolOp(op=ast.And(), values=[ast.Name(id=name), *_])), *_]:
                return name
        raise self._unreadable("schedule", "begin with `if SCHEDULER:` or `if SCHEDULER and ...:`")

    def scheduler_of_groups(self) -> str:
        """What holds the schedules of an optimizer and of parameters with a learning rate of their own.

        Empty where a schedule changes all of them by itself.
        """
        scheduler = self.scheduler()
        for statement in self.part("optimizer"):
            match statement:
                case ast.Assign(
                    targets=[ast.Name(id=name)],
                    value=ast.IfExp(
                        test=ast.Name(id=schedule), body=ast.Call(func=ast.Name(id=called)), orelse=ast.Constant()
                    ),
                ) if name == scheduler:
                    return "" if called == schedule else called
        raise self._unreadable("optimizer", "set SCHEDULER to `CALL(...) if SCHEDULE else None`")

    def called_for_schedules(self) -> set[str]:
        """The functions that make what holds a schedule, where there is one; none in a hand-written `train`."""
        choices = [node for line in self.part("optimizer") for node in ast.walk(line) if isinstance(node, ast.IfExp)]
        calls = [choice.body.func for choice in choices if isinstance(choice.body, ast.Call)]
        return read_names(calls) & self.outside_names

    def loss_gradient(self) -> ast.expr:
        """Where a hand-written `train` keeps the gradient that the backward pass starts from."""
        match self.part("backward"):
            case [ast.Assign(targets=[target])]:
                return target
        raise self._unreadable("backward", "be `TARGET = GRADIENT` for the gradient of the loss")

    def carried(self, tensor: str) -> str:
        """What is carried to the next update of a tensor, such as `tensor.detach()`."""
        match self.part("carry"):
            case [
                ast.Assign(
                    value=ast.DictComp(
                        value=value,
                        generators=[ast.comprehension(target=ast.Tuple(elts=[_, ast.Name(id=name)]))],
                    )
                )
            ]:
                subscripts = [node for node in ast.walk(value) if isinstance(node, ast.Subscript)]
                looked_up = [node for node in subscripts if read_names([node.slice]) == {name}]
                if looked_up:
                    return self.text(value, {self.span(node): tensor for node in looked_up})
        raise self._unreadable("carry", "be `buffers = {name: ...tensors[value]... for name, value in ...}`")

    def unknown_loop(self, several: str) -> ValueError:
        """The error where a part loops over a variable that holds neither `others` nor `other_schedulers`."""
        known = "the one that `# step` loops over, or `# schedule`"
        return ValueError(f"{self._module}: train loops over {several}; a part can be read that loops over {known}")

    @cached_property
    def _statements(self) -> list[ast.stmt]:
        return [node for node in ast.walk(self.node) if isinstance(node, ast.stmt)]

    def _unreadable(self, part: Part, form: str) -> ValueError:
        return ValueError(f"{self._module}: the part `# {part}` of train must {form} to be read")


def _elements(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.Tuple) else [value]


def _calls_method(value: ast.expr, method: str) -> bool:
    calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
    return any(isinstance(call.func, ast.Attribute) and call.func.attr == method for call in calls)


def _looped_over(statements: Iterable[ast.stmt]) -> str:
    """The variable that these statements loop over; empty if there is none."""
    for node in (node for statement in statements for node in ast.walk(statement)):
        match node:
            case ast.For(iter=ast.Name(id=name)):
                return name
    return ""
