"""Whether rounding that training amplified explains why a backend's run parted from the reference's.

An excess is excused only by what was shown of this backend:

1. It began after the first update, or with a unit on the other side of a kink: before that only an op can amplify
   rounding, and then each op of the first update is shown to make as much of it. It is not a number that is missing on
   one side, unless that number's square is infinite.
2. Every op of every update up to there is certified, in this very run; or in a second one that repeats it bit by bit.
3. Training amplifies rounding as much as that: a unit flipped; or the op where the runs part, computed in float64 on
   the inputs of both, which are within their allowance, makes the same difference, as Adam does of a gradient near 0;
   or nudged runs of the reference part as far, compared at every update or with more of them.

Without 1, the backend is wrong. Without 2 or 3, nothing can be told.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from backends.contract import Array, Node
from harness.certifying.certificate import Certificate
from harness.certifying.certifier import formulas_of
from harness.certifying.expectations import Evaluation
from harness.certifying.training import train_and_certify
from harness.certifying.uses import Expectation
from harness.numerics.accuracy import declared_accuracy
from harness.numerics.bounded import Bounded
from harness.numerics.rounding import Arithmetic, arithmetic
from harness.recording.loading import LoadedBackend
from harness.results import Flip, Mismatch, Phase
from harness.running.deviations import Deviations
from harness.running.experiment import Experiment
from harness.running.lockstep import trace_to_first_mismatch, train_with_more_nudged_runs
from harness.running.trajectories import Trajectories
from harness.running.updates import Update

Finding = Literal["drift", "disagree", "inconclusive"]
ONE_SIDE_ONLY = "a number on one side only is no rounding"
NOT_OF_AN_OP = "in update 1 only an op can amplify rounding, and none is shown to make this much of it"
EARLY: tuple[Phase, ...] = ("forward", "loss", "backward", "state")
"""The phases of an update in which no weight has changed yet."""
IS_ROUNDING = "each op of the first update makes this much of the differences in its inputs and of its own rounding"


@dataclass(frozen=True)
class Parting:
    """What is found about one backend that parted from the reference."""

    backend: str
    finding: Finding
    reasons: tuple[str, ...]
    mismatch: Mismatch
    """The first mismatch at an update, where a second training has it; else that at an epoch."""
    flip: Flip | None = None


class Partings:
    """All backends of one run that parted, and what further runs say about them."""

    def __init__(self, experiment: Experiment, runs: Trajectories, certificates: Mapping[str, Certificate]) -> None:
        self._experiment = experiment
        self._runs = runs
        self._certificates = certificates
        self._over = [d for d in runs.deviations if d.first is not None]
        self._within = [d for d in runs.deviations if d.first is None and d.parted is not None]
        firsts = [d.first or d.parted for d in (*self._over, *self._within)]
        self._last = max((mismatch.epoch for mismatch in firsts if mismatch is not None), default=0)

    def found(self) -> list[Parting]:
        """What is found about each of them."""
        if self._experiment.tolerances is not None:
            return [Parting(d.backend, "disagree", (), self._mismatch(d)) for d in self._over]
        return [*map(self._over_allowance, self._over), *map(self._within_allowance, self._within)]

    @property
    def untraced(self) -> list[str]:
        """Backends that were asked for intermediate values and yielded none."""
        return self._traced.untraced

    @cached_property
    def certificates(self) -> Mapping[str, Certificate]:
        """Those of the run, if every update was certified, or else of a second training up to the last parting."""
        complete = len(self._certificates) == len(self._experiment.backends) and all(
            certificate.updates == self._experiment.updates for certificate in self._certificates.values()
        )
        return self._certificates if complete else self._again[1]

    def rounding_at_start(self) -> dict[Node, float]:
        """How far rounding moves each tensor at update 1, where that is why every backend that parts there does so.

        Else empty. An op may make more of rounding than nudged weights show: a sum whose terms cancel, a gate that is
        closed. Every check of the update must say something.
        """
        found: dict[Node, float] = {}
        for deviations in self._over:
            name, mismatch = deviations.backend, self._mismatch(deviations)
            if mismatch.update != 1:
                continue
            apart = None if self._doubts(name, mismatch) else self._apart_by_rounding(name, mismatch)
            if apart is None:
                return {}
            for node, distance in apart.items():
                found[node] = max(found.get(node, 0.0), distance)
        compared = {(node.kind, node.of, node.slot): node for node in self._experiment.program.nodes()}
        # To its op the loss is a value, which is not compared beside the loss that the run reports.
        return {
            compared[key]: far for node, far in found.items() if (key := (node.kind, node.of, node.slot)) in compared
        }

    def _apart_by_rounding(self, name: str, mismatch: Mismatch) -> dict[Node, float] | None:
        """How far apart the runs are in each tensor of update 1, where rounding in every op explains all of it.

        That is so if in both runs each op makes of its inputs what it should, and the two results are no farther apart
        than the op makes of the two inputs, and its own rounding. By induction from the weights, which are the same,
        nothing but rounding is behind a difference then. None where it does not, where the mismatch is another one, and
        for runs that do not yield what is between their ops. Where a unit is at a kink, that is behind the differences
        on the way back.
        """
        both = self._traced.at_mismatch.get(name)
        is_at_kink = self._traced.flips.get(name) is not None
        phases = ("forward", "loss") if is_at_kink else EARLY
        if both is None or mismatch.update != 1 or mismatch.phase not in phases:
            return None
        of_reference, of_backend = self._expectations_at_mismatch(name)
        constants = arithmetic(self._experiment.dtype)
        apart: dict[Node, float] = {}
        for node, expectation in of_reference.items():
            bound = expectation.bound
            if node.phase == "update" or bound is None:
                continue
            if any(node.read(update.step) is None for update in both):
                if node.kind in ("value", "gradient"):
                    return None
                continue
            other_bound = of_backend[node].bound
            if other_bound is None:
                return None
            reference, other = (update.made(node).astype(np.float64) for update in both)
            # Where an op has no finite bound, what it makes of a difference is unknown, and rounding is without limit.
            carried = _carried(bound.midpoint, other_bound.midpoint)
            is_same = other == reference  # which two infinities may be, whose difference is no number
            distance = np.abs(np.subtract(other, reference, where=~is_same, out=np.zeros_like(other)))
            rounding = _rounding(bound, constants) + _rounding(other_bound, constants)
            if expectation.may_overflow(constants) or of_backend[node].may_overflow(constants):
                rounding = np.where(np.isfinite(reference) & np.isfinite(other), rounding, np.inf)
            rounding = np.where(is_same & np.isinf(reference), 0.0, rounding)
            limit = carried + rounding
            # Without a limit one of them may even be NaN, which is at no distance.
            distance = np.where(np.isposinf(limit), np.inf, distance)
            if not np.all(distance <= limit):
                return None
            if node.phase in phases:
                apart[node] = float(np.max(distance, initial=0.0)) + float(np.max(rounding, initial=0.0))
        return apart if any(_is_at(mismatch, node) for node in apart) else None

    def _backend(self, name: str) -> LoadedBackend:
        return next(backend for backend in self._experiment.backends if backend.name == name)

    def _expectations_at_mismatch(self, name: str) -> list[dict[Node, Expectation]]:
        """What every tensor of the update of a mismatch should be, in the reference and in a backend; empty without."""
        backends = self._experiment.backends[0], self._backend(name)
        both = self._traced.at_mismatch.get(name, ())
        return [self._expectations(update, backend) for update, backend in zip(both, backends, strict=bool(both))]

    def _expectations(self, update: Update, backend: LoadedBackend) -> dict[Node, Expectation]:
        """What all tensors of an update should be, from what was recorded of it.

        By a formula of the backend's own where the tensor is outside the bound of the hand-written one.
        """
        experiment = self._experiment
        formulas = formulas_of(experiment.program, experiment.find_op)
        own: Mapping[str, Callable[..., object]] = getattr(backend.module, "FORMULAS", {})
        accuracy = declared_accuracy(backend, experiment.dtype)
        evaluation = Evaluation(experiment.program, arithmetic(experiment.dtype).charging(accuracy))
        expected = _by_node(evaluation.expectations(update, formulas))
        if not any(op in own for op in formulas):
            return expected
        formulas = {op: own.get(op, formula) for op, formula in formulas.items()}
        by_own = _by_node(evaluation.expectations(update, formulas))
        return {
            node: expectation if by_own[node].bound is None or _is_within(expectation, update) else by_own[node]
            for node, expectation in expected.items()
        }

    def _over_allowance(self, deviations: Deviations) -> Parting:
        name, mismatch = deviations.backend, self._mismatch(deviations)
        flip = self._traced.flips.get(name)
        doubts = self._doubts(name, mismatch)
        unrepeated = self._not_repeated(name)
        wrong = cannot_be_rounding(mismatch, flip, self._experiment.dtype)
        if wrong == ONE_SIDE_ONLY and (self._may_overflow(name, mismatch) or self._is_after_pole(name, mismatch)):
            wrong = ""
        wrong = wrong or unrepeated
        may_be_excused = wrong not in ("", ONE_SIDE_ONLY) and not unrepeated
        if may_be_excused and self._apart_by_rounding(name, mismatch) is not None:
            finding: Finding = "inconclusive" if doubts else "drift"
            return Parting(name, finding, (IS_ROUNDING, *(doubts or (_certified(name),))), mismatch)
        if wrong:
            return Parting(name, "disagree", (wrong,), mismatch)
        if flip is not None and mismatch.phase not in ("forward", "loss"):
            shown = about_flip(flip)
        elif _of(name, self._traced).first is None:
            shown, flip = f"compared at every update, {name} stays within what nudged runs of the reference do", None
        elif self._is_of_the_op(name, mismatch):
            shown, flip = f"{mismatch.op} makes this much of differences in its inputs that rounding explains", None
        elif self._is_amplified(name):
            shown, flip = f"nudged runs of the reference part from it as far as {name} does", None
        else:
            unexplained = (
                f"{name} parts further from the reference than runs of the reference that are nudged by an ulp do, "
                "and no unit is on the other side of a kink"
            )
            return Parting(name, "inconclusive", (unexplained, *doubts), mismatch)
        if doubts:
            return Parting(name, "inconclusive", (shown, *doubts), mismatch)
        return Parting(name, "drift", (shown, _certified(name)), mismatch, flip)

    def _may_overflow(self, name: str, mismatch: Mismatch) -> bool:
        """Whether what a mismatch is of comes from numbers whose cubes are infinite, in the reference or the backend.

        Then right formulas may differ in what overflows on the way to a number of any size.
        """
        constants = arithmetic(self._experiment.dtype)
        expectations = self._expectations_at_mismatch(name)
        return any(
            expectation.may_overflow(constants)
            for of_run in expectations
            for node, expectation in of_run.items()
            if _is_at(mismatch, node)
        )

    def _is_after_pole(self, name: str, mismatch: Mismatch) -> bool:
        """Whether a gradient without a finite value is behind a mismatch, in the reference or in the backend.

        Backends then have whatever their formula gives: infinity, NaN or a number.
        """
        poles = [self.certificates[each].pole for each in (self._experiment.backends[0].name, name)]
        return any(pole is not None and pole.update <= mismatch.update for pole in poles)

    def _within_allowance(self, deviations: Deviations) -> Parting:
        """A backend that parts, though by no more than the reference itself does when its weights are nudged."""
        name, mismatch = deviations.backend, deviations.parted
        assert mismatch is not None
        wrong = self._not_repeated(name)
        if wrong:
            return Parting(name, "disagree", (wrong,), mismatch)
        shown = f"{name} parts by no more than the reference itself does when its weights are nudged by an ulp"
        doubts = self._doubts(name, mismatch)
        return Parting(name, "inconclusive" if doubts else "drift", (shown, *(doubts or (_certified(name),))), mismatch)

    def _mismatch(self, deviations: Deviations) -> Mismatch:
        assert deviations.first is not None
        traced = _of(deviations.backend, self._traced).first
        return traced or deviations.first

    @cached_property
    def _traced(self) -> Trajectories:
        """All backends over their allowance again, up to the update at which each parts."""
        return trace_to_first_mismatch(self._experiment, self._last, [d.backend for d in self._over])

    def _is_of_the_op(self, name: str, mismatch: Mismatch) -> bool:
        """Whether an op makes the difference that was found, to within its allowance, of the inputs of both runs."""
        if name not in self._traced.at_mismatch:
            return False
        expected, made = [], []
        expectations = self._expectations_at_mismatch(name)
        for update, of_run in zip(self._traced.at_mismatch[name], expectations, strict=True):
            found = [each for node, each in of_run.items() if _is_at(mismatch, node)]
            if not found or found[0].bound is None:
                return False
            expected.append(found[0].bound.midpoint)
            made.append(update.made(found[0].node).astype(np.float64))
        left = np.abs((made[1] - made[0]) - (expected[1] - expected[0]))
        return bool(np.all(left <= float(mismatch.allowed)))

    def _is_amplified(self, name: str) -> bool:
        """Whether more nudged runs of the reference part from it as far as a backend does."""
        return _of(name, self._nudged).first is None

    @cached_property
    def _nudged(self) -> Trajectories:
        return train_with_more_nudged_runs(self._experiment, self._last)

    @cached_property
    def _again(self) -> tuple[Trajectories, Mapping[str, Certificate]]:
        """A second training of all backends up to the last parting, with every update certified."""
        return train_and_certify(self._experiment.certified_up_to(self._last))

    def _not_repeated(self, name: str) -> str:
        """Why a second training says nothing about the first; empty if it repeats it or was not needed."""
        if self.certificates is self._certificates or repeats(name, self._runs, self._again[0], self._last):
            return ""
        return f"{name} does not repeat itself: trained again from the same start, it computes something else"

    def _doubts(self, name: str, mismatch: Mismatch) -> tuple[str, ...]:
        """Why certificates don't show that every op was right up to a mismatch; empty if they do."""
        reasons = [ONE_SIDE_ONLY] if np.isnan([float(mismatch.got), float(mismatch.want)]).any() else []
        for each in (self._experiment.backends[0].name, name):
            certificate = self.certificates[each]
            if certificate.suspect:
                reasons.append(f"{certificate.suspect:,} checks of {each} are suspect")
            first = certificate.first_unchecked
            if first is not None and first <= mismatch.update:
                why = f": {certificate.pole.text}" if certificate.pole else ""
                reasons.append(f"some checks of {each} could say nothing, from update {first} on{why}")
        return tuple(reasons)


