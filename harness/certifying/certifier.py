"""Certifies every op of an update: runs the hand-written op on a backend's own numbers, with bounds on rounding.

Each op starts from the inputs that the backend itself recorded, so errors do not accumulate: the check is as sharp at
the last update as at the first, neither kinks nor chaos can fool it, and a failure locates itself. For every call

    forward    the op on the recorded inputs                                    against the recorded outputs
    backward   the op's backward on the recorded inputs and gradients           against the recorded gradients
    update     the optimizer's rule on the weights, gradients and state before  against those after

A check is one tensor in one of these at one update.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from backends.contract import Array, Node, Phase, Program
from backends.deferred import computed
from backends.equivalent_formulas.catalogue import rounds_of_formulas
from backends.rules import decayed
from harness.certifying.excess import Excesses
from harness.certifying.expectations import Evaluation, Expectation, Formulas, Use
from harness.errors import InputError
from harness.numerics.accuracy import declared_accuracy
from harness.numerics.bounded import Bounded
from harness.numerics.rounding import arithmetic
from harness.recording.loading import LoadedBackend
from harness.results import Formula, Mismatch, Sharpness
from harness.running.deviations import in_ulps, mismatch_at
from harness.running.experiment import Experiment
from harness.running.updates import Update

ALWAYS = 3
"""When only every K-th update is certified, so are this many first updates and the last one."""
SIDES = ("below", "above")


@dataclass(frozen=True)
class Failure:
    """A failed check, with copies of the recorded arrays behind it."""

    node: Node
    mismatch: Mismatch
    uses: tuple[Use, ...]
    got: Array
    allowed: Array


@dataclass
class Certificate:
    """The summary of a backend's checks."""

    updates: int = 0
    checks: int = 0
    failed: int = 0
    suspect: int = 0
    unchecked: int = 0
    failures: dict[tuple[str, Phase], Failure] = field(default_factory=dict)
    """The first of each op and phase."""
    slight: set[tuple[str, Phase]] = field(default_factory=set)
    """The ops and phases whose failures less accurate functions would explain, every one."""
    suspects: dict[tuple[str, Phase], Mismatch] = field(default_factory=dict)
    """The first of each op and phase."""
    sharpness: dict[tuple[str, Phase], Sharpness] = field(default_factory=dict)
    formulas: dict[tuple[str, Phase], Formula] = field(default_factory=dict)
    """Where a backend exceeds the hand-written formula's bound but not that of the formula it declares."""
    refused: dict[str, str] = field(default_factory=dict)
    """Ops that have no bound, and why."""
    sides: dict[tuple[str, float], set[str]] = field(default_factory=dict)
    """For each call and each of its kinks, the sides on which there were inputs."""
    without_gradient: set[str] = field(default_factory=set)
    """Outputs whose gradient has been zero at every update."""

    @property
    def counts(self) -> dict[str, int]:
        """The counts as they stand in the result document."""
        return {
            "checks": self.checks,
            "failed": self.failed,
            "suspect": self.suspect,
            "unchecked": self.unchecked,
            "updates": self.updates,
        }


