"""Certifies every op of an update: the hand-written op, on a backend's own numbers, with what rounding may do to them.

Each op starts from what the backend itself recorded as its inputs, so errors do not compound: the check is as sharp at
the last update as at the first, neither a kink nor chaos can fool it, and a failure is its own location. For every call

    forward    the op on the recorded inputs                                    against the recorded outputs
    backward   the op's backward on the recorded inputs and gradients           against the recorded gradients
    update     the optimizer's rule on the weights, gradients and state before  against those after

One check is one tensor in one of these at one update.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from backends.contract import Array, Program, Step
from backends.rules import decayed
from harness.certifying.expectations import Evaluation, Expectation, Formulas, Use
from harness.errors import InputError
from harness.numerics.bounded import Bounded
from harness.numerics.rounding import arithmetic
from harness.recording.loading import LoadedBackend
from harness.results import Formula, Mismatch, Phase, Sharpness, number
from harness.running.allowance import in_ulps
from harness.running.experiment import Experiment
from harness.running.tensors import Origin, Recorded, state_names

ALWAYS = 3
"""Of a run that is certified at every K-th update, so many of the first are certified too, and the last."""
SIDES = ("below", "above")


@dataclass(frozen=True)
class Evidence:
    """What a failure was computed from: copies of the recorded arrays."""

    mismatch: Mismatch
    uses: tuple[Use, ...]
    got: Array
    allowed: Array


@dataclass
class Certificate:
    """What is left of a backend's checks."""

    updates: int = 0
    checks: int = 0
    failed: int = 0
    suspect: int = 0
    unchecked: int = 0
    failures: dict[tuple[str, Phase], Evidence] = field(default_factory=dict)
    """The first of each op and phase."""
    suspects: dict[tuple[str, Phase], Mismatch] = field(default_factory=dict)
    """The first of each op and phase."""
    sharpness: dict[tuple[str, Phase], Sharpness] = field(default_factory=dict)
    formulas: dict[tuple[str, Phase], Formula] = field(default_factory=dict)
    """Where the hand-written formula's bound was passed and a declared one's was not."""
    refused: dict[str, str] = field(default_factory=dict)
    """Ops that have no bound, and why."""
    sides: dict[tuple[str, float], set[str]] = field(default_factory=dict)
    """Of each call and each of its kinks, on which sides of it there were inputs."""
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

    def __init__(self, backend: LoadedBackend, experiment: Experiment, epochs: int) -> None:
        program, draws = experiment.program, experiment.draws
        self.certificate = Certificate()
        self._backend = backend.name
        self._program = program
        self._dtype = experiment.dtype
        self._constants = arithmetic(experiment.dtype)
        self._largest = float(np.finfo(experiment.dtype).max)
        self._formulas: Formulas = {op: experiment.find_op(op) for op in _functions_of(program)}
        declared: Mapping[str, Callable[..., object]] = getattr(backend.module, "FORMULAS", {})
        self._equivalent = {
            op: decayed(declared[op], program.decay if op == program.optimizer.op else None, experiment.find_op)
            for op in self._formulas
            if op in declared
        }
        self._evaluation = Evaluation(program, self._constants)
        self._every = experiment.certify or 1
        self._last = epochs * len(draws.batch_rows)
        self._updates_per_epoch = len(draws.batch_rows)
        self._update = 0
        self.certificate.sides = {(kink.call.outputs[0], kink.value): set() for kink in experiment.kinks}
        self._kinks = experiment.kinks
        self.certificate.without_gradient = set(program.values) & program.differentiable
        self._batches = draws.batches(epochs)
        self._weights = {name: array.copy() for name, array in draws.weights.items()}
        slots = state_names(self._formulas[program.optimizer.op])
        self._state = {
            f"{slot}_{name}": np.zeros_like(array) for name, array in draws.weights.items() for slot in slots
        } | {name: array.copy() for name, array in draws.buffers.items()}

    def observe(self, step: Step) -> None:
        """Certify a traced step if its turn has come; keep what the next one starts from."""
        self._update += 1
        batch = next(self._batches)
        if self._update <= ALWAYS or self._update % self._every == 0 or self._update == self._last:
            self.certificate.updates += 1
            self._certify(Recorded(self._update, batch, self._weights, self._state, step))
        for kept, given in ((self._weights, step.weights), (self._state, step.state)):
            for name, array in given.items():
                np.copyto(kept[name], array)

    def _certify(self, recorded: Recorded) -> None:
        self._note_what_was_exercised(recorded)
        others: dict[Origin, Bounded | None] = {}
        for expectation in self._evaluation.expectations(recorded, self._formulas):
            got = recorded.made(expectation.origin)
            if expectation.bound is not None and expectation.bound.shape != got.shape:
                origin, wanted = expectation.origin, expectation.bound.shape
                raise InputError(
                    f"backend {self._backend} yielded {origin.tensor} with shape {got.shape} at update {self._update} "
                    f"({origin.op} {origin.phase}); it should be {wanted}"
                )
            if expectation.bound is None:
                self.certificate.checks += 1
                self.certificate.unchecked += 1
                self.certificate.refused.setdefault(expectation.origin.op, expectation.refusal)
                continue
            check = Check(expectation.bound, got, self._largest)
            if check.failing is not None and self._equivalent:
                if not others:
                    formulas = {**self._formulas, **self._equivalent}
                    others = {e.origin: e.bound for e in self._evaluation.expectations(recorded, formulas)}
                other = others[expectation.origin]
                if other is not None and (second := Check(other, got, self._largest)).failing is None:
                    self._note_formula(expectation.origin, check, got)
                    check = second
            self._count(expectation, check, got)

    def _note_what_was_exercised(self, recorded: Recorded) -> None:
        sides = self.certificate.sides
        for kink in self._kinks:
            seen = sides[kink.call.outputs[0], kink.value]
            name = kink.call.inputs[0]
            if len(seen) < len(SIDES):
                parts = (recorded.step.values, recorded.data, recorded.weights, recorded.state)
                inputs = next(part[name] for part in parts if name in part)
                seen.update(
                    side for side, on in zip(SIDES, (inputs < kink.value, inputs > kink.value), strict=True) if on.any()
                )
        without = self.certificate.without_gradient
        without -= {name for name in without if np.any(recorded.step.value_grads.get(name, 1))}

    def _count(self, expectation: Expectation, check: "Check", got: Array) -> None:
        """Count one check, and keep the first failure of each op and phase."""
        certificate, origin = self.certificate, expectation.origin
        key = (origin.op, origin.phase)
        certificate.checks += 1
        if check.failing is not None and not (
            self._breaks_down(expectation.uses) or self._may_overflow(expectation.uses, got[check.failing])
        ):
            certificate.failed += 1
            if key not in certificate.failures:
                mismatch = self._mismatch(origin, check, got, int(check.failing.argmax()), check.allowed)
                certificate.failures[key] = Evidence(
                    mismatch, _copied(expectation.uses), np.array(got), np.array(check.allowed)
                )
            return
        size = max(float(got.max()), -float(got.min()))
        # Where the widest radius passes the largest value, there is no digit left to check.
        if not check.used <= 1 or not check.widest <= max(size, self._constants.smallest_normal):
            certificate.unchecked += 1
            return
        if check.is_suspect(self._constants.likely_from):
            certificate.suspect += 1
            if key not in certificate.suspects:
                likely = np.asarray(check.bound.likely_radius)
                certificate.suspects[key] = self._mismatch(
                    origin, check, got, int((check.error - likely).argmax()), likely
                )
        self._keep_sharpness(origin, check.widest / size if size else 0.0, check.used)

    def _may_overflow(self, uses: tuple[Use, ...], wrong: Array) -> bool:
        """Whether what is wrong is not finite, and comes from numbers whose squares are not, either.

        Where a run diverges, right formulas of an op overflow at different sizes.
        """
        arrays = [array for use in uses for part in (use.inputs, use.arriving) for array in part.values()]
        sizes = [float(np.max(np.abs(array), initial=0)) for array in arrays if array.dtype.kind == "f"]
        return not np.isfinite(wrong).any() and max(sizes, default=0.0) > self._largest**0.5

    def _breaks_down(self, uses: tuple[Use, ...]) -> bool:
        """Whether inputs are not finite, or the hand-written op overflows on them: then nothing can be expected."""
        for use in uses:
            if not all(_finite(array) for part in (use.inputs, use.arriving) for array in part.values()):
                return True
            result = self._formulas[use.op](*[use.inputs[name] for name in use.names], **use.settings)
            made = list(result) if isinstance(result, tuple) else [result]
            if callable(made[-1]):
                arriving = [array.astype(self._dtype) for array in use.arriving.values()]
                backward = made.pop()
                made += [grad() if callable(grad) else grad for grad in backward(*arriving)] if arriving else []
            flat = [array for part in made for array in (part if isinstance(part, tuple) else (part,))]
            if not all(array is None or _finite(np.asarray(array)) for array in flat):
                return True
        return False

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

    def _note_formula(self, origin: Origin, check: "Check", got: Array) -> None:
        """Note by how much a backend's own formula passes the bound of the hand-written one."""
        key = (origin.op, origin.phase)
        at = int((check.error / np.maximum(check.allowed, self._constants.smallest)).argmax())
        error, allowed = float(check.error.flat[at]), float(np.broadcast_to(check.allowed, got.shape).flat[at])
        times = error / max(allowed, self._constants.smallest)
        known = self.certificate.formulas.get(key)
        if known is None or times > known.times:
            self.certificate.formulas[key] = Formula(
                backend=self._backend,
                op=origin.op,
                phase=origin.phase,
                formula=self._equivalent[origin.op].__name__ if origin.op in self._equivalent else origin.op,
                times=times,
                ulps=in_ulps(error, float(check.bound.midpoint.flat[at]), self._dtype),
            )

    def _mismatch(self, origin: Origin, check: "Check", got: Array, place: int, allowed: Array) -> Mismatch:
        at = np.unravel_index(place, got.shape)
        ours, theirs, error = float(got[at]), float(check.bound.midpoint[at]), float(check.error[at])
        return Mismatch(
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
            error=number(error),
            allowed=number(float(allowed[at])),
            ulps=number(in_ulps(error, max(abs(ours), abs(theirs)), self._dtype)),
        )