def cannot_be_rounding(mismatch: Mismatch, flip: Flip | None, dtype: str) -> str:
    """Why a mismatch is none of rounding, whatever the certificates say; empty if it may be."""
    got, want = float(mismatch.got), float(mismatch.want)
    if np.isfinite(got) != np.isfinite(want):
        # Squares of larger numbers are infinite, so one formula may give infinity, or infinity less infinity.
        finite, squarable = (got if np.isfinite(got) else want), float(np.finfo(dtype).max) ** 0.5
        return ONE_SIDE_ONLY if abs(finite) < squarable else ""
    if not np.isfinite([got, want]).any():
        return ""
    if mismatch.update == 1 and mismatch.phase in ("forward", "loss"):
        return NOT_OF_AN_OP
    if mismatch.update == 1 and mismatch.phase == "backward" and flip is None:
        return f"{NOT_OF_AN_OP}, and no unit is at a kink"
    return ""


def repeats(name: str, first: Trajectories, second: Trajectories, last: int) -> bool:
    """Whether a second training of a backend up to an epoch gave the same losses and mismatches, to the last bit."""
    one, other = (_of(name, runs) for runs in (first, second))
    mismatches = [(one.first, other.first), (one.parted, other.parted)]
    return np.array_equal(first.losses[name][:last], second.losses[name], equal_nan=True) and all(
        before == after for before, after in mismatches if before is None or before.epoch <= last
    )


