"""Records a scenario's function into a Program, by calling it once with a recorder in place of the ops.

Meanwhile the hand-written ops run on the first real batch, so a wrong shape is an error before anything trains.
"""

import inspect
import re
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from backends.contract import Array, Call, Program
from backends.deferred import computed, of_given
from backends.rules import first_state
from backends.vocabulary import FAMILIES, OPS
from harness.errors import Crashed, Ended, InputError, deed, did_you_mean, place_in
from harness.guarding.guest import Guest
from harness.guarding.printing import off_stdout
from harness.recording.arguments import tensors_and_settings
from harness.recording.arrays import Draws
from harness.recording.handles.assigned_names import AssignedName, AssignedNames, no_names
from harness.recording.handles.handle import Handle
from harness.recording.handles.names import TensorNames, names_of_scheduled_and_states, refuse_names_of_results
from harness.recording.handles.operators import TAKES_NUMBERS, constant_name, is_number
from harness.recording.handles.refusals import ONLY_OPS
from harness.recording.later_batches import check_later_batches
from harness.recording.rule_calls import rule_calls
from scenarios import Scenario
from scenarios.language.values import shown

MOVING = frozenset(op for family in FAMILIES["arrays"] for op in OPS[family])
"""The ops that move elements and compute nothing."""


@off_stdout()
def record_program(scenario: Scenario, draws: Draws, find_op: Callable[[str], Callable[..., Any]]) -> Program:
    """Record the scenario's calls on its first batch.

    `find_op` returns the hand-written op of a name or raises LookupError. Raises InputError for any mistake inside the
    scenario, naming the line, and Crashed where its function raises an error of its own.
    """
    recorder = _Recorder(scenario, draws, find_op)
    handles = {name: recorder.handle(name) for name in scenario.draws}
    _check_parameters(scenario)
    try:
        with Guest().stay():
            returned = scenario.function(recorder, **handles)
    except InputError as error:
        raise type(error)(f"scenario {scenario.name}{place_in(scenario.function, error)}: {error}") from error
    except Exception as error:
        where = f"scenario {scenario.name}{place_in(scenario.function, error)}"
        if isinstance(error, TypeError) and re.search(rf"\b{Handle.__name__}\b", str(error)):
            raise InputError(f"{where}: {ONLY_OPS}") from error  # Python or a framework refused a Handle
        raise Crashed(f"{where} {deed(error)}") from error
    program = recorder.program(returned)
    check_later_batches(scenario.name, program, draws, find_op)
    return program


