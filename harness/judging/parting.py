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

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from backends.contract import Node
from harness.certifying.certificate import Certificate
from harness.certifying.training import train_and_certify
from harness.judging.parted_update import PartedUpdate, is_at
from harness.results import Flip, Mismatch, Phase
from harness.running.deviations import Deviations
from harness.running.experiment import Experiment
from harness.running.lockstep import trace_to_first_mismatch, train_with_more_nudged_runs
from harness.running.trajectories import Trajectories

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
        self._parted_updates: dict[str, PartedUpdate] = {}
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
        """How far apart the runs are in each tensor of update 1, where a mismatch is there and rounding explains it.

        Where a unit is at a kink, that is behind the differences on the way back.
        """
        parted = self._parted(name)
        phases = EARLY if self._traced.flips.get(name) is None else ("forward", "loss")
        if parted is None or mismatch.update != 1 or mismatch.phase not in phases:
            return None
        apart = parted.apart_by_rounding(phases)
        return apart if apart is not None and any(is_at(mismatch, node) for node in apart) else None

    def _parted(self, name: str) -> PartedUpdate | None:
        """The update at which a backend parts; None where it was not found, compared at every update."""
        if name not in self._parted_updates and name in self._traced.at_mismatch:
            backend = next(backend for backend in self._experiment.backends if backend.name == name)
            self._parted_updates[name] = PartedUpdate(self._experiment, backend, self._traced.at_mismatch[name])
        return self._parted_updates.get(name)

    def _over_allowance(self, deviations: Deviations) -> Parting:
        name, mismatch = deviations.backend, self._mismatch(deviations)
        flip = self._traced.flips.get(name)
        doubts = self._doubts(name, mismatch)
        unrepeated = self._not_repeated(name)
        wrong = cannot_be_rounding(mismatch, flip, self._experiment.dtype)
        if wrong == ONE_SIDE_ONLY and self._may_be_on_one_side(name, mismatch):
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
        elif (parted := self._parted(name)) is not None and parted.makes_the_difference(mismatch):
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

    def _may_be_on_one_side(self, name: str, mismatch: Mismatch) -> bool:
        """Whether right ops make a number in the reference or in the backend alone."""
        parted = self._parted(name)
        return self._is_after_pole(name, mismatch) or (
            parted is not None and (parted.may_overflow(mismatch) or parted.is_missing_of_the_inputs(mismatch))
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
