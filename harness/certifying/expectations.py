"""Bounds on every tensor that one update computes: the hand-written ops run on a backend's own recorded numbers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backends.contract import Array, Call, Node, Program, gradient_name
from backends.deferred import computed
from backends.rules import counts_updates
from harness.numerics.bounded import Bounded
from harness.numerics.bounds import Unsupported
from harness.numerics.rounding import Arithmetic, arithmetic
from harness.running.updates import Update

ROUNDINGS_PER_UPDATE = 4
"""How many roundings a schedule may make of a learning rate at each update."""

Formulas = Mapping[str, Callable[..., Any]]
"""Hand-written ops and the optimizer's rule, by name."""


NamedArrays = Sequence[tuple[str, Array]]


@dataclass(frozen=True)
class Use:
    """One call that contributes to an expected tensor."""

    op: str
    inputs: NamedArrays
    """One per parameter, under the name that results have for it; a tensor that is passed twice is here twice."""
    settings: Mapping[str, Any]
    arriving: NamedArrays = ()
    """In the backward pass, the gradient of each output."""
    call: str = ""
    """The call by its first output; empty for a rule."""

    @property
    def arrays(self) -> list[Array]:
        """Everything that goes in."""
        return [array for _, array in (*self.inputs, *self.arriving)]

    def copy(self) -> "Use":
        """The same with arrays of its own: a backend may write its next step into the recorded ones."""
        inputs, arriving = (
            tuple((name, np.array(array)) for name, array in arrays) for arrays in (self.inputs, self.arriving)
        )
        return replace(self, inputs=inputs, arriving=arriving)


@dataclass(frozen=True)
class Expectation:
    """A tensor that the backend should have recorded, within bounds; the bound is None if an op has none."""

    node: Node
    bound: Bounded | None
    uses: tuple[Use, ...]
    refusal: str = ""
    """Why there is no bound."""


CallBounds = tuple[Sequence[Bounded | None], Use, str]
"""The bounds of what one call or rule computes, the call itself, and why there are no bounds."""


