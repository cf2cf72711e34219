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
        """What a tensor should be."""
        use: UseMaker
        passes, step = self._passes, self._step
        match node.kind:
            case "gradient" if node.of == self._program.loss:
                return Expectation(
                    node, self._loss_gradient, (partial(use_of_share, self._program, self._update.number),)
                )
            case "gradient" if node.of in self._not_yet_trained:
                return Expectation(node, self._evaluation.constant(np.zeros_like(self._update.weights[node.of])), ())
            case "gradient":
                return passes.gradient(node)
            case "weight" if node.of not in step.steps:
                return Expectation(replace(node, op=KEEP), passes.tensors[node.of], ())
            case "state" if node.of not in step.steps:
                return Expectation(replace(node, op=KEEP), step.state[str(node)], ())
            case "average" if not step.steps:
                return Expectation(replace(node, op=KEEP), step.state[str(node)], ())
            case "loss" if node.of in self._update.step.values:
                # It is yielded twice: what the run reports has to be what the program computed, to the last bit.
                return Expectation(replace(node, op=TRAIN, call=None), passes.tensors[node.of], ())
            case "scheduled":
                return scheduled(self._evaluation, self._update.number, self._formulas, node)
            case "clipped":
                (bounds, refusal), use = step.clip(), step.use_of_clipping
            case "decayed":
                (bounds, refusal), use = step.decay(node.of), partial(step.use_of_decay, node.of)
            case "state" | "weight":
                (bounds, refusal), use = step.update_weight(node.of), partial(step.use_of_optimizer, node.of)
            case "average":
                (bounds, refusal), use = step.average(node), partial(step.use_of_average, node)
            case "buffer" if node.op == KEEP:
                return Expectation(node, step.state[node.of], ())
            case _:
                assert node.call is not None
                call = self._evaluation.makers[node.call]
                (bounds, refusal), use = passes.run(call), partial(passes.use, call)
        bound = bounds[self._program.position_of(node)]
        if isinstance(bound, np.ndarray):  # labels or ids that an op moved
            bound = self._evaluation.constant(bound)
        return Expectation(node, bound, (use,), refusal)

    def some(self, node: Node, places: Array) -> Any:
        """What the elements at some flat positions of a tensor should be.

        None where no rule computes them one by one, or what it computes them from was not recorded.
        """
        if node.kind not in ("state", "weight") or node.of not in self._step.steps:
            return None
        bounds = self._step.update_some(node.of, places)
        return None if bounds is None else bounds[self._program.position_of(node)]