class _Recorder:
    """Stands in for `op`: runs every `op.NAME(...)` in hand-written NumPy and records it as a Call."""

    def __init__(
        self,
        scenario: Scenario,
        draws: Draws,
        find_op: Callable[[str], Callable[..., Any]],
    ) -> None:
        self.scenario = scenario
        self.arrays = {**next(draws.batches(1)), **draws.buffers, **draws.weights}
        self.buffers = draws.buffers
        self.batch_rows = draws.batch_rows
        weights = self.weights = frozenset(draws.weights)
        self.constants: dict[str, float] = {}
        self._names_of_constants: dict[bytes, str] = {}
        self.frozen = frozenset(name for name, draw in scenario.draws.items() if draw.role == "frozen")
        self.find_op = find_op
        self.calls: list[Call] = []
        self._assigned = AssignedNames(__file__)
        self.differentiable = set(weights)
        optimizers = dict.fromkeys(draws.weights, scenario.optimizer)
        optimizers |= {w: group.optimizer for group in scenario.groups if group.optimizer for w in group.weights}
        self.first_state = {
            w: first_state(find_op(rule.name), rule.settings) if self._is_op(rule.name) else {}
            for w, rule in optimizers.items()
        }
        kept = names_of_scheduled_and_states(scenario, self.first_state)
        self._names = TensorNames(self.arrays, kept, self._is_op)

    def __call__(self, *arguments: object, **settings: object) -> NoReturn:
        raise InputError("op is not callable; use op.matmul(x, w)")

    def __getattr__(self, op: str) -> Callable[..., Any]:
        if op.startswith("__"):
            raise AttributeError(op)
        try:
            function = self.find_op(op)
        except LookupError as error:
            raise InputError(f"there is no op {op}{error}") from None

        def call(*arguments: Any, **settings: Any) -> Any:
            return self._call(op, function, arguments, settings, sys._getframe(1), self._assigned.of_call)

        call.__name__ = op
        return call

    def handle(self, name: str, made_by: str | None = None) -> Handle:
        """What stands for a tensor in the scenario's function."""
        return Handle(name, self.arrays[name].shape, made_by, self._operate)

    def _operate(
        self, op: str, inputs: Sequence[Any], settings: Mapping[str, Any], frame: FrameType, is_last: bool
    ) -> Handle:
        """Record an op that an operator stands for, or, unless it is the last, a part of it."""
        named = self._assigned.of_operator if is_last else no_names
        result = self._call(op, self.find_op(op), tuple(inputs), dict(settings), frame, named)
        assert isinstance(result, Handle)  # no operator stands for an op with several outputs
        return result

    def _constant(self, value: float) -> Handle:
        """A number beside a tensor: a tensor of shape () that stays as it is. Equal numbers are one."""
        dtype = next(iter(self.arrays[name].dtype for name in self.weights))
        try:
            with np.errstate(over="ignore"):
                array = np.asarray(float(value)).astype(self.scenario.dtype).astype(dtype)
        except OverflowError as error:
            raise InputError(f"a whole number beside a tensor is larger than any in {self.scenario.dtype}") from error
        if not np.isfinite(array):
            raise InputError(f"{value!r} is no finite number in {self.scenario.dtype}")
        key = array.tobytes()
        if key not in self._names_of_constants:
            name = self._names_of_constants[key] = self._names.of_constant(constant_name(float(value)))
            self.arrays[name], self.constants[name] = array, float(value)
        return self.handle(self._names_of_constants[key])

    def _call(
        self,
        op: str,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        settings: dict[str, Any],
        frame: FrameType,
        assigned_to: Callable[[FrameType, int], Sequence[AssignedName | None]],
    ) -> Any:
        if op in TAKES_NUMBERS:
            arguments = tuple(self._constant(item) if is_number(item) else item for item in arguments)
        inputs, settings = tensors_and_settings(op, function, arguments, settings)
        call_text = f"op.{op}({', '.join([str(handle.name) for handle in inputs])})"
        refusal = f"{call_text} can't take {' and '.join(repr(handle) for handle in inputs)}"
        arrays = [self.arrays[handle.name] for handle in inputs]
        try:
            with np.errstate(all="ignore"):
                result, backward = function(*arrays, **settings)
                outputs = result if isinstance(result, tuple) else (result,)
                gradients = _gradient_shapes(arrays, outputs, backward)
        except Exception as error:
            raise InputError(f"{refusal}: {error}") from error
        except SystemExit as error:
            raise Crashed(f"{op} {deed(Ended(error), call_text, place_in(function, error))}") from error
        if op in MOVING and all(output.dtype.kind in "iu" for output in outputs):
            gradients = [None] * len(inputs)  # integers are labels and ids, wherever they are moved to
        for handle, array, shape in zip(inputs, arrays, gradients, strict=True):
            if shape is not None and array.dtype.kind != "f":
                advice = 'convert it to float where it is loaded, as images.astype("float32")'
                raise InputError(f"{call_text}: {handle.name} holds integers, which only labels may be; {advice}")
            if shape not in (None, array.shape):
                raise InputError(f"{refusal}: the gradient of {handle.name} would have shape {shape}")
        assigned = assigned_to(frame, len(outputs))
        names = self._names.of_outputs(op, assigned)
        self._keep(op, names, outputs)
        if any(
            handle.name in self.differentiable and shape is not None
            for handle, shape in zip(inputs, gradients, strict=True)
        ):
            self.differentiable.update(names)
        line = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        given = tuple(handle.name for handle in inputs)
        self.calls.append(Call(op, given, settings, names, line, is_nested=not any(assigned)))
        if not isinstance(result, tuple):
            return self.handle(names[0], made_by=op)
        return tuple(map(self.handle, names))

    def _keep(self, op: str, names: Sequence[str], outputs: Sequence[Array]) -> None:
        """Keep a call's outputs under their names. Raises RuntimeError if a name is not that of one tensor alone."""
        if len(set(names)) < len(names) or not self.arrays.keys().isdisjoint(names):
            raise RuntimeError(f"two tensors have one name: op.{op} is to give {', '.join(names)}; please report this")
        self.arrays.update(zip(names, outputs, strict=True))

    def _is_op(self, name: str) -> bool:
        try:
            self.find_op(name)
        except LookupError:
            return False
        return True

    def program(self, returned: object) -> Program:
        name = self.scenario.name
        loss, carried = self._loss_and_carried(returned)
        if not isinstance(loss, Handle) or loss.shape != ():
            what = f"{loss.name} of shape {loss.shape}" if isinstance(loss, Handle) else shown(loss)
            raise InputError(
                f"scenario {name} must return its loss, one number like that of op.mean_squared_error; "
                f"it returned {what}"
            )
        needed = {loss.name}
        for call in reversed(self.calls):
            if needed & set(call.outputs):
                needed.update(call.inputs)
        for weight in self._in_order((self.weights | self.frozen) - needed):
            raise InputError(f"scenario {name} draws the weight {weight} but the loss does not depend on it")
        self._check_accuracy()
        program = Program(
            calls=tuple(self.calls),
            data=tuple(n for n, draw in self.scenario.draws.items() if draw.role == "data"),
            weights=tuple(n for n in self.scenario.draws if n in self.weights),
            loss=loss.name,
            buffers={**self.buffers, **{constant: self.arrays[constant] for constant in self.constants}},
            carried=carried | {constant: constant for constant in self.constants},
            **rule_calls(self.scenario, self.batch_rows),
            shapes={n: array.shape for n, array in self.arrays.items()},
            differentiable=frozenset(self.differentiable),
            constants=dict(self.constants),
            first_state=self.first_state,
        )
        for weight in self._in_order(self.weights - program.with_gradient):
            raise InputError(
                f"scenario {name}: the loss depends on the weight {weight} only through op.detach, so it has no "
                "gradient; draw it with frozen=True, or leave out op.detach"
            )
        refuse_names_of_results(self.scenario, program)
        return program

    def _in_order(self, names: Set[str]) -> list[str]:
        """What is drawn, in the order in which it is."""
        return [name for name in self.scenario.draws if name in names]

    def _loss_and_carried(self, returned: object) -> tuple[object, dict[str, str]]:
        """Split what the scenario returned into its loss and the next values of its buffers."""
        where = f"scenario {self.scenario.name}"
        changing = [name for name in self.buffers if name not in self.frozen]
        if not changing:
            return returned, {name: name for name in self.buffers}
        match returned:
            case (loss, dict(carried)) if carried.keys() == set(changing):
                for name, value in carried.items():
                    self._check_carried(name, value)
                return loss, {name: name if name in self.frozen else carried[name].name for name in self.buffers}
        entries = ", ".join(f'"{name}": new_{name}' for name in changing)
        raise InputError(f"{where} draws buffers and must return their next values: return loss, {{{entries}}}")

    def _check_carried(self, name: str, value: object) -> None:
        where, shape = f"scenario {self.scenario.name}", self.buffers[name].shape
        possible = [name, *(output for call in self.calls for output in call.outputs)]
        if not isinstance(value, Handle) or value.name not in possible:
            what = f"must be an op's output, or the buffer itself, not {shown(value)}"
            raise InputError(f"{where}: the next value of the buffer {name} {what}")
        if value.shape != shape:
            raise InputError(f"{where}: the buffer {name} has shape {shape}, its next value {value!r}")

    def _check_accuracy(self) -> None:
        """Check the shapes of the scores and labels that accuracy= names, if there are such tensors."""
        if self.scenario.accuracy is None or not set(self.scenario.accuracy) <= self.arrays.keys():
            return
        (scores, labels), where = self.scenario.accuracy, f"scenario {self.scenario.name}: accuracy's"
        shape, label_shape = self.arrays[scores].shape, self.arrays[labels].shape
        if len(shape) != 2:
            raise InputError(f"{where} scores, {scores}, have shape {shape}, not (N, C)")
        if label_shape != shape[:1]:
            raise InputError(f"{where} labels, {labels}, have shape {label_shape}, not {shape[:1]}")


