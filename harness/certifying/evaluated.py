"""Bounds on what one update of a backend computes, from its own recorded numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.contract import Array, Call, Node, RuleCall
from backends.deferred import computed, of_given
from backends.rules import constant_settings, counts_updates, is_elementwise
from backends.vocabulary import ACCUMULATION, KEEP, TRAIN
from harness.certifying.accumulation import use_of_batches_before
from harness.certifying.counting import counting_of, counting_of_steps
from harness.certifying.other_groups import as_of, settings_of_other_groups
from harness.certifying.together import joined, pieces
from harness.certifying.uses import CallBounds, Contribution, Expectation, Formulas, Leaving, Use, UseMaker
from harness.numerics.bounded import Bounded
from harness.numerics.bounds import Unsupported
from harness.numerics.rounding import arithmetic
from harness.running.traced import NEW
from harness.running.updates import Update

if TYPE_CHECKING:
    from harness.certifying.expectations import Evaluation

ROUNDINGS_PER_UPDATE = 4
"""How many roundings a schedule may make of a learning rate at each update."""


class EvaluatedUpdate:
    """One update, evaluated lazily: each call and rule runs once, when the first of its tensors is asked for.

    Nothing that it keeps refers to itself, so that its arrays are free as soon as nobody needs it.

    Everything starts from what the backend recorded. Where it left a tensor out, the bound of that tensor takes its
    place, so the checks of what follows are wider, and a failure lies anywhere since the last recorded tensor.
    """

    def __init__(self, evaluation: "Evaluation", update: Update, formulas: Formulas) -> None:
        step = update.step
        self._evaluation = evaluation
        self._program = evaluation.program
        self._update = update
        self._formulas = formulas
        self._state = evaluation.exact(update.state)
        buffers = {name: update.state[name] for name in self._program.buffers}
        self._tensors = evaluation.exact_inputs(update.data, {**buffers, **update.weights, **step.values})
        self._recorded = evaluation.exact({**step.value_grads, **step.grads})
        if not (self._program.epoch.accumulates and self._program.loss in step.value_grads):
            self._recorded[self._program.loss] = self._loss_gradient()
        self._accumulated = evaluation.exact(update.accumulated)
        self._clipped = evaluation.exact(step.clipped)
        self._decayed = evaluation.exact(step.decayed)
        self._new_weights = evaluation.exact(step.weights)
        self._forward: dict[str, CallBounds] = {}
        self._backwards: dict[str, Callable[..., Any]] = {}
        self._leaving: dict[str, dict[str, Leaving]] = {}
        self._clipping: CallBounds | None = None
        self._decaying: dict[str, CallBounds] = {}
        self._updated: dict[str, CallBounds] = {}
        self._steps = self._program.steps(update.number)
        self._frozen = self._program.frozen(update.number)

    def expectation(self, node: Node) -> Expectation:
        """What a tensor should be."""
        use: UseMaker
        match node.kind:
            case "gradient" if node.of == self._program.loss:
                return Expectation(node, self._loss_gradient(), (self._accumulation,))
            case "gradient" if node.of in self._frozen:
                return Expectation(node, self._evaluation.constant(np.zeros_like(self._update.weights[node.of])), ())
            case "gradient":
                return self._gradient(node)
            case "weight" if node.of not in self._steps:
                return Expectation(replace(node, op=KEEP), self._tensors[node.of], ())
            case "state" if node.of not in self._steps:
                return Expectation(replace(node, op=KEEP), self._state[str(node)], ())
            case "average" if not self._steps:
                return Expectation(replace(node, op=KEEP), self._state[str(node)], ())
            case "loss" if node.of in self._update.step.values:
                # It is yielded twice: what the run reports has to be what the program computed, to the last bit.
                return Expectation(replace(node, op=TRAIN, call=None), self._tensors[node.of], ())
            case "scheduled":
                scheduling = self._scheduling(str(node))
                return Expectation(node, self._scheduled(scheduling), (lambda: scheduling,))
            case "clipped":
                (bounds, refusal), use = self._clip(), self._use_of_clipping
            case "decayed":
                (bounds, refusal), use = self._decay(node.of), partial(self._use_of_decay, node.of)
            case "state" | "weight":
                (bounds, refusal), use = self._update_weight(node.of), partial(self._use_of_step, node.of)
            case "average":
                (bounds, refusal), use = self._average(node), partial(self._use_of_average, node)
            case "buffer" if node.op == KEEP:
                return Expectation(node, self._state[node.of], ())
            case _:
                assert node.call is not None
                call = self._evaluation.makers[node.call]
                (bounds, refusal), use = self._run(call), partial(self._use, call)
        bound = bounds[self._program.position_of(node)]
        if isinstance(bound, np.ndarray):  # labels or ids that an op moved
            bound = self._evaluation.constant(bound)
        return Expectation(node, bound, (use,), refusal)

    def _loss_gradient(self) -> Any:
        """What the backward starts from: 1, or the share of the batch in the mean over those of a step."""
        epoch = self._program.epoch
        if not epoch.accumulates:
            return self._evaluation.constant(np.ones(()))
        share = np.asarray(epoch.share(self._update.number))
        return self._evaluation.constant(share, self._evaluation.constants.gamma(1) * share)

    def _accumulation(self) -> Use:
        """What the share of the batch is computed from."""
        epoch, update = self._program.epoch, self._update.number
        batches = epoch.batches(update)
        return Use(
            ACCUMULATION, (), {"rows": epoch.rows_of(update), "rows_of_step": sum(batches), "batches": len(batches)}
        )

    def _run(self, call: Call) -> CallBounds:
        """What a call should have computed from its inputs."""
        key = call.outputs[0]
        if key not in self._forward:
            bounds: Sequence[Bounded | None] = (None,) * len(call.outputs)
            refusal = ""
            try:
                inputs = [self._tensor(name) for name in call.inputs]
                result, self._backwards[key] = self._formulas[call.op](
                    *inputs, **self._evaluation.settings(call.settings)
                )
                bounds = _checked(result, len(call.outputs))
            except MemoryError:
                raise
            except Exception as error:
                refusal = _refusal(error)
            self._forward[key] = bounds, refusal
        return self._forward[key]

    def _tensor(self, name: str) -> Any:
        """A tensor that a call reads: as recorded, or else its bound. Raises Unsupported if it has none."""
        if name not in self._tensors:
            call = self._evaluation.makers[name]
            bounds, refusal = self._run(call)
            bound = bounds[call.outputs.index(name)]
            if bound is None:
                raise Unsupported(f"{name} was not yielded, and has no bound: {refusal}")
            self._tensors[name] = bound
        return self._tensors[name]

    def _gradient(self, node: Node) -> Expectation:
        """A tensor's gradient: the sum of what its uses contribute, in the order in which backwards run."""
        parts = self._contributions(node.of)
        uses = tuple(part.use for part in parts)
        refusals = [part.refusal for part in parts if part.refusal]
        if refusals:
            return Expectation(node, None, uses, refusals[-1])
        return Expectation(node, self._total(parts), uses)

    def _contributions(self, name: str) -> list[Contribution]:
        """What every use of a tensor contributes to its gradient, and what the batches before of a step gave."""
        parts = []
        for call in self._backward_order(name):
            bound, arriving, refusal = self._run_backward(call)[name]
            parts.append(Contribution(bound, partial(self._use, call, arriving), refusal))
        if name in self._accumulated:
            gradient, before = self._evaluation.gradient_names[name], self._update.accumulated[name]
            parts.append(Contribution(self._accumulated[name], partial(use_of_batches_before, gradient, before), ""))
        return parts

    def _backward_order(self, name: str) -> Sequence[Call]:
        """The uses of a tensor that has a gradient, the last one first.

        Where gradients were left out, the backwards of all later calls run before, in a loop, since they need each
        other's results.
        """
        if not self._leaving and any(each not in self._recorded for each in self._program.with_gradient):
            for call in self._program.backwards:
                self._run_backward(call)
        return self._program.uses.get(name, ())

    def _run_backward(self, call: Call) -> dict[str, Leaving]:
        """What a call contributes to the gradient of each of its inputs that has one."""
        key = call.outputs[0]
        if key in self._leaving:
            return self._leaving[key]
        _, refusal = self._run(call)
        arriving: dict[str, Any] = {}
        for name in call.outputs:
            if name in self._recorded:
                arriving[name] = self._recorded[name]
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
            refusal, gradients = self._run_backward_of(call, list(arriving.values()))
        self._leaving[key] = {
            name: Leaving(gradients.get(name), arriving, refusal)
            for name in dict.fromkeys(call.inputs)
            if name in self._program.differentiable
        }
        return self._leaving[key]

    def _run_backward_of(self, call: Call, arriving: list[Any]) -> tuple[str, dict[str, Any]]:
        """The gradient of each differentiable input of a call, or why there is none."""
        gradients: dict[str, Any] = {}
        try:
            returned = of_given(self._backwards[call.outputs[0]](*arriving), len(call.inputs))
            for name, grad in zip(call.inputs, returned, strict=True):
                if name in self._program.differentiable:
                    grad = computed(grad)
                    gradients[name] = gradients[name] + grad if name in gradients else grad
        except MemoryError:
            raise
        except Exception as error:
            return _refusal(error), {}
        return "", gradients

    def _clip(self) -> CallBounds:
        """What every weight's gradient should be after clipping."""
        if self._clipping is None:
            clipping, names = self._program.clipping, self._program.weights
            assert clipping is not None
            received = [self._recorded[name] for name in names]
            self._clipping = self._by_rule(clipping.op, clipping.settings, received, len(names))
        return self._clipping

    def _use_of_clipping(self) -> Use:
        clipping, names = self._program.clipping, self._evaluation.gradient_names
        assert clipping is not None
        grads = self._update.step.grads
        inputs = [(names[name], np.asarray(grads[name])) for name in self._program.weights]
        return Use(clipping.op, inputs, clipping.settings)

    def _decay(self, name: str) -> CallBounds:
        """What a weight's gradient should be after the decay."""
        if name not in self._decaying:
            decay = self._program.decay_of(name)
            assert decay is not None
            _, received, _ = self._before_decay(name)
            settings = {**decay.settings, **self._changed(decay, name)}
            self._decaying[name] = self._by_rule(decay.op, settings, [self._tensors[name], received], 1)
        return self._decaying[name]

    def _use_of_decay(self, name: str) -> Use:
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
            return evaluation.clipped_names[name], self._clipped[name], np.asarray(step.clipped[name])
        return evaluation.gradient_names[name], self._recorded[name], np.asarray(step.grads[name])

    def _received_array(self, name: str) -> Array:
        """The gradient that the optimizer receives, where it was recorded."""
        step = self._update.step
        arrays = next(arrays for arrays in (step.decayed, step.clipped, step.grads) if name in arrays)
        return np.asarray(arrays[name])

    def _received(self, name: str) -> tuple[str, Any, Array, str]:
        """The gradient that the optimizer receives, as above, and why it has no bound; or an empty text."""
        if self._program.decay is None:
            return *self._before_decay(name), ""
        shown = self._evaluation.decayed_names[name]
        if name in self._decayed:
            return shown, self._decayed[name], np.asarray(self._update.step.decayed[name]), ""
        (bound,), refusal = self._decay(name)
        if bound is None:
            return *self._before_decay(name), refusal
        return shown, bound, self._evaluation.array_of(bound), ""

    def _scheduled(self, use: Use) -> Bounded:
        """What a scheduled setting should be, which is a float64 number in every run.

        PyTorch computes it from that of the update before, with a few roundings each time.
        """
        value = self._formulas[use.op](**use.settings)
        roundings = ROUNDINGS_PER_UPDATE * (self._update.number + 1)
        radius = arithmetic("float64").gamma(roundings) * max(abs(use.settings["lr"]), abs(value))
        bound: Bounded = self._evaluation.constant(value, np.asarray(radius))
        return bound

    def _scheduling(self, name: str) -> Use:
        """The schedule whose turn it is, with the number of its turn and its start as settings, and no inputs.

        `name` is what results call the scheduled setting. A schedule calls what it starts from lr, whatever it changes.
        """
        schedule, firsts = self._program.schedule, self._program.first_scheduled
        assert schedule is not None
        part, own_turn = schedule.at(schedule.turn(self._program.epoch.step(self._update.number)))
        first = firsts[name]
        owners = {each: each.removeprefix(schedule.of).removeprefix("_") for each in firsts}
        others = [(as_of(owners[each]), {"lr": other}) for each, other in firsts.items() if other != first]
        settings = {"t": own_turn, "lr": first, **part.settings}
        counting = counting_of(
            schedule,
            self._program.epoch.step(self._update.number),
            self._update.number,
            lambda part, t: float(self._formulas[part.op](t=t, lr=first, **part.settings)),
        )
        return Use(part.op, (), settings, of_other_groups=others, counting=counting)

    def _update_weight(self, name: str) -> CallBounds:
        """What one weight and its state, in this order, should be after the optimizer's rule."""
        if name not in self._updated:
            steps = self._steps
            together = [each for each in self._evaluation.small_weights_with(name) if steps.get(each) == steps[name]]
            if is_elementwise(self._formulas[self._program.optimizer_of(name).op]) and self._are_received(together):
                self._update_together(together)
            else:
                self._update_alone(name)
        return self._updated[name]

    def _update_alone(self, name: str) -> None:
        _, received, _, refusal = self._received(name)
        state = self._evaluation.state_names[name]
        if refusal:
            self._updated[name] = (None,) * (1 + len(state)), refusal
        else:
            given = [self._tensors[name], received, *(self._state[key] for key in state)]
            op = self._program.optimizer_of(name).op
            self._updated[name] = self._by_rule(op, self._settings_of_step(name), given, 1 + len(state))

    def _are_received(self, names: Sequence[str]) -> bool:
        """Whether there are several weights, and the gradients that the optimizer receives of them were recorded."""
        return len(names) > 1 and (self._program.decay is None or all(name in self._decayed for name in names))

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
        if counts_updates(rule):
            settings["t"] = self._steps[name]
        return settings

    def _use_of_step(self, name: str) -> Use:
        update, optimizer = self._update, self._program.optimizer_of(name)
        received_name, _, array, _ = self._received(name)
        state = [(key, update.state[key]) for key in self._evaluation.state_names[name]]
        inputs = [(name, update.weights[name]), (received_name, array), *state]
        others = settings_of_other_groups(self._program, name, optimizer, update.step.scheduled)
        settings = self._settings_of_step(name)
        counting = counting_of_steps(self._steps[name], max(self._steps.values()), update.number)
        counts = counting if "t" in settings else None
        starts = self._program.first_state_of(name).values() if state and self._steps[name] == 1 else ()
        starting = {key: first for (key, _), first in zip(state, starts, strict=True)} if starts else {}
        return Use(optimizer.op, inputs, settings, of_other_groups=others, counting=counts, starting=starting)

    def _changed(self, rule: RuleCall, weight: str) -> dict[str, float]:
        """The setting that the schedule has changed of a rule, as it is for a weight; nothing if it is another's."""
        schedule, scheduled = self._program.schedule, self._update.step.scheduled
        if schedule is None or not scheduled or schedule.of not in rule.settings:
            return {}
        return {schedule.of: scheduled[self._program.scheduled_of(weight)]}

    def _average(self, node: Node) -> CallBounds:
        """What the average of a weight should be, from the one before and the new weight."""
        average = self._program.average
        assert average is not None
        given = [self._state[str(node)], self._new_weights[node.of]]
        return self._by_rule(average.op, average.settings, given, 1)

    def _use_of_average(self, node: Node) -> Use:
        average, weights = self._program.average, self._update.step.weights
        assert average is not None
        before, weight = self._update.state[str(node)], np.asarray(weights[node.of])
        return Use(average.op, [(str(node), before), (f"{NEW}{node.of}", weight)], average.settings)

    def _by_rule(self, op: str, settings: Mapping[str, Any], inputs: Iterable[Any], count: int) -> CallBounds:
        """What a rule should have computed."""
        try:
            return _checked(self._formulas[op](*inputs, **self._evaluation.settings(settings)), count), ""
        except MemoryError:
            raise
        except Exception as error:
            return (None,) * count, _refusal(error)

    def _total(self, parts: Sequence[Contribution | Leaving]) -> Any:
        """The sum of all contributions."""
        total = parts[0].bound
        for part in parts[1:]:
            total = total + part.bound
        return self._evaluation.of_terms(total, len(parts)) if len(parts) > 1 else total

    def _use(self, call: Call, arriving: Mapping[str, Any] | None = None) -> Use:
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
            bound = self._tensors.get(name)
        if bound is None:
            return np.full(self._program.shapes[name], np.nan, self._evaluation.dtype)
        return self._evaluation.array_of(bound)


def _checked(result: Any, count: int) -> tuple[Bounded, ...]:
    """What a call or rule computed, as a tuple. Raises ValueError where it is another number of results."""
    bounds = result if isinstance(result, tuple) else (result,)
    if len(bounds) != count:
        raise ValueError(f"it gives {len(bounds)} results in place of {count}")
    return bounds


def _refusal(error: Exception) -> str:
    return str(error) if isinstance(error, Unsupported) else f"{type(error).__name__}: {error}"
