"""Certifies every op of an update: the hand-written op, on a backend's own numbers, with what rounding may do to them.

Each op starts from what the backend itself recorded as its inputs, so errors do not compound: the check is as sharp at
the last update as at the first, neither a kink nor chaos can fool it, and a failure is its own location. For every call

    forward    the op on the recorded inputs                                    against the recorded outputs
    backward   the op's backward on the recorded inputs and gradients           against the recorded gradients
    update     the optimizer's rule on the weights, gradients and state before  against those after

One check is one tensor in one of these at one update.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backends.contract import Array, Call, Step
from lockstep.bounded import Bounded, Unsupported
from lockstep.bounded_functions import FUNCTIONS as _RULES  # noqa: F401  (the rules are set where they are defined)
from lockstep.compare import in_ulps
from lockstep.experiment import Experiment
from lockstep.results import Mismatch, Phase, Sharpness, number
from lockstep.rounding import arithmetic
from lockstep.tensors import Layout, Origin, state_names

ALWAYS = 3
"""Of a run that is certified at every K-th update, so many of the first are certified too, and the last."""

SIDES = ("below", "above")


@dataclass
class Certificate:
    """What is left of a backend's checks."""

    updates: int = 0
    checks: int = 0
    failed: int = 0
    suspect: int = 0
    unchecked: int = 0
    culprits: dict[tuple[str, Phase], Mismatch] = field(default_factory=dict)
    """The first failure of each op and phase."""
    sharpness: dict[tuple[str, Phase], Sharpness] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """Ops that have no bound, and why."""
    sides: dict[str, set[str]] = field(default_factory=dict)
    """Of each call of an op with a kink, on which sides of it there were inputs."""
    without_gradient: set[str] = field(default_factory=set)
    """Outputs whose gradient has been zero at every update."""

    @property
    def counts(self) -> dict[str, int]:
        """As the result document has them."""
        return {
            "checks": self.checks,
            "failed": self.failed,
            "suspect": self.suspect,
            "unchecked": self.unchecked,
            "updates": self.updates,
        }


