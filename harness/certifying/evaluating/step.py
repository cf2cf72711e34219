"""What the rules should have made of the gradients at an update: clipping, decay, the optimizer, the average."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.contract import Array, Node, RuleCall
from backends.rules import constant_settings, counts_steps, is_elementwise
from harness.certifying.counting import counting_of_steps
from harness.certifying.evaluating.attempts import attempted, results
from harness.certifying.evaluating.together import joined, pieces
from harness.certifying.other_groups import settings_of_other_groups
from harness.certifying.uses import CallBounds, Formulas, Use
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.stacking.stacked import as_array
from harness.running.traced import NEW
from harness.running.updates import Update

if TYPE_CHECKING:
    from harness.certifying.expectations import Evaluation


class EvaluatedStep:
    """The rules of one update; each runs when the first of its tensors is asked for."""

    def __init__(
        self,
        evaluation: "Evaluation",
        update: Update,
        formulas: Formulas,
        *,
        tensors: Mapping[str, Any],
        gradients: Mapping[str, Any],
    ) -> None:
        """`tensors` are the weights before the update, among others, and `gradients` those before the clipping."""
        self._evaluation = evaluation
        self._program = evaluation.program
        self._update = update
        self._formulas = formulas
        self._tensors = tensors
        self._gradients = gradients
        self.state = evaluation.exact(update.state)
        """The optimizer's state, the averages and the buffers before the update."""
        self._clipped = evaluation.exact(update.step.clipped)
        self._decayed = evaluation.exact(update.step.decayed)
        self._new_weights = evaluation.exact(update.step.weights)
        self._clipping: CallBounds | None = None
        self._decaying: dict[str, CallBounds] = {}
        self._updated: dict[str, CallBounds] = {}
        self.steps = update.steps or self._program.steps(update.number)
        """For each weight that the optimizer changes, how many steps it has made of it then."""

    def clip(self) -> CallBounds:
        """What every weight's gradient should be after clipping."""
        if self._clipping is None:
            clipping, names = self._program.clipping, self._program.weights
            assert clipping is not None
            received = [self._gradients[name] for name in names]
            self._clipping = self._by_rule(clipping.op, clipping.settings, received, len(names))
        return self._clipping

    def use_of_clipping(self) -> Use:
        """What the clipping is computed from."""
        clipping, names = self._program.clipping, self._evaluation.gradient_names
        assert clipping is not None
        grads = self._update.step.grads
        inputs = [(names[name], np.asarray(grads[name])) for name in self._program.weights]
        return Use(clipping.op, inputs, clipping.settings)

    def decay(self, name: str) -> CallBounds:
        """What a weight's gradient should be after the decay."""
        if name not in self._decaying:
            decay = self._program.decay_of(name)
            assert decay is not None
            _, received, _ = self._before_decay(name)
            settings = {**decay.settings, **self._changed(decay, name)}
            self._decaying[name] = self._by_rule(decay.op, settings, [self._tensors[name], received], 1)
        return self._decaying[name]

    def use_of_decay(self, name: str) -> Use:
        """What the decay of a weight is computed from."""
        decay = self._program.decay_of(name)
        assert decay is not None
        received_name, _, array = self._before_decay(name)
        inputs = [(name, self._update.weights[name]), (received_name, array)]
        others = settings_of_other_groups(self._program, name, decay, self._update.step.scheduled)
        settings = {**decay.settings, **self._changed(decay, name)}
        return Use(decay.op, inputs, settings, of_other_groups=others)

    def _before_decay(self, name: str) -> tuple[str, Any, Array]:
        """The gradient of a weight after the clipping: its name in results, its bound and its array."""
        step, evaluation = self._update.step, self._evaluation
        if name in self._clipped:
            return evaluation.clipped_names[name], self._clipped[name], as_array(step.clipped[name])
        return evaluation.gradient_names[name], self._gradients[name], as_array(step.grads[name])

    def _received_array(self, name: str) -> Array:
        """The gradient that the optimizer receives, where it was recorded."""
        step = self._update.step
        arrays = next(arrays for arrays in (step.decayed, step.clipped, step.grads) if name in arrays)
        return as_array(arrays[name])

    def _received(self, name: str) -> tuple[str, Any, Array, str]:
        """The gradient that the optimizer receives, as above, and why it has no bound; or an empty text."""
        if self._program.decay is None:
            return *self._before_decay(name), ""
        shown = self._evaluation.decayed_names[name]
        if name in self._decayed:
            return shown, self._decayed[name], as_array(self._update.step.decayed[name]), ""
        (bound,), refusal = self.decay(name)
        if bound is None:
            return *self._before_decay(name), refusal
        return shown, bound, self._evaluation.array_of(bound), ""

    def update_weight(self, name: str) -> CallBounds:
        """What one weight and its state, in this order, should be after the optimizer's rule."""
        if name not in self._updated:
            steps = self.steps
            together = [each for each in self._evaluation.small_weights_with(name) if steps.get(each) == steps[name]]
            is_one_of_several = len(together) > 1 and self._are_received(together)
            if is_one_of_several and is_elementwise(self._formulas[self._program.optimizer_of(name).op]):
                self._update_together(together)
            else:
                self._update_alone(name)
        return self._updated[name]

    def update_some(self, name: str, places: Array) -> Sequence[Any] | None:
        """What the elements at some flat positions of a weight and its state should be after the optimizer's rule.

        None if the rule doesn't compute each by itself, or the gradient that it receives was not recorded.
        """
        op = self._program.optimizer_of(name).op
        if not is_elementwise(self._formulas[op]) or not self._are_received([name]):
            return None
        update, state = self._update, self._evaluation.state_names[name]
        given = [update.weights[name], self._received_array(name), *(update.state[key] for key in state)]
        some = [self._evaluation.exact_array(np.take(array, places)) for array in given]
        bounds, _ = self._by_rule(op, self._settings_of_step(name), some, 1 + len(state))
        return bounds

    def _update_alone(self, name: str) -> None:
        _, received, _, refusal = self._received(name)
        state = self._evaluation.state_names[name]
        if refusal:
            self._updated[name] = (None,) * (1 + len(state)), refusal
        else:
            given = [self._tensors[name], received, *(self.state[key] for key in state)]
            op = self._program.optimizer_of(name).op
            self._updated[name] = self._by_rule(op, self._settings_of_step(name), given, 1 + len(state))

    def _are_received(self, names: Sequence[str]) -> bool:
        """Whether the gradients that the optimizer receives of these weights were recorded."""
        return self._program.decay is None or all(name in self._decayed for name in names)

    def _update_together(self, names: Sequence[str]) -> None:
        """Run an elementwise rule once for the elements of several weights that have the same settings."""
        update, states = self._update, [self._evaluation.state_names[name] for name in names]
        given = [joined([update.weights[name] for name in names]), joined(list(map(self._received_array, names)))]
        given += [joined([update.state[key] for key in keys]) for keys in zip(*states, strict=True)]
        op, settings = self._program.optimizer_of(names[0]).op, self._settings_of_step(names[0])
        bounds, refusal = self._by_rule(op, settings, map(self._evaluation.exact_array, given), len(given) - 1)
        shapes = {name: self._program.shapes[name] for name in names}
        for name, own in pieces(bounds, shapes, self._evaluation.piece).items():
            self._updated[name] = own, refusal

    def _settings_of_step(self, name: str) -> dict[str, Any]:
        """The settings of the optimizer for a weight at this update."""
        optimizer = self._program.optimizer_of(name)
        rule = self._formulas[optimizer.op]
        settings = constant_settings(rule, optimizer) | self._changed(optimizer, name)
        if counts_steps(rule):
            settings["t"] = self.steps[name]
        return settings

    def use_of_optimizer(self, name: str) -> Use:
        """What a weight and its state are computed from."""
        update, optimizer = self._update, self._program.optimizer_of(name)
        received_name, _, array, _ = self._received(name)
        state = [(key, update.state[key]) for key in self._evaluation.state_names[name]]
        inputs = [(name, update.weights[name]), (received_name, array), *state]
        others = settings_of_other_groups(self._program, name, optimizer, update.step.scheduled)
        settings = self._settings_of_step(name)
        counting = counting_of_steps(self.steps[name], max(self.steps.values()), update.number)
        counts = counting if "t" in settings else None
        starts = self._program.first_state_of(name).values() if state and self.steps[name] == 1 else ()
        starting = {key: first for (key, _), first in zip(state, starts, strict=True)} if starts else {}
        return Use(optimizer.op, inputs, settings, of_other_groups=others, counting=counts, starting=starting)

    def _changed(self, rule: RuleCall, weight: str) -> dict[str, float]:
        """The setting that the schedule has changed of a rule, as it is for a weight; nothing if it is another's."""
        schedule, scheduled = self._program.schedule, self._update.step.scheduled
        if schedule is None or not scheduled or schedule.of not in rule.settings:
            return {}
        return {schedule.of: scheduled[self._program.scheduled_of(weight)]}

    def average(self, node: Node) -> CallBounds:
        """What the average of a weight should be, from the one before and the new weight."""
        average = self._program.average
        assert average is not None
        given = [self.state[str(node)], self._new_weights[node.of]]
        return self._by_rule(average.op, average.settings, given, 1)

    def use_of_average(self, node: Node) -> Use:
        """What the average of a weight is computed from."""
        average, weights = self._program.average, self._update.step.weights
        assert average is not None
        before, weight = self._update.state[str(node)], np.asarray(weights[node.of])
        return Use(average.op, [(str(node), before), (f"{NEW}{node.of}", weight)], average.settings)

    def _by_rule(self, op: str, settings: Mapping[str, Any], inputs: Iterable[Any], count: int) -> CallBounds:
        """What a rule should have computed."""
        nothing: Sequence[Bounded | None] = (None,) * count
        return attempted(
            lambda: results(self._formulas[op](*inputs, **self._evaluation.settings(settings)), count), nothing
        )