class Certifier:
    """Certifies one backend's updates, one after the other."""

    def __init__(self, backend: LoadedBackend, experiment: Experiment) -> None:
        program, draws = experiment.program, experiment.draws
        self.certificate = Certificate()
        self._backend = backend.name
        self._dtype = experiment.dtype
        self._constants = arithmetic(experiment.dtype).charging(declared_accuracy(backend, experiment.dtype))
        self._largest = float(np.finfo(experiment.dtype).max)
        self._formulas: Formulas = {op: experiment.find_op(op) for op in _functions_of(program)}
        declared: Mapping[str, Callable[..., object]] = getattr(backend.module, "FORMULAS", {})

        def of_program(formulas: Mapping[str, Callable[..., object]]) -> Formulas:
            """Those that the program calls, the optimizer's with the program's decay."""
            return {
                op: decayed(formulas[op], program.decay if op == program.optimizer.op else None, experiment.find_op)
                for op in self._formulas
                if op in formulas
            }

        self._equivalent = of_program(declared)
        self._evaluation = Evaluation(program, self._constants)
        self._excesses = Excesses(
            self._evaluation,
            own=[self._formulas, *([{**self._formulas, **self._equivalent}] if self._equivalent else [])],
            known=[{**self._formulas, **other} for other in map(of_program, rounds_of_formulas()) if other],
        )
        self._every = experiment.certify or 1
        self._updates_per_epoch = len(draws.batch_rows)
        self._last = experiment.epochs * self._updates_per_epoch
        self.certificate.sides = {(kink.call.outputs[0], kink.value): set() for kink in experiment.kinks}
        self._kinks = experiment.kinks
        self.certificate.without_gradient = set(program.values) & program.differentiable

    def observe(self, update: Update) -> None:
        """Certify an update, if it is one of those to be certified."""
        if update.number <= ALWAYS or update.number % self._every == 0 or update.number == self._last:
            self.certificate.updates += 1
            self._certify(update)

    def _certify(self, update: Update) -> None:
        self._note_coverage(update)
        equivalent: dict[Node, Bounded | None] = {}
        for expectation in self._evaluation.expectations(update, self._formulas):
            node, bound = expectation.node, expectation.bound
            got = update.made(node)
            if bound is None:
                self.certificate.checks += 1
                self.certificate.unchecked += 1
                self.certificate.refused.setdefault(node.op, expectation.refusal)
                continue
            if bound.shape != got.shape:
                raise InputError(
                    f"backend {self._backend} yielded {node} with shape {got.shape} at update {update.number} "
                    f"({node.op} {node.phase}); it should be {bound.shape}"
                )
            check = Check(bound, got, self._largest)
            if check.failing is not None and self._equivalent:
                if not equivalent:
                    formulas = {**self._formulas, **self._equivalent}
                    equivalent = {e.node: e.bound for e in self._evaluation.expectations(update, formulas)}
                other = equivalent[node]
                if other is not None and (second := Check(other, got, self._largest)).failing is None:
                    self._note_formula(node, check, got)
                    check = second
            if self._count(update.number, expectation, check, got):
                self._excesses.note(update, node, got)
        self.certificate.slight = self._excesses.slight

    def _note_coverage(self, update: Update) -> None:
        """Note the sides of kinks that had inputs, and the outputs that had a gradient."""
        sides = self.certificate.sides
        for kink in self._kinks:
            seen = sides[kink.call.outputs[0], kink.value]
            name = kink.call.inputs[0]
            if len(seen) < len(SIDES):
                inputs = update.read(name)
                seen.update(
                    side for side, on in zip(SIDES, (inputs < kink.value, inputs > kink.value), strict=True) if on.any()
                )
        without = self.certificate.without_gradient
        without -= {name for name in without if np.any(update.step.value_grads.get(name, 1))}

    def _count(self, update: int, expectation: Expectation, check: "Check", got: Array) -> bool:
        """Count one check, and keep the first failure of each op and phase; return whether it failed."""
        certificate, node = self.certificate, expectation.node
        key = (node.op, node.phase)
        certificate.checks += 1
        if check.failing is not None and not (
            self._breaks_down(expectation.uses) or self._may_overflow(expectation.uses, got[check.failing])
        ):
            certificate.failed += 1
            if key not in certificate.failures:
                mismatch = self._mismatch(update, node, check, got, int(check.failing.argmax()), check.allowed)
                certificate.failures[key] = Failure(
                    node,
                    mismatch,
                    tuple(use.copy() for use in expectation.uses),
                    np.array(got),
                    np.array(check.allowed),
                )
            return True
        size = max(float(got.max()), -float(got.min()))
        # A radius beyond the largest value leaves no digit to check.
        if not check.used <= 1 or not check.widest <= max(size, self._constants.smallest_normal):
            certificate.unchecked += 1
            return False
        if check.is_suspect(self._constants.likely_from):
            certificate.suspect += 1
            if key not in certificate.suspects:
                likely = np.asarray(check.bound.likely_radius)
                certificate.suspects[key] = self._mismatch(
                    update, node, check, got, int((check.error - likely).argmax()), likely
                )
        self._keep_sharpness(node, check.widest / size if size else 0.0, check.used)
        return False

    def _may_overflow(self, uses: tuple[Use, ...], wrong: Array) -> bool:
        """Whether the wrong elements are not finite and come from numbers whose squares overflow, too.

        In a diverging run, different correct formulas of an op overflow at different sizes.
        """
        arrays = [array for use in uses for array in use.arrays if array.dtype.kind == "f"]
        sizes = [float(np.max(np.abs(array), initial=0)) for array in arrays]
        return not np.isfinite(wrong).any() and max(sizes, default=0.0) > self._largest**0.5

    def _breaks_down(self, uses: tuple[Use, ...]) -> bool:
        """Whether inputs are not finite, or the hand-written op overflows on them; then there is nothing to expect."""
        for use in uses:
            if not all(map(_finite, use.arrays)):
                return True
            result = self._formulas[use.op](*[array for _, array in use.inputs], **use.settings)
            results = list(result) if isinstance(result, tuple) else [result]
            if callable(results[-1]):
                arriving = [array.astype(self._dtype) for _, array in use.arriving]
                backward = results.pop()
                results += [*map(computed, backward(*arriving))] if arriving else []
            flat = [array for part in results for array in (part if isinstance(part, tuple) else (part,))]
            if not all(array is None or _finite(np.asarray(array)) for array in flat):
                return True
        return False

    def _keep_sharpness(self, node: Node, sharpness: float, used: float) -> None:
        key = (node.op, node.phase)
        before = self.certificate.sharpness.get(key)
        if before is not None:
            if sharpness <= before.sharpness and used <= before.used:
                return
            sharpness, used = max(sharpness, before.sharpness), max(used, before.used)
        self.certificate.sharpness[key] = Sharpness(
            backend=self._backend, op=node.op, phase=node.phase, sharpness=sharpness, used=used
        )

    def _note_formula(self, node: Node, check: "Check", got: Array) -> None:
        """Note by how much a backend's own formula exceeds the hand-written formula's bound."""
        key = (node.op, node.phase)
        place = int((check.error / np.maximum(check.allowed, self._constants.smallest)).argmax())
        error, allowed = float(check.error.flat[place]), float(np.broadcast_to(check.allowed, got.shape).flat[place])
        times = error / max(allowed, self._constants.smallest)
        before = self.certificate.formulas.get(key)
        if before is None or times > before.times:
            self.certificate.formulas[key] = Formula(
                backend=self._backend,
                op=node.op,
                phase=node.phase,
                formula=self._equivalent[node.op].__name__ if node.op in self._equivalent else node.op,
                times=times,
                ulps=in_ulps(error, float(check.bound.midpoint.flat[place]), self._dtype),
            )

    def _mismatch(self, update: int, node: Node, check: "Check", got: Array, place: int, allowed: Array) -> Mismatch:
        epoch = (update - 1) // self._updates_per_epoch + 1
        error, limit = float(check.error.flat[place]), float(allowed.flat[place])
        want = check.bound.midpoint
        return mismatch_at(self._backend, self._dtype, epoch, update, node, place, got, want, error, limit)