class Certifier:
    """Certifies one backend's steps, one after the other."""

    def __init__(self, backend: str, experiment: Experiment, epochs: int) -> None:
        program, draws = experiment.program, experiment.draws
        self.certificate = Certificate()
        self._backend = backend
        self._program = program
        self._dtype = experiment.dtype
        self._constants = arithmetic(experiment.dtype)
        self._largest = float(np.finfo(experiment.dtype).max)
        self._ops = {call.op: experiment.find_op(call.op) for call in program.calls}
        self._rule = experiment.find_op(program.optimizer.op)
        self._slots = state_names(self._rule)
        self._layout = Layout(program)
        self._every = experiment.certify or 1
        self._last = epochs * len(draws.batch_rows)
        self._updates_per_epoch = len(draws.batch_rows)
        self._update = 0
        self._kinked = [call for call in program.calls if call.op in experiment.kinks]
        self._kinks = experiment.kinks
        self.certificate.sides = {call.outputs[0]: set() for call in self._kinked}
        self.certificate.without_gradient = set(program.values) & program.differentiable
        self._batches = draws.batches(epochs)
        self._batch: Mapping[str, Array] = {}
        self._data: dict[str, Any] = {}
        self._weights = {name: array.copy() for name, array in draws.weights.items()}
        self._state = {
            f"{slot}_{name}": np.zeros_like(array) for name, array in draws.weights.items() for slot in self._slots
        }

    def observe(self, step: Step) -> None:
        """Certify a traced step if its turn has come; keep what the next one starts from."""
        self._update += 1
        batch = next(self._batches)
        if batch is not self._batch:
            self._batch = batch
            self._data = {name: self._taken(array) for name, array in batch.items()}
        if self._update <= ALWAYS or self._update % self._every == 0 or self._update == self._last:
            self.certificate.updates += 1
            self._certify(step)
        for kept, given in ((self._weights, step.weights), (self._state, step.state)):
            for name, array in given.items():
                np.copyto(kept[name], array)

    def _taken(self, array: Any) -> Any:
        """A recorded array as an exact input; labels and other whole numbers as they are."""
        array = np.asarray(array)
        if array.dtype.kind != "f":
            return array
        return Bounded(array.astype(np.float64, copy=False), self._constants)

    def _certify(self, step: Step) -> None:
        weights = {name: self._taken(array) for name, array in self._weights.items()}
        values = {name: self._taken(array) for name, array in step.values.items()}
        recorded = {**self._data, **weights, **values}
        backwards = [self._forward(call, recorded, step) for call in self._program.calls]
        grads = {name: self._taken(array) for name, array in {**step.value_grads, **step.grads}.items()}
        grads[self._program.loss] = Bounded(np.ones(()), self._constants)
        self._backward(backwards, grads, recorded, {**step.value_grads, **step.grads})
        self._note_what_was_exercised(recorded, step)
        for name in self._program.weights:
            self._updated(name, weights[name], grads[name], step)

    def _note_what_was_exercised(self, recorded: Mapping[str, Any], step: Step) -> None:
        sides = self.certificate.sides
        for call in self._kinked:
            seen = sides[call.outputs[0]]
            if len(seen) < len(SIDES):
                inputs, kink = recorded[call.inputs[0]].midpoint, self._kinks[call.op]
                seen.update(side for side, on in zip(SIDES, (inputs < kink, inputs > kink), strict=True) if on.any())
        without = self.certificate.without_gradient
        without -= {name for name in without if np.any(step.value_grads.get(name, 1))}

    def _forward(self, call: Call, recorded: Mapping[str, Any], step: Step) -> Callable[..., Any] | None:
        """Check what a call made; return its backward."""
        try:
            result, backward = self._ops[call.op](*[recorded[name] for name in call.inputs], **call.settings)
        except Exception as error:
            self._refuse(call.op, error, len(call.outputs))
            return None
        outputs = result if isinstance(result, tuple) else (result,)
        inputs = [recorded[name] for name in call.inputs]
        for name, bound in zip(call.outputs, outputs, strict=True):
            self._check(Origin(name, "forward", call.outputs[0], call.op), np.asarray(step.values[name]), bound, inputs)
        return backward  # type: ignore[no-any-return]

    def _backward(
        self,
        backwards: list[Callable[..., Any] | None],
        grads: Mapping[str, Any],
        recorded: Mapping[str, Any],
        got: Mapping[str, Array],
    ) -> None:
        """Check every gradient against the sum of what each use of its tensor hands back."""
        sums: dict[str, Any] = {}
        inputs: dict[str, list[Any]] = {}
        refused: set[str] = set()
        for call, backward in zip(reversed(self._program.calls), reversed(backwards), strict=True):
            if not any(name in grads for name in call.outputs):
                continue  # the loss does not depend on this call
            arriving = [grads[name] if name in grads else np.zeros_like(recorded[name]) for name in call.outputs]
            wanted = [name for name in call.inputs if name in self._program.differentiable]
            try:
                if backward is None:
                    raise Unsupported("its forward has no rounding bound")
                leaving = [
                    grad() if callable(grad) and name in self._program.differentiable else grad
                    for name, grad in zip(call.inputs, backward(*arriving), strict=True)
                ]
            except Exception as error:
                self._refuse(call.op, error, 0)
                refused.update(wanted)
                continue
            for name, grad in zip(call.inputs, leaving, strict=True):
                if name in self._program.differentiable:
                    sums[name] = sums[name] + grad if name in sums else grad
                    inputs.setdefault(name, []).extend([*arriving, *(recorded[name] for name in call.inputs)])
        for name, origin in self._layout.backward.items():
            if name in refused:
                self._count_unchecked(1)
            elif name in sums and name in got:
                self._check(origin, got[name], sums[name], inputs[name])

    def _updated(self, name: str, weight: Bounded, grad: Bounded, step: Step) -> None:
        """Check the optimizer's rule on one weight and its state."""
        rule, settings = self._program.optimizer.op, self._program.optimizer.settings
        names = [f"{slot}_{name}" for slot in self._slots]
        inputs = [weight, grad, *(self._taken(self._state[state]) for state in names)]
        try:
            result = self._rule(*inputs, **settings)
        except Exception as error:
            self._refuse(rule, error, 1 + len(names))
            return
        updated, *states = result if isinstance(result, tuple) else (result,)
        for state, bound in zip(names, states, strict=True):
            self._check(Origin(state, "state", None, rule), step.state[state], bound, inputs)
        self._check(Origin(name, "update", None, rule), step.weights[name], updated, inputs)

    def _refuse(self, op: str, error: Exception, checks: int) -> None:
        self.certificate.refused.setdefault(op, f"{error}" if isinstance(error, Unsupported) else repr(error))
        self._count_unchecked(checks)

    def _count_unchecked(self, checks: int) -> None:
        self.certificate.checks += checks
        self.certificate.unchecked += checks

    def _check(self, origin: Origin, got: Array, bound: Any, inputs: Iterable[Any]) -> None:
        """Count one check, and keep the first failure of each op and phase; `inputs` are what the bound is made of."""
        certificate = self.certificate
        certificate.checks += 1
        if not isinstance(bound, Bounded) or bound.shape != got.shape:
            certificate.unchecked += 1
            return
        error = np.asarray(np.subtract(got, bound.midpoint, dtype=np.float64))
        np.abs(error, out=error)
        radius = bound.radius
        allowed = np.zeros(got.shape) if radius is None else radius
        used = _largest_ratio(error, allowed)
        # Written so that NaN, which compares false with everything, is never within the bound.
        if not used <= 1:
            failing = ~(error <= allowed) & (np.abs(bound.midpoint) + allowed <= self._largest)
            if failing.any() and all(np.isfinite(x.midpoint).all() for x in inputs if isinstance(x, Bounded)):
                self._fail(origin, got, bound, error, np.broadcast_to(allowed, got.shape), failing)
                return
        size = max(float(got.max()), -float(got.min()))
        widest = float(allowed.max())
        # Where the widest radius passes the largest value, there is no digit left to check.
        if not used <= 1 or not widest <= max(size, self._constants.smallest_normal):
            certificate.unchecked += 1
            return
        if bound.depth > self._constants.likely_from and not _largest_ratio(error, bound.likely_radius) <= 1:
            certificate.suspect += 1
        self._keep_sharpness(origin, widest / size if size else 0.0, used)

    def _keep_sharpness(self, origin: Origin, sharpness: float, used: float) -> None:
        key = (origin.op, origin.phase)
        known = self.certificate.sharpness.get(key)
        if known is not None:
            if sharpness <= known.sharpness and used <= known.used:
                return
            sharpness, used = max(sharpness, known.sharpness), max(used, known.used)
        self.certificate.sharpness[key] = Sharpness(
            backend=self._backend, op=origin.op, phase=origin.phase, sharpness=sharpness, used=used
        )

    def _fail(self, origin: Origin, got: Array, bound: Bounded, error: Array, allowed: Array, failing: Array) -> None:
        self.certificate.failed += 1
        if (origin.op, origin.phase) in self.certificate.culprits:
            return
        at = np.unravel_index(int(failing.argmax()), got.shape)
        ours, theirs = float(got[at]), float(bound.midpoint[at])
        self.certificate.culprits[(origin.op, origin.phase)] = Mismatch(
            backend=self._backend,
            epoch=(self._update - 1) // self._updates_per_epoch + 1,
            update=self._update,
            phase=origin.phase,
            call=origin.call,
            op=origin.op,
            tensor=origin.tensor,
            index=tuple(int(i) for i in at),
            got=number(ours),
            want=number(theirs),
            error=number(float(error[at])),
            allowed=number(float(allowed[at])),
            ulps=number(in_ulps(float(error[at]), max(abs(ours), abs(theirs)), self._dtype)),
        )


def _largest_ratio(error: Array, allowed: Array | None) -> float:
    """The largest error in units of what is allowed for it, 0 of 0 being 0; NaN if any is NaN."""
    if allowed is None:
        return 0.0
    ratio = np.asarray(np.add(allowed, np.finfo(np.float64).tiny))
    np.divide(error, ratio, out=ratio)
    return float(ratio.max())