def _by_node(expectations: Iterable[Expectation]) -> dict[Node, Expectation]:
    return {expectation.node: expectation for expectation in expectations}


def _is_within(expectation: Expectation, update: Update) -> bool:
    """Whether an update's tensor is within its bound, or is not yielded; or has none."""
    made, bound = expectation.node.read(update.step), expectation.bound
    if made is None or bound is None:
        return True
    return bool(np.all(np.abs(np.asarray(made, np.float64) - bound.midpoint) <= _radius(bound)))


def _radius(bound: Bounded) -> Array:
    return np.asarray(0.0 if bound.radius is None else bound.radius)


def _rounding(bound: Bounded, constants: Arithmetic) -> Array:
    """How far rounding may move each element: of a long sum, as far as that is likely; without limit if unknown."""
    is_long = bound.depth > constants.likely_from and bound.likely_radius is not None
    radius = np.asarray(bound.likely_radius) if is_long else _radius(bound)
    return np.where(np.isnan(radius), np.inf, radius)


def _is_at(mismatch: Mismatch, node: Node) -> bool:
    return (str(node), node.phase) == (mismatch.tensor, mismatch.phase)


def _carried(one: Array, other: Array) -> Array:
    """What an op makes of a difference of its inputs; without limit where it makes NaN of one alone."""
    is_same = (one == other) | (np.isnan(one) & np.isnan(other))
    difference = np.abs(np.subtract(other, one, where=~is_same, out=np.zeros_like(other)))
    return np.nan_to_num(difference, nan=np.inf, posinf=np.inf)


def _of(name: str, runs: Trajectories) -> Deviations:
    return next(deviations for deviations in runs.deviations if deviations.backend == name)


def _certified(name: str) -> str:
    return f"every op of every update of {name} is certified"


def about_flip(flip: Flip) -> str:
    """The unit, its two values, and where."""
    index = ", ".join(str(i) for i in flip.index)
    return (
        f"epoch {flip.epoch}: {flip.op} unit {flip.tensor}[{index}] is {float(flip.reference_value):.3g} in the "
        f"reference and {float(flip.backend_value):.3g} in {flip.backend}, on the other side of the kink"
    )