def _functions_of(program: Program) -> list[str]:
    """The names of everything that is written by hand and that an update of a program runs."""
    return [*(rule.op for rule in program.rules), *(call.op for call in program.calls)]


class Check:
    """One recorded tensor against its bound."""

    def __init__(self, bound: Bounded, got: Array, largest: float) -> None:
        self.bound = bound
        self.error = np.asarray(np.subtract(got, bound.midpoint, dtype=np.float64))
        np.abs(self.error, out=self.error)
        radius = bound.radius
        self.allowed = np.zeros(got.shape) if radius is None else np.broadcast_to(radius, got.shape)
        self.used = _largest_ratio(self.error, self.allowed)
        """The largest error in units of what is allowed for it."""
        self.failing: Array | None = None
        """Which elements are outside; None if none is."""
        # Written so that NaN, which compares false with everything, is never within the bound.
        if not self.used <= 1:
            # What may overflow in the run's dtype has no bound.
            failing = ~(self.error <= self.allowed) & (np.abs(bound.midpoint) + self.allowed <= largest)
            self.failing = failing if failing.any() else None

    @property
    def widest(self) -> float:
        """The largest radius."""
        return float(self.allowed.max())

    def is_suspect(self, likely_from: float) -> bool:
        """Whether an error within the rigorous bound is larger than rounding makes it but once in ages."""
        return self.bound.depth > likely_from and not _largest_ratio(self.error, self.bound.likely_radius) <= 1


def _largest_ratio(error: Array, allowed: Array | None) -> float:
    """The largest error in units of what is allowed for it, 0 of 0 being 0; NaN if any is NaN."""
    if allowed is None:
        return 0.0
    ratio = np.asarray(np.add(allowed, np.finfo(np.float64).tiny))
    np.divide(error, ratio, out=ratio)
    return float(ratio.max())


def _finite(array: Array) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def _copied(uses: tuple[Use, ...]) -> tuple[Use, ...]:
    """The uses with arrays of their own: a backend may write its next step into the recorded ones."""
    return tuple(
        Use(
            use.op,
            {name: np.array(array) for name, array in use.inputs.items()},
            use.names,
            use.settings,
            {name: np.array(array) for name, array in use.arriving.items()},
        )
        for use in uses
    )
