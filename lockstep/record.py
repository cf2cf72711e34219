"""Records a scenario's function into a Program, by calling it once with a recorder in place of the ops.

The hand-written ops run on the first real batch meanwhile, so that a wrong shape is an error before anything trains.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from backends.contract import Array, Call, Program, Rule
from lockstep.errors import InputError, did_you_mean, innermost_line
from lockstep.naming import RETURNED, assigned_names
from scenarios import Scenario

OPERATORS = {
    "__matmul__": "matmul",
    "__add__": "add",
    "__sub__": None,
    "__mul__": None,
    "__truediv__": None,
    "__pow__": None,
    "__neg__": None,
    "__getitem__": None,
}
"""Python's operators on tensors, and the op that a scenario calls instead, where there is one."""


class Handle:
    """What a scenario's function holds for a tensor while it is recorded: a name and a shape, no numbers."""

    def __init__(self, name: str, shape: tuple[int, ...]) -> None:
        self.name = name
        self.shape = shape

    def __repr__(self) -> str:
        return f"{self.name} {self.shape}"

    def __bool__(self) -> bool:
        raise InputError(f"{self.name} has no value while the scenario is recorded; only its shape is known")


def _refuse(special: str, op: str | None) -> Callable[..., NoReturn]:
    def refuse(self: Handle, *others: object) -> NoReturn:
        if op is None:
            raise InputError("a scenario's tensors only go through ops, as op.NAME(...); `lockstep list` names them")
        first, *rest = (self, *others) if not special.startswith("__r") else (*others, self)
        written = ", ".join(item.name if isinstance(item, Handle) else repr(item) for item in (first, *rest))
        raise InputError(f"a scenario's tensors only go through ops; write op.{op}({written})")

    return refuse


for _special, _op in OPERATORS.items():
    setattr(Handle, _special, _refuse(_special, _op))
    if _special not in ("__neg__", "__getitem__"):
        setattr(Handle, f"__r{_special[2:]}", _refuse(f"__r{_special[2:]}", _op))


def record(
    scenario: Scenario,
    data: Mapping[str, Array],
    weights: Mapping[str, Array],
    find_op: Callable[[str], Callable[..., Any]],
) -> Program:
    """Record the scenario's calls on its first batch.

    `data` and `weights` are the drawn arrays by name; `find_op` returns the hand-written op of a name and raises
    LookupError. Raises InputError for whatever is wrong inside the scenario, naming the line.
    """
    recorder = _Recorder(scenario, {**data, **weights}, frozenset(weights), find_op)
    handles = {name: Handle(name, recorder.arrays[name].shape) for name in scenario.draws}
    _check_parameters(scenario)
    try:
        loss = scenario.function(recorder, **handles)
    except InputError as error:
        raise InputError(f"scenario {scenario.name}{_innermost_line(scenario, error)}: {error}") from error
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise InputError(f"scenario {scenario.name}{_innermost_line(scenario, error)} raised {what}") from error
    return recorder.program(loss)


