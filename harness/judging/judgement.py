"""Trains a scenario through all backends and reaches a verdict: agree, drift, disagree or inconclusive, and why.

a certificate failed                                        disagree, and that op of that backend is the culprit
all failures slight, everything within its allowance        inconclusive: functions may only be less accurate
everything within its allowance                             agree, or inconclusive if nothing was tested
over it, and training amplified rounding as far as that     drift (see parting.py), if float64 does not disagree
over it otherwise                                           disagree, or inconclusive if nothing can be told
"""

from dataclasses import dataclass, replace

import numpy as np

from harness.certifying.certificate import Certificate
from harness.certifying.training import train_and_certify
from harness.judging.coverage import nothing_tested, untested, untested_loss
from harness.judging.document import Judgement, result_of
from harness.judging.findings import culprit, explanation, failures_of, notes_on, ruling, with_own_source
from harness.judging.parting import Parting, Partings
from harness.judging.unused import nothing_of_its_own
from harness.results import Result, Verdict
from harness.running.experiment import Experiment
from harness.running.lockstep import Progress, train_in_lockstep
from harness.running.trajectories import Trajectories

FINDINGS: tuple[Verdict, ...] = ("disagree", "inconclusive", "drift")
"""Where several backends part, the verdict is the first of these that is found about one of them."""


NOT_SHOWN_WRONG = (
    "less accurate functions or other formulas would explain every failed check, and the runs agree: "
    "that does not show that anything is wrong"
)


def train_and_judge(experiment: Experiment, progress: Progress | None = None) -> Result:
    """Train every backend of an experiment in lockstep, certify its updates and reach a verdict.

    Where runs part, backends train again: traced up to the first mismatch, certified, and in float64.
    """
    runs, certificates = train_and_certify(experiment, progress)
    inquiry = _Inquiry(experiment, runs, certificates).with_rounding_at_start()
    return result_of(experiment, inquiry.runs, certificates, inquiry.verdict())


@dataclass(frozen=True)
class _Inquiry:
    """One experiment's runs and certificates, further runs where these leave a question, and the verdict."""

    experiment: Experiment
    runs: Trajectories
    certificates: dict[str, Certificate]

    def with_rounding_at_start(self) -> "_Inquiry":
        """The same with as much more allowed as rounding moves tensors at update 1, if that is why the runs part there.

        It is allowed in all further runs as well, which would find the same mismatch otherwise.
        """
        if self._is_within_allowance() or self.experiment.tolerances is not None:
            return self
        if any(certificate.failures for certificate in self.certificates.values()):
            return self
        rounding = Partings(self.experiment, self.runs, self.certificates).rounding_at_start()
        if not rounding:
            return self
        experiment = replace(self.experiment, rounding=rounding)
        return replace(self, experiment=experiment, runs=train_in_lockstep(experiment))

    def verdict(self) -> Judgement:
        """The verdict, with what led to it."""
        runs, experiment = self.runs, self.experiment
        failed = self._failed(self.certificates)
        if failed is not None:
            return failed
        reasons = [*nothing_tested(experiment, runs, self.certificates), *nothing_of_its_own(experiment)]
        unseen = untested(experiment, runs, self.certificates)
        if self._is_within_allowance():
            is_untested = reasons or (unseen and not experiment.accepts_untested)
            verdict: Verdict = "inconclusive" if is_untested else "agree"
            return Judgement(verdict, *reasons, *unseen, *untested_loss(runs))
        if self._all_broke_down_alike():
            return Judgement("inconclusive", *reasons, *unseen)
        return self._parted(Partings(experiment, runs, self.certificates))

    def _is_within_allowance(self) -> bool:
        """Whether the runs agree, as far as they are compared with one another."""
        return self.runs.first is None and (self.runs.parted is None or self.experiment.tolerances is not None)

    def _failed(self, certificates: dict[str, Certificate] | None) -> Judgement | None:
        """The verdict if a certificate failed; None if none did."""
        failures = failures_of(certificates or {}, self.experiment)
        if not failures:
            return None
        slight = self._is_within_allowance() and all(failure.mismatch.slight for failure in failures)
        return Judgement(
            "inconclusive" if slight else "disagree",
            *([NOT_SHOWN_WRONG] if slight else []),
            *notes_on(failures, self.experiment),
            culprits=[with_own_source(culprit(failure, self.experiment), self.experiment) for failure in failures],
            explanations=[explanation(failure, self.experiment) for failure in failures],
            rulings=[ruling(failure, self.experiment) for failure in failures],
        )

    def _parted(self, partings: Partings) -> Judgement:
        """The verdict on runs that part without a failed certificate."""
        found = partings.found()
        verdict = next(each for each in FINDINGS if any(parting.finding == each for parting in found))
        decisive = [parting for parting in found if parting.finding == verdict]
        if verdict == "disagree":
            return self._disagreement(decisive[0], partings)
        if self.experiment.tolerances is None:
            failed = self._failed(dict(partings.certificates))
            if failed is not None:
                return failed
        notes = [reason for parting in decisive for reason in parting.reasons]
        flip = next((parting.flip for parting in decisive if parting.flip), None)
        if self.experiment.dtype == "float64" or self.experiment.tolerances is not None:
            return Judgement(verdict, *notes, flip=flip)
        return self._ask_float64(verdict, notes, decisive[0])

    def _disagreement(self, parting: Parting, partings: Partings) -> Judgement:
        """A disagreement with the op where runs part, if the backends yielded their intermediate values."""
        for name in partings.untraced:
            if name in (self.experiment.backends[0].name, parting.backend):
                return Judgement(
                    "disagree", f"op not located: {name} yields no values with trace=True", *parting.reasons
                )
        mismatch = parting.mismatch
        notes = [*parting.reasons]
        if mismatch.phase in ("state", "update"):
            notes.append(f"the gradients of update {mismatch.update} agree: runs part in the {mismatch.op}")
        return Judgement("disagree", *notes, culprits=[with_own_source(mismatch, self.experiment)])

    def _ask_float64(self, verdict: Verdict, notes: list[str], parting: Parting) -> Judgement:
        """What looks like amplified rounding is asked again in float64, which rounds 5e8 times finer."""
        experiment = self.experiment.in_dtype("float64")
        sharp = _Inquiry(experiment, *train_and_certify(experiment)).with_rounding_at_start().verdict()
        if sharp.verdict == "disagree":
            return Judgement(
                "disagree",
                "float64 disagrees, too",
                *sharp.notes,
                culprits=sharp.culprits or [parting.mismatch],
            )
        answer = {"agree": "agrees", "drift": "drifts, too", "inconclusive": "is inconclusive"}[sharp.verdict]
        notes = [f"float64 {answer}", *notes, *(sharp.notes if sharp.verdict == "inconclusive" else ())]
        return Judgement(verdict, *dict.fromkeys(notes), flip=parting.flip)

    def _all_broke_down_alike(self) -> bool:
        """Whether every backend's loss ends in NaN or infinity, and nothing before that says that one is wrong."""
        losses, first = self.runs.losses, self.runs.first
        if any(np.isfinite(array[-1]) for array in losses.values()):
            return False
        parted_in_nan = first is not None and not np.isfinite([float(first.want), float(first.got)]).any()
        return parted_in_nan or self.certificates.keys() == losses.keys()
