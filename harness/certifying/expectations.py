"""Bounds on every tensor that one update computes, from a backend's own recorded numbers, by the hand-written ops."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

import numpy as np

from backends.contract import Array, Call, Program
from harness.numerics.bounded import Bounded
from harness.numerics.bounds import Unsupported
from harness.numerics.rounding import Arithmetic, arithmetic
from harness.running.tensors import LEARNING_RATE, Layout, Origin, Recorded, state_names

ROUNDINGS_PER_UPDATE = 4
"""How many roundings a schedule may make of a learning rate at each update."""

Formulas = Mapping[str, Callable[..., Any]]
"""Hand-written ops and the optimizer's rule, by name."""


@dataclass(frozen=True)
class Use:
    """One call that an expected tensor is computed by."""

    op: str
    inputs: Mapping[str, Array]
    """By name, in the order of the op's parameters; a tensor that is passed twice stands there once."""
    names: tuple[str, ...]
    """The names of the inputs, one per parameter."""
    settings: Mapping[str, Any]
    arriving: Mapping[str, Array] = field(default_factory=dict)
    """In the backward pass, the gradient of each output."""


@dataclass(frozen=True)
class Expectation:
    """A tensor that the backend should have recorded, within bounds; None for the bound where an op has none."""

    origin: Origin
    bound: Bounded | None
    uses: tuple[Use, ...]
    refusal: str = ""
    """Why there is no bound."""