def _gradient_shapes(
    inputs: Sequence[Array], outputs: Sequence[Array], backward: Callable[..., Sequence[Any]]
) -> list[tuple[int, ...] | None]:
    """The shape of each input's gradient; None for labels, which have none."""
    gradients = of_given(backward(*[np.ones_like(output) for output in outputs]), len(inputs))
    if len(gradients) != len(inputs):
        raise ValueError(f"its backward must give one gradient per input, {len(inputs)}, not {len(gradients)}")
    return [None if grad is None else np.shape(computed(grad)) for grad in gradients]


def _check_parameters(scenario: Scenario) -> None:
    taken = inspect.signature(scenario.function).parameters
    first, *parameters = list(taken) or [""]
    if first in scenario.draws or not first:
        raise InputError(f"scenario {scenario.name}'s function must take op as its first parameter, then what it draws")
    takes_others = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in taken.values())
    parameters = [name for name in parameters if taken[name].kind is not inspect.Parameter.VAR_KEYWORD]
    for name in scenario.draws:
        if name not in parameters:
            if takes_others:
                continue
            raise InputError(f"scenario {scenario.name} draws {name}, but its function has no such parameter")
        if taken[name].kind is inspect.Parameter.POSITIONAL_ONLY:
            raise InputError(f"scenario {scenario.name}'s function is given what it draws by name: leave out the /")
    for name in parameters:
        if name not in scenario.draws:
            hint = did_you_mean(name, scenario.draws)
            raise InputError(f"scenario {scenario.name}'s function takes {name}, which it does not draw{hint}")