class _Recorder:
    """Stands in for `op`: every `op.NAME(...)` is run by hand-written NumPy and written down as a Call."""

    def __init__(
        self,
        scenario: Scenario,
        arrays: dict[str, Array],
        weights: frozenset[str],
        find_op: Callable[[str], Callable[..., Any]],
    ) -> None:
        self.scenario = scenario
        self.arrays = arrays
        self.weights = weights
        self.find_op = find_op
        self.calls: list[Call] = []
        self.differentiable = set(weights)

    def __getattr__(self, op: str) -> Callable[..., Any]:
        if op.startswith("__"):
            raise AttributeError(op)
        try:
            function = self.find_op(op)
        except LookupError as error:
            raise InputError(f"backend numpy has no op {op} (needed by scenario {self.scenario.name}){error}") from None

        def call(*arguments: Any, **settings: Any) -> Any:
            return self._call(op, function, arguments, settings, sys._getframe(1))

        return call

    def _call(
        self,
        op: str,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        settings: dict[str, Any],
        frame: FrameType,
    ) -> Any:
        inputs, settings = _bound(op, function, arguments, settings)
        try:
            result, _ = function(*[self.arrays[handle.name] for handle in inputs], **settings)
        except Exception as error:
            written = ", ".join([str(handle.name) for handle in inputs])
            shapes = " and ".join(repr(handle) for handle in inputs)
            raise InputError(f"op.{op}({written}) can't take {shapes}: {error}") from error
        outputs = result if isinstance(result, tuple) else (result,)
        names = self._output_names(op, frame, len(outputs))
        self.arrays.update(zip(names, outputs, strict=True))
        if any(handle.name in self.differentiable for handle in inputs):
            self.differentiable.update(names)
        line = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        self.calls.append(Call(op, tuple(handle.name for handle in inputs), settings, names, line))
        handles = tuple(Handle(name, output.shape) for name, output in zip(names, outputs, strict=True))
        return handles if isinstance(result, tuple) else handles[0]

    def _output_names(self, op: str, frame: FrameType, count: int) -> tuple[str, ...]:
        assigned = assigned_names(frame, __file__)
        if assigned == RETURNED and count == 1:
            assigned = ("loss",)
        if not isinstance(assigned, tuple) or len(assigned) != count:
            return tuple(self._free_name(op, always_numbered=True) for _ in range(count))
        names: list[str] = []
        for name in assigned:
            names.append(self._free_name(name, always_numbered=False, taken=names))
        return tuple(names)

    def _free_name(self, name: str, *, always_numbered: bool, taken: list[str] | tuple[()] = ()) -> str:
        # A bare `relu` would shadow the op where the program is written out.
        numbered = always_numbered or self._is_op(name)
        if not numbered and name not in self.arrays and name not in taken:
            return name
        number = 1 if numbered else 2
        while f"{name}_{number}" in self.arrays or f"{name}_{number}" in taken:
            number += 1
        return f"{name}_{number}"

    def _is_op(self, name: str) -> bool:
        try:
            self.find_op(name)
        except LookupError:
            return False
        return True

    def program(self, loss: object) -> Program:
        name = self.scenario.name
        if not isinstance(loss, Handle) or loss.shape != ():
            what = f"{loss.name} of shape {loss.shape}" if isinstance(loss, Handle) else repr(loss)
            raise InputError(
                f"scenario {name} must return its loss, one number as op.mean_squared_error gives; it returned {what}"
            )
        needed = {loss.name}
        for call in reversed(self.calls):
            if needed & set(call.outputs):
                needed.update(call.inputs)
        for weight in self.weights - needed:
            raise InputError(f"scenario {name} draws the weight {weight} but the loss does not depend on it")
        return Program(
            calls=tuple(self.calls),
            data=tuple(n for n in self.scenario.draws if n not in self.weights),
            weights=tuple(n for n in self.scenario.draws if n in self.weights),
            loss=loss.name,
            optimizer=Rule(self.scenario.optimizer.name, dict(self.scenario.optimizer.settings)),
            shapes={n: array.shape for n, array in self.arrays.items()},
            differentiable=frozenset(self.differentiable),
        )


def _bound(
    op: str, function: Callable[..., Any], arguments: tuple[Any, ...], settings: dict[str, Any]
) -> tuple[tuple[Handle, ...], dict[str, Any]]:
    """Sort a call's arguments into tensors and settings by the op's signature."""
    signature = inspect.signature(function)
    try:
        bound = signature.bind(*arguments, **settings)
    except TypeError as error:
        raise InputError(f"op.{op}{_settings_of(signature)}: {error}") from None
    for value in bound.args:
        if not isinstance(value, Handle):
            raise InputError(f"op.{op}{_settings_of(signature)} takes tensors there, not {value!r}")
    return bound.args, bound.kwargs


def _settings_of(signature: inspect.Signature) -> str:
    names = [str(p.replace(annotation=inspect.Parameter.empty)) for p in signature.parameters.values()]
    return f"({', '.join(names)})"


def _check_parameters(scenario: Scenario) -> None:
    parameters = list(inspect.signature(scenario.function).parameters)[1:]
    for name in scenario.draws:
        if name not in parameters:
            raise InputError(f"scenario {scenario.name} draws {name}, but its function has no such parameter")
    for name in parameters:
        if name not in scenario.draws:
            hint = did_you_mean(name, scenario.draws)
            raise InputError(f"scenario {scenario.name}'s function takes {name}, which it does not draw{hint}")


def _innermost_line(scenario: Scenario, error: BaseException) -> str:
    """Where in the scenario's own file an error came up, as `, line 12 of mine.py`."""
    filename = scenario.function.__code__.co_filename
    line = innermost_line(error, filename)
    return "" if line is None else f", line {line} of {Path(filename).name}"