class Evaluation:
    """Evaluates updates of one program in one dtype."""

    def __init__(self, program: Program, constants: Arithmetic) -> None:
        self._program = program
        self._constants = constants
        self._layout = Layout(program)
        self._data: Mapping[str, Array] = {}
        self._taken_data: dict[str, Any] = {}

    def expectations(self, recorded: Recorded, formulas: Formulas) -> Iterator[Expectation]:
        """Yield what every tensor of an update should be, in computing order."""
        if recorded.data is not self._data:  # the whole data is the same batch at every update
            self._data, self._taken_data = recorded.data, self._taken(recorded.data)
        weights = self._taken(recorded.weights)
        state = self._taken(recorded.state)
        buffers = {name: state[name] for name in self._program.buffers}
        tensors = {**self._taken_data, **buffers, **weights, **self._taken(recorded.step.values)}
        backwards: list[Callable[..., Any] | str] = []
        for call in self._program.calls:
            yield from self._forward(call, tensors, formulas[call.op], recorded, backwards)
        grads = self._taken({**recorded.step.value_grads, **recorded.step.grads})
        grads[self._program.loss] = Bounded(np.ones(()), self._constants)
        yield from self._backward(backwards, grads, tensors, recorded)
        if self._program.clipping is not None:
            yield from self._clipped(grads, formulas, recorded)
            grads = self._taken(recorded.step.clipped)
        if self._program.schedule is not None:
            yield self._learning_rate(formulas, recorded)
        for name in self._program.weights:
            yield from self._updated(name, weights[name], grads[name], state, formulas, recorded)

    def _taken(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """Recorded arrays as exact inputs; labels and other whole numbers as they are."""
        return {name: self._exact(np.asarray(array)) for name, array in arrays.items()}

    def _exact(self, array: Array) -> Any:
        if array.dtype.kind != "f":
            return array
        return Bounded(array.astype(np.float64, copy=False), self._constants)

    def _forward(
        self,
        call: Call,
        tensors: Mapping[str, Any],
        op: Callable[..., Any],
        recorded: Recorded,
        backwards: list[Callable[..., Any] | str],
    ) -> Iterator[Expectation]:
        """Yield what a call should have made; append its backward, or why it has none."""
        use = self._use(call, recorded)
        outputs: tuple[Bounded | None, ...] = (None,) * len(call.outputs)
        refusal = ""
        try:
            result, backward = op(*[tensors[name] for name in call.inputs], **call.settings)
            outputs = result if isinstance(result, tuple) else (result,)
            backwards.append(backward)
        except Exception as error:
            refusal = _refusal(error)
            backwards.append(refusal)
        for name, bound in zip(call.outputs, outputs, strict=True):
            yield Expectation(Origin(name, "forward", call.outputs[0], call.op), bound, (use,), refusal)
            for buffer, value in self._program.carried.items():
                if value == name:
                    yield Expectation(self._layout.carried[buffer], bound, (use,), refusal)

    def _backward(
        self,
        backwards: list[Callable[..., Any] | str],
        grads: Mapping[str, Any],
        tensors: Mapping[str, Any],
        recorded: Recorded,
    ) -> Iterator[Expectation]:
        """Yield every gradient as the sum of what each use of its tensor hands back."""
        differentiable = self._program.differentiable
        sums: dict[str, Any] = {}
        uses: dict[str, list[Use]] = {}
        refusals: dict[str, str] = {}
        for call, backward in zip(reversed(self._program.calls), reversed(backwards), strict=True):
            if not any(name in grads for name in call.outputs):
                continue  # the loss does not depend on this call
            arriving = {name: grads[name] if name in grads else np.zeros_like(tensors[name]) for name in call.outputs}
            use = self._use(call, recorded, {name: grad.midpoint for name, grad in arriving.items()})
            refusal, leaving = _leaving(call, backward, list(arriving.values()), differentiable)
            for name, grad in leaving.items():
                sums[name] = sums[name] + grad if name in sums else grad
            for name in differentiable.intersection(call.inputs):
                uses.setdefault(name, []).append(use)
                if refusal:
                    refusals[name] = refusal
        for name, origin in self._layout.backward.items():
            if name in uses and name in grads:
                refusal = refusals.get(name, "")
                yield Expectation(origin, None if refusal else sums[name], tuple(uses[name]), refusal)

    def _clipped(self, grads: Mapping[str, Bounded], formulas: Formulas, recorded: Recorded) -> Iterator[Expectation]:
        """Yield what the clipping should have made of every weight's gradient."""
        clipping = self._program.clipping
        assert clipping is not None
        names = self._program.weights
        inputs = {f"grad_{name}": np.asarray(recorded.step.grads[name]) for name in names}
        use = Use(clipping.op, inputs, tuple(inputs), clipping.settings)
        bounds: tuple[Bounded | None, ...] = (None,) * len(names)
        refusal = ""
        try:
            bounds = formulas[clipping.op](*[grads[name] for name in names], **clipping.settings)
        except Exception as error:
            refusal = _refusal(error)
        for name, bound in zip(names, bounds, strict=True):
            yield Expectation(self._layout.clipped[name], bound, (use,), refusal)

    def _learning_rate(self, formulas: Formulas, recorded: Recorded) -> Expectation:
        """What the schedule should have made of the learning rate, which is a number in float64 in every run.

        PyTorch computes it from that of the update before, with a few roundings each time.
        """
        schedule, first = self._program.schedule, self._program.optimizer.settings["lr"]
        assert schedule is not None
        lr = formulas[schedule.op](recorded.update, lr=first, **schedule.settings)
        roundings = ROUNDINGS_PER_UPDATE * (recorded.update + 1)
        radius = np.asarray(arithmetic("float64").gamma(roundings) * abs(first))
        bound = Bounded(np.asarray(lr, np.float64), self._constants, radius)
        return Expectation(Origin(LEARNING_RATE, "update", None, schedule.op), bound, ())

    def _updated(
        self,
        name: str,
        weight: Bounded,
        grad: Bounded,
        state: Mapping[str, Any],
        formulas: Formulas,
        recorded: Recorded,
    ) -> Iterator[Expectation]:
        """Yield what the optimizer's rule should have made of one weight and its state."""
        op, settings = self._program.optimizer.op, dict(self._program.optimizer.settings)
        if recorded.step.lr is not None:
            settings["lr"] = recorded.step.lr
        rule = formulas[op]
        if "t" in signature(rule).parameters:
            settings["t"] = recorded.update
        slots = state_names(rule)
        names = [f"{slot}_{name}" for slot in slots]
        received = recorded.step.clipped or recorded.step.grads
        inputs = {"w": recorded.weights[name], "grad_w": np.asarray(received[name])}
        inputs |= {slot: recorded.state[kept] for slot, kept in zip(slots, names, strict=True)}
        use = Use(op, inputs, tuple(inputs), settings)
        expected: list[Bounded | None] = [None] * (1 + len(names))
        refusal = ""
        try:
            result = rule(weight, grad, *[state[kept] for kept in names], **settings)
            expected = list(result) if isinstance(result, tuple) else [result]
        except Exception as error:
            refusal = _refusal(error)
        for kept, bound in zip(names, expected[1:], strict=True):
            yield Expectation(Origin(kept, "state", None, op), bound, (use,), refusal)
        yield Expectation(Origin(name, "update", None, op), expected[0], (use,), refusal)

    def _use(self, call: Call, recorded: Recorded, arriving: Mapping[str, Array] | None = None) -> Use:
        tensors = (recorded.data, recorded.weights, recorded.step.values, recorded.state)
        inputs = {name: np.asarray(next(part[name] for part in tensors if name in part)) for name in call.inputs}
        return Use(call.op, inputs, call.inputs, call.settings, arriving or {})


def _leaving(
    call: Call, backward: Callable[..., Any] | str, arriving: list[Any], differentiable: frozenset[str]
) -> tuple[str, dict[str, Any]]:
    """The gradient towards each differentiable input of a call, or why there is none."""
    if isinstance(backward, str):
        return backward, {}
    found: dict[str, Any] = {}
    try:
        for name, grad in zip(call.inputs, backward(*arriving), strict=True):
            if name in differentiable:
                grad = grad() if callable(grad) else grad
                found[name] = found[name] + grad if name in found else grad
    except Exception as error:
        return _refusal(error), {}
    return "", found


def _refusal(error: Exception) -> str:
    return str(error) if isinstance(error, Unsupported) else f"{type(error).__name__}: {error}"
