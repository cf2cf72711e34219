"""Bounds on what one update of a backend computes, from its own recorded numbers."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.contract import Array, Node
from backends.vocabulary import KEEP, TRAIN
from harness.certifying.accumulation import share_of_batch, use_of_share
from harness.certifying.evaluating.passes import EvaluatedPasses
from harness.certifying.evaluating.schedule import scheduled
from harness.certifying.evaluating.step import EvaluatedStep
from harness.certifying.uses import Expectation, Formulas, UseMaker
from harness.numerics.stacking.stacked import Stacked
from harness.running.updates import Update

if TYPE_CHECKING:
    from harness.certifying.expectations import Evaluation


class EvaluatedUpdate:
    """One update, evaluated lazily: each call and rule runs once, when the first of its tensors is asked for.

    Nothing that it keeps refers to itself, so that its arrays are free as soon as nobody needs it.

    Everything starts from what the backend recorded. Where it left a tensor out, the bound of that tensor takes its
    place, so the checks of what follows are wider, and a failure lies anywhere since the last recorded tensor.
    """

    def __init__(self, evaluation: "Evaluation", update: Update, formulas: Formulas) -> None:
        self._evaluation = evaluation
        self._program = evaluation.program
        self._update = update
        self._formulas = formulas
        self._loss_gradient = share_of_batch(evaluation, update.number)
        self._passes = EvaluatedPasses(evaluation, update, formulas, self._loss_gradient)
        self._step = EvaluatedStep(
            evaluation, update, formulas, tensors=self._passes.tensors, gradients=self._passes.gradients
        )
        self._not_yet_trained = self._program.not_yet_trained(update.number)

    def expectation(self, node: Node) -> Expectation:
        """What a tensor should be, and what it is computed from."""
        if node.kind == "scheduled":
            return scheduled(self._evaluation, self._update.number, self._formulas, node)
        bound, refusal = self.bound(node)
        return Expectation(self._as_made(node), bound, self._makers(node), refusal)

    def bound(self, node: Node) -> tuple[Any, str]:
        """What a tensor should be, and why it has no bound; or an empty text."""
        passes, step = self._passes, self._step
        if self._is_kept(node):
            kept = passes.tensors[node.of] if node.kind in ("weight", "loss") else step.state[str(node)]
            return kept, ""
        match node.kind:
            case "gradient" if node.of == self._program.loss:
                return self._loss_gradient, ""
            case "gradient" if node.of in self._not_yet_trained:
                return self._evaluation.constant(np.zeros_like(self._update.weights[node.of])), ""
            case "gradient":
                return passes.gradient(node.of)
            case "scheduled":
                return scheduled(self._evaluation, self._update.number, self._formulas, node).bound, ""
            case "clipped":
                bounds, refusal = step.clip()
            case "decayed":
                bounds, refusal = step.decay(node.of)
            case "state" | "weight":
                bounds, refusal = step.update_weight(node.of)
            case "average":
                bounds, refusal = step.average(node)
            case _:
                assert node.call is not None
                bounds, refusal = passes.run(self._evaluation.makers[node.call])
        bound = bounds[self._program.position_of(node)]
        if isinstance(bound, np.ndarray | Stacked):  # labels or ids that an op moved
            bound = self._evaluation.constant(bound)
        return bound, refusal

    def _is_kept(self, node: Node) -> bool:
        """Whether a tensor is what it was before the update, or the loss, which is yielded twice.

        What the run reports has to be what the program computed, to the last bit.
        """
        match node.kind:
            case "weight" | "state":
                return node.of not in self._step.steps
            case "average":
                return not self._step.steps
            case "loss":
                return node.of in self._update.step.values
            case "buffer":
                return node.op == KEEP
        return False

    def _as_made(self, node: Node) -> Node:
        """The node with what made its tensor at this update."""
        if not self._is_kept(node):
            return node
        return replace(node, op=TRAIN, call=None) if node.kind == "loss" else replace(node, op=KEEP)

    def _makers(self, node: Node) -> tuple[UseMaker, ...]:
        """What a tensor is computed from."""
        step, number = self._step, self._update.number
        if self._is_kept(node):
            return ()
        match node.kind:
            case "gradient" if node.of == self._program.loss:
                return (partial(use_of_share, self._program, number),)
            case "gradient":
                return () if node.of in self._not_yet_trained else self._passes.uses_for_gradient(node.of)
            case "clipped":
                return (step.use_of_clipping,)
            case "decayed":
                return (partial(step.use_of_decay, node.of),)
            case "state" | "weight":
                return (partial(step.use_of_optimizer, node.of),)
            case "average":
                return (partial(step.use_of_average, node),)
        assert node.call is not None
        return (partial(self._passes.use, self._evaluation.makers[node.call]),)

    def some(self, node: Node, places: Array) -> Any:
        """What the elements at some flat positions of a tensor should be.

        None where no rule computes them one by one, or what it computes them from was not recorded.
        """
        if node.kind not in ("state", "weight") or node.of not in self._step.steps:
            return None
        bounds = self._step.update_some(node.of, places)
        return None if bounds is None else bounds[self._program.position_of(node)]