def _functions_of(program: Program) -> list[str]:
    """The names of the hand-written functions that an update of a program runs."""
    return [*(rule.op for rule in program.rules), *(call.op for call in program.calls)]


class Check:
    """Compares one recorded tensor with its bound."""

    def __init__(self, bound: Bounded, got: Array, largest: float) -> None:
        self.bound = bound
        self.error = np.asarray(np.subtract(got, bound.midpoint, dtype=np.float64))
        np.abs(self.error, out=self.error)
        radius = bound.radius
        self.allowed = np.zeros(got.shape) if radius is None else np.broadcast_to(radius, got.shape)
        self.used = _largest_ratio(self.error, self.allowed)
        """The largest error in units of its own allowance."""
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
        """Whether an error within the rigorous bound exceeds the probabilistic bound, as rounding almost never does."""
        return self.bound.depth > likely_from and not _largest_ratio(self.error, self.bound.likely_radius) <= 1


def _largest_ratio(error: Array, allowed: Array | None) -> float:
    """The largest error in units of its own allowance, where 0/0 counts as 0; NaN if any is NaN."""
    if allowed is None:
        return 0.0
    ratio = np.asarray(np.add(allowed, np.finfo(np.float64).tiny))
    np.divide(error, ratio, out=ratio)
    return float(ratio.max())


def _finite(array: Array) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())
