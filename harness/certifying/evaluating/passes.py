"""What the calls of a program should have computed at an update: forward, and backward."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.contract import Array, Call
from backends.deferred import computed, of_given
from harness.certifying.accumulation import use_of_batches_before
from harness.certifying.evaluating.attempts import attempted, results
from harness.certifying.uses import CallBounds, Formulas, Leaving, Use, UseMaker
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Unsupported
from harness.running.updates import Update

if TYPE_CHECKING:
    from harness.certifying.expectations import Evaluation


class EvaluatedPasses:
    """The forward and the backward pass of one update; each call runs when the first of its tensors is asked for."""

    def __init__(self, evaluation: "Evaluation", update: Update, formulas: Formulas, loss_gradient: Any) -> None:
        step, program = update.step, evaluation.program
        self._evaluation = evaluation
        self._program = program
        self._update = update
        self._formulas = formulas
        buffers = {name: update.state[name] for name in program.buffers}
        self.tensors = evaluation.exact_inputs(update.data, {**buffers, **update.weights, **step.values})
        """What the calls read, by name: as recorded, or else the bounds that are known by now."""
        self.gradients = evaluation.exact({**step.value_grads, **step.grads})
        """The gradients that were recorded, by the names of the tensors that they are of."""
        if not (program.epoch.accumulates and program.loss in step.value_grads):
            self.gradients[program.loss] = loss_gradient
        self._accumulated = evaluation.exact(update.accumulated)
        self._forward: dict[str, CallBounds] = {}
        self._backwards: dict[str, Callable[..., Any]] = {}
        self._leaving: dict[str, dict[str, Leaving]] = {}

    def run(self, call: Call) -> CallBounds:
        """What a call should have computed from its inputs."""
        key = call.outputs[0]
        if key not in self._forward:
            nothing: Sequence[Bounded | None] = (None,) * len(call.outputs)
            self._forward[key] = attempted(lambda: self._outputs(call), nothing)
        return self._forward[key]

    def _outputs(self, call: Call) -> Sequence[Bounded]:
        inputs = [self._tensor(name) for name in call.inputs]
        settings = self._evaluation.settings(call.settings)
        returned, self._backwards[call.outputs[0]] = self._formulas[call.op](*inputs, **settings)
        return results(returned, len(call.outputs))

    def _tensor(self, name: str) -> Any:
        """A tensor that a call reads: as recorded, or else its bound. Raises Unsupported if it has none."""
        if name not in self.tensors:
            call = self._evaluation.makers[name]
            bounds, refusal = self.run(call)
            bound = bounds[call.outputs.index(name)]
            if bound is None:
                raise Unsupported(f"{name} was not yielded, and has no bound: {refusal}")
            self.tensors[name] = bound
        return self.tensors[name]

    def gradient(self, name: str) -> tuple[Any, str]:
        """A tensor's gradient, and why it has no bound; or an empty text.

        It is the sum of what its uses contribute, in the order in which backwards run, and of what the batches before
        of a step gave.
        """
        parts = [self._run_backward(call)[name] for call in self._backward_order(name)]
        if name in self._accumulated:
            parts.append(Leaving(self._accumulated[name], {}, ""))
        refusals = [part.refusal for part in parts if part.refusal]
        return (None, refusals[-1]) if refusals else (self._total(parts), "")

    def uses_for_gradient(self, name: str) -> tuple[UseMaker, ...]:
        """What a tensor's gradient is computed from."""
        calls = self._backward_order(name)
        uses: list[UseMaker] = [partial(self.use, call, self._run_backward(call)[name].arriving) for call in calls]
        if name in self._accumulated:
            gradient, before = self._evaluation.gradient_names[name], self._update.accumulated[name]
            uses.append(partial(use_of_batches_before, gradient, before))
        return tuple(uses)

    def _backward_order(self, name: str) -> Sequence[Call]:
        """The uses of a tensor that has a gradient, the last one first.

        Where gradients were left out, the backwards of all later calls run before, in a loop, since they need each
        other's results.
        """
        if not self._leaving and any(each not in self.gradients for each in self._program.with_gradient):
            for call in self._program.backwards:
                self._run_backward(call)
        return self._program.uses.get(name, ())

    def _run_backward(self, call: Call) -> dict[str, Leaving]:
        """What a call contributes to the gradient of each of its inputs that has one."""
        key = call.outputs[0]
        if key in self._leaving:
            return self._leaving[key]
        _, refusal = self.run(call)
        arriving: dict[str, Any] = {}
        for name in call.outputs:
            if name in self.gradients:
                arriving[name] = self.gradients[name]
                continue
            parts = [self._leaving[use.outputs[0]][name] for use in self._program.uses.get(name, ())]
            unknown = [part.refusal for part in parts if part.refusal]
            if parts and not unknown:
                arriving[name] = self._total(parts)
            elif parts:
                refusal = refusal or unknown[-1]
            elif not refusal:
                arriving[name] = np.zeros_like(self._tensor(name))
        gradients: dict[str, Any] = {}
        if not refusal:
            gradients, refusal = attempted(lambda: self._given_back(call, list(arriving.values())), gradients)
        self._leaving[key] = {
            name: Leaving(gradients.get(name), arriving, refusal)
            for name in dict.fromkeys(call.inputs)
            if name in self._program.differentiable
        }
        return self._leaving[key]

    def _given_back(self, call: Call, arriving: list[Any]) -> dict[str, Any]:
        """The gradient of each differentiable input of a call."""
        gradients: dict[str, Any] = {}
        returned = of_given(self._backwards[call.outputs[0]](*arriving), len(call.inputs))
        for name, grad in zip(call.inputs, returned, strict=True):
            if name in self._program.differentiable:
                grad = computed(grad)
                gradients[name] = gradients[name] + grad if name in gradients else grad
        return gradients

    def _total(self, parts: Sequence[Leaving]) -> Any:
        """The sum of all contributions."""
        total = parts[0].bound
        for part in parts[1:]:
            total = total + part.bound
        return self._evaluation.of_terms(total, len(parts)) if len(parts) > 1 else total

    def use(self, call: Call, arriving: Mapping[str, Any] | None = None) -> Use:
        """What a call is computed from; in the backward pass with the gradients that arrive at its outputs."""
        names = self._evaluation.gradient_names
        return Use(
            call.op,
            [(name, self._array(name)) for name in call.inputs],
            call.settings,
            [(names[name], bound.midpoint) for name, bound in (arriving or {}).items()],
            call.outputs[0],
        )

    def _array(self, name: str) -> Array:
        """A tensor that a call reads: as recorded, or else the middle of its bound, or else NaN."""
        try:
            return self._update.read(name)
        except LookupError:
            bound = self.tensors.get(name)
        if bound is None:
            return np.full(self._program.shapes[name], np.nan, self._evaluation.dtype)
        return self._evaluation.array_of(bound)