class Evaluation:
    """Evaluates updates of one program in one dtype."""

    def __init__(self, program: Program, constants: Arithmetic) -> None:
        self.program = program
        # To its op the loss is a value like any other; runs are compared by the loss that they yield.
        self.nodes = [replace(node, kind="value") if node.kind == "loss" else node for node in program.nodes()]
        self.gradient_names = {name: gradient_name(name) for name in program.shapes}
        clipped = {node.of: str(node) for node in self.nodes if node.kind == "clipped"}
        self.received_names = clipped or self.gradient_names
        """What results call the gradient of a weight that the optimizer receives."""
        self.state_names = {
            weight: [str(node) for node in self.nodes if node.kind == "state" and node.of == weight]
            for weight in program.weights
        }
        self.constants = constants
        self._data: Mapping[str, Array] = {}
        self._exact_data: dict[str, Any] = {}

    def expectations(self, update: Update, formulas: Formulas) -> Iterator[Expectation]:
        """Yield what every tensor of an update should be, in computing order."""
        evaluated = _Evaluated(self, update, formulas)
        return (evaluated.expectation(node) for node in self.nodes)

    def exact(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """Recorded arrays as exact inputs; labels and other whole numbers as they are."""
        return {name: self._exact(np.asarray(array)) for name, array in arrays.items()}

    def exact_data(self, data: Mapping[str, Array]) -> dict[str, Any]:
        """The batch as exact inputs, cached for the next update: without mini-batches every batch is the same."""
        if data is not self._data:
            self._data, self._exact_data = data, self.exact(data)
        return self._exact_data

    def constant(self, value: Any, radius: Array | None = None) -> Bounded:
        """A number with its error."""
        return Bounded(np.asarray(value, np.float64), self.constants, radius)

    def _exact(self, array: Array) -> Any:
        return Bounded(array.astype(np.float64, copy=False), self.constants) if array.dtype.kind == "f" else array


class _Evaluated:
    """One update, evaluated lazily: each call and rule runs once, when the first of its tensors is asked for."""

    def __init__(self, evaluation: Evaluation, update: Update, formulas: Formulas) -> None:
        step = update.step
        self._evaluation = evaluation
        self._program = evaluation.program
        self._update = update
        self._formulas = formulas
        self._weights = evaluation.exact(update.weights)
        self._state = evaluation.exact(update.state)
        self._tensors = {
            **evaluation.exact_data(update.data),
            **{name: self._state[name] for name in self._program.buffers},
            **self._weights,
            **evaluation.exact(step.values),
        }
        self._grads = evaluation.exact({**step.value_grads, **step.grads})
        self._grads[self._program.loss] = evaluation.constant(np.ones(()))
        self._received = evaluation.exact(step.clipped or step.grads)
        self._calls = {call.outputs[0]: call for call in self._program.calls}
        self._forward: dict[str, CallBounds] = {}
        self._backwards: dict[str, Callable[..., Any]] = {}
        self._leaving: dict[str, list[tuple[Any, Use, str]]] | None = None
        self._clipped: CallBounds | None = None
        self._updated: dict[str, CallBounds] = {}

    def expectation(self, node: Node) -> Expectation:
        """What a tensor should be."""
        match node.kind:
            case "gradient":
                return self._gradient(node)
            case "learning rate":
                return Expectation(node, self._learning_rate(), ())
            case "clipped":
                bounds, use, refusal = self._clip()
            case "state" | "weight":
                bounds, use, refusal = self._update_weight(node.of)
            case _:
                assert node.call is not None
                bounds, use, refusal = self._run(self._calls[node.call])
        return Expectation(node, bounds[self._program.position_of(node)], (use,), refusal)

    def _run(self, call: Call) -> CallBounds:
        """What a call should have computed from its inputs."""
        key = call.outputs[0]
        if key not in self._forward:
            bounds: Sequence[Bounded | None] = (None,) * len(call.outputs)
            refusal = ""
            try:
                inputs = [self._tensors[name] for name in call.inputs]
                result, self._backwards[key] = self._formulas[call.op](*inputs, **call.settings)
                bounds = _checked(result, len(call.outputs))
            except Exception as error:
                refusal = _refusal(error)
            self._forward[key] = bounds, self._use(call), refusal
        return self._forward[key]

    def _gradient(self, node: Node) -> Expectation:
        """A tensor's gradient: the sum of what its uses contribute, in the order in which backwards run."""
        if self._leaving is None:
            self._leaving = self._run_backward()
        parts = self._leaving[node.of]
        uses = tuple(use for _, use, _ in parts)
        refusals = [refusal for _, _, refusal in parts if refusal]
        if refusals:
            return Expectation(node, None, uses, refusals[-1])
        total = parts[0][0]
        for part, _, _ in parts[1:]:
            total = total + part
        return Expectation(node, total, uses)

    def _run_backward(self) -> dict[str, list[tuple[Any, Use, str]]]:
        """By tensor: the gradient that each call using it contributes, the call, and why it contributes none."""
        leaving: dict[str, list[tuple[Any, Use, str]]] = {}
        for call in reversed(self._program.calls):
            if not any(name in self._grads for name in call.outputs):
                continue  # the loss does not depend on this call
            _, _, refusal = self._run(call)
            arriving = {
                name: self._grads[name] if name in self._grads else np.zeros_like(self._tensors[name])
                for name in call.outputs
            }
            use = self._use(call, {name: grad.midpoint for name, grad in arriving.items()})
            gradients: dict[str, Any] = {}
            if not refusal:
                refusal, gradients = self._run_backward_of(call, list(arriving.values()))
            for name in dict.fromkeys(call.inputs):
                if name in self._program.differentiable:
                    leaving.setdefault(name, []).append((gradients.get(name), use, refusal))
        return leaving

    def _run_backward_of(self, call: Call, arriving: list[Any]) -> tuple[str, dict[str, Any]]:
        """The gradient of each differentiable input of a call, or why there is none."""
        gradients: dict[str, Any] = {}
        try:
            for name, grad in zip(call.inputs, self._backwards[call.outputs[0]](*arriving), strict=True):
                if name in self._program.differentiable:
                    grad = computed(grad)
                    gradients[name] = gradients[name] + grad if name in gradients else grad
        except Exception as error:
            return _refusal(error), {}
        return "", gradients

    def _clip(self) -> CallBounds:
        """What every weight's gradient should be after clipping."""
        if self._clipped is None:
            clipping, names = self._program.clipping, self._program.weights
            assert clipping is not None
            grads, grad_names = self._update.step.grads, self._evaluation.gradient_names
            inputs = [(grad_names[name], np.asarray(grads[name])) for name in names]
            bounds: Sequence[Bounded | None] = (None,) * len(names)
            refusal = ""
            try:
                result = self._formulas[clipping.op](*[self._grads[name] for name in names], **clipping.settings)
                bounds = _checked(result, len(names))
            except Exception as error:
                refusal = _refusal(error)
            self._clipped = bounds, Use(clipping.op, inputs, clipping.settings), refusal
        return self._clipped

    def _learning_rate(self) -> Bounded:
        """What the learning rate should be, which is a float64 number in every run.

        PyTorch computes it from that of the update before, with a few roundings each time.
        """
        schedule, first, number = self._program.schedule, self._program.optimizer.settings["lr"], self._update.number
        assert schedule is not None
        lr = self._formulas[schedule.op](number, lr=first, **schedule.settings)
        roundings = ROUNDINGS_PER_UPDATE * (number + 1)
        return self._evaluation.constant(lr, np.asarray(arithmetic("float64").gamma(roundings) * abs(first)))

    def _update_weight(self, name: str) -> CallBounds:
        """What one weight and its state, in this order, should be after the optimizer's rule."""
        if name not in self._updated:
            optimizer, slots, step = self._program.optimizer, self._program.slots, self._update.step
            rule, settings = self._formulas[optimizer.op], dict(optimizer.settings)
            if step.lr is not None:
                settings["lr"] = step.lr
            if counts_updates(rule):
                settings["t"] = self._update.number
            state = self._evaluation.state_names[name]
            inputs = [
                (name, self._update.weights[name]),
                (self._evaluation.received_names[name], np.asarray((step.clipped or step.grads)[name])),
                *((key, self._update.state[key]) for key in state),
            ]
            bounds: Sequence[Bounded | None] = (None,) * (1 + len(slots))
            refusal = ""
            try:
                received = [self._weights[name], self._received[name], *(self._state[key] for key in state)]
                result = rule(*received, **settings)
                bounds = _checked(result, 1 + len(slots))
            except Exception as error:
                refusal = _refusal(error)
            self._updated[name] = bounds, Use(optimizer.op, inputs, settings), refusal
        return self._updated[name]

    def _use(self, call: Call, arriving: Mapping[str, Array] | None = None) -> Use:
        names = self._evaluation.gradient_names
        return Use(
            call.op,
            [(name, self._update.read(name)) for name in call.inputs],
            call.settings,
            [(names[name], array) for name, array in (arriving or {}).items()],
            call.outputs[0],
        )


def _checked(result: Any, count: int) -> tuple[Bounded, ...]:
    """What a call or rule computed, as a tuple. Raises ValueError where it is another number of results."""
    bounds = result if isinstance(result, tuple) else (result,)
    if len(bounds) != count:
        raise ValueError(f"it gives {len(bounds)} results in place of {count}")
    return bounds


def _refusal(error: Exception) -> str:
    return str(error) if isinstance(error, Unsupported) else f"{type(error).__name__}: {error}"
