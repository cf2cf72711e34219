"""Trains a scenario through all backends and reaches a verdict: agree, drift, disagree or inconclusive, and why.

a certificate failed                                        disagree, and that op of that backend is the culprit
everything within its allowance                             agree, or inconclusive if nothing was tested
over it in float32, but float64 agrees                      drift: rounding that training amplified
over it in float64, on the other side of a kink             drift
over it in float64, every op of every update certified      drift: chaos
over it otherwise                                           disagree
"""

from dataclasses import dataclass

import numpy as np

from harness.certifying.certifier import SIDES, Certificate, Failure
from harness.certifying.training import train_and_certify
from harness.explaining.arbiter import ruling_on_failure
from harness.explaining.explanation import explain_failure
from harness.judging.document import Judgement, result_of
from harness.judging.unused import nothing_of_its_own
from harness.results import Explanation, Flip, Result, Ruling
from harness.running.experiment import Experiment
from harness.running.lockstep import Progress, Trajectories, trace_to_first_mismatch


def train_and_judge(experiment: Experiment, progress: Progress | None = None) -> Result:
    """Train every backend of an experiment in lockstep, certify its updates and reach a verdict.

    Where runs part, backends train again: traced up to the first mismatch, and in float64.
    """
    runs, certificates = train_and_certify(experiment, progress)
    return result_of(experiment, runs, certificates, _Inquiry(experiment, runs, certificates).verdict())


@dataclass(frozen=True)
class _Inquiry:
    """One experiment's runs and certificates, further runs where these leave a question, and the verdict."""

    experiment: Experiment
    runs: Trajectories
    certificates: dict[str, Certificate]

    def verdict(self) -> Judgement:
        """The verdict, with what led to it."""
        runs, experiment = self.runs, self.experiment
        failures = self._failures()
        if failures:
            return Judgement(
                "disagree",
                culprits=[failure.mismatch for failure in failures],
                explanations=[_explanation(failure, experiment) for failure in failures],
                rulings=[_ruling(failure, experiment) for failure in failures],
            )
        nothing_tested = [*self._nothing_tested(), *self._nothing_certified(), *nothing_of_its_own(experiment)]
        if runs.first is None and (runs.parted is None or experiment.tolerances is not None):
            return Judgement("inconclusive" if nothing_tested else "agree", *nothing_tested, *_untested_loss(runs))
        if self._all_broke_down_alike():
            return Judgement("inconclusive", *nothing_tested)
        if runs.first is None:
            return self._amplified()
        traced = trace_to_first_mismatch(experiment, runs.first.epoch)
        if experiment.tolerances is not None:
            return self._disagreement(traced)
        if experiment.dtype == "float64":
            return self._verdict_in_float64(traced)
        return self._ask_float64(traced)

    def _failures(self) -> list[Failure]:
        """The first failed certificate of each backend, op and phase, in the order of the training."""
        failures = [failure for certificate in self.certificates.values() for failure in certificate.failures.values()]
        return sorted(failures, key=lambda failure: failure.mismatch.update)

    def _is_fully_certified(self) -> bool:
        """Whether every op of every update of every backend is certified."""
        return len(self.certificates) == len(self.experiment.backends) and all(
            certificate.updates == self.experiment.updates
            and certificate.failed == certificate.suspect == certificate.unchecked == 0
            for certificate in self.certificates.values()
        )

    def _amplified(self) -> Judgement:
        """Runs that part, though by no more than the reference itself does when its weights are nudged by an ulp."""
        notes = ["runs part by no more than the reference itself does when its weights are nudged by an ulp"]
        if self._is_fully_certified():
            notes.append("every op of every update is certified")
        return Judgement("drift", *notes)

    def _verdict_in_float64(self, traced: Trajectories) -> Judgement:
        """A float64 excess is a disagreement, unless a kink explains it or every op is certified.

        The traced run compares inputs before gradients and stops at the first excess. So the input of a unit on the
        other side of a kink was within its allowance; a bug that moved it across would have been an earlier excess.
        """
        if traced.flip is not None and traced.first is not None and traced.first.phase not in ("forward", "loss"):
            return Judgement("drift", _about_flip(traced.flip), flip=traced.flip)
        if self._is_fully_certified():
            return Judgement("drift", "every op of every update is certified: training amplifies rounding")
        return self._disagreement(traced)

    def _disagreement(self, traced: Trajectories, *notes: str) -> Judgement:
        """A disagreement with the op where runs part, if the backends yielded their intermediate values."""
        reference = self.experiment.backends[0].name
        for name in traced.untraced:
            if name == reference or (traced.first is not None and name == traced.first.backend):
                return Judgement("disagree", f"op not located: {name} yields no values with trace=True", *notes)
        return Judgement("disagree", *notes, culprits=[traced.first] if traced.first else [])

    def _ask_float64(self, traced: Trajectories) -> Judgement:
        """A float32 excess may be rounding that training amplified; float64, which rounds 5e8 times finer, decides."""
        experiment = self.experiment.in_dtype("float64")
        sharp_inquiry = _Inquiry(experiment, *train_and_certify(experiment))
        sharp = sharp_inquiry.verdict()
        if sharp.verdict in ("agree", "drift"):
            answer = "agrees" if sharp.verdict == "agree" else "drifts too"
            notes = [f"float64 {answer}: the excess in float32 is amplified rounding"]
            if self._is_fully_certified():
                notes.append("every op of every update is certified")
            if traced.flip is not None:
                notes.append(_about_flip(traced.flip))
            return Judgement("drift", *notes, flip=traced.flip)
        if sharp.verdict == "disagree":
            if traced.first is None or sharp_inquiry._failures():
                return Judgement("disagree", "float64 disagrees too", culprits=sharp.culprits)
            return self._disagreement(traced, "float64 disagrees too")
        return Judgement("inconclusive", "float64 is inconclusive", *sharp.notes)

    def _nothing_tested(self) -> list[str]:
        """Reasons why an agreement would prove nothing; empty if there are none."""
        losses = self.runs.losses[self.experiment.backends[0].name]
        reasons = []
        if not np.isfinite(losses).all():
            epoch = int(np.argmin(np.isfinite(losses))) + 1
            reasons.append(f"the loss is {losses[epoch - 1]} from epoch {epoch} on; a smaller learning rate may help")
        elif len(losses) > 1 and losses.min() == losses.max():
            reasons.append(f"the loss never moved: it is {losses[0]:.9g} at every epoch")
        reasons += [
            f"the gradient of {name} is zero at every epoch, so nothing tested it" for name in self.runs.dead_gradients
        ]
        weights = self.runs.final_weights[self.experiment.backends[0].name]
        broken = [name for name, array in weights.items() if not np.isfinite(array).all()]
        if broken and np.isfinite(losses).all():
            reasons.append(f"NaN or infinity in {', '.join(broken)} at the end")
        return reasons

    def _nothing_certified(self) -> list[str]:
        """Units and gradients that the reference never exercised, and backends whose checks could say nothing."""
        reasons = []
        reference = self.certificates.get(self.experiment.backends[0].name, Certificate())
        for (call, kink), seen in reference.sides.items():
            unseen = [side for side in SIDES if side not in seen]
            reasons += [
                f"no input of {call} was ever {side} its kink at {kink:g}, so nothing tested that" for side in unseen
            ]
        for name in sorted(reference.without_gradient):
            reasons.append(f"the gradient of {name} is zero at every update, so nothing tested it")
        for backend, certificate in self.certificates.items():
            if certificate.checks == certificate.unchecked > 0:
                reasons.append(f"no check of {backend} could say anything: every bound is as wide as the values")
        return reasons

    def _all_broke_down_alike(self) -> bool:
        """Whether every backend's loss ends in NaN or infinity, and nothing before that says that one is wrong."""
        losses, first = self.runs.losses, self.runs.first
        if any(np.isfinite(array[-1]) for array in losses.values()):
            return False
        parted_in_nan = first is not None and not np.isfinite([float(first.want), float(first.got)]).any()
        return parted_in_nan or self.certificates.keys() == losses.keys()


def _ruling(failure: Failure, experiment: Experiment) -> Ruling | None:
    """What numerical differentiation says of a gradient's failure."""
    if failure.mismatch.phase != "backward":
        return None
    formulas = {use.op: experiment.find_op(use.op) for use in failure.uses}
    return ruling_on_failure(failure.node, failure.mismatch, failure.uses, formulas)


def _explanation(failure: Failure, experiment: Experiment) -> Explanation:
    """The arithmetic of the wrong element."""
    return explain_failure(
        failure.node,
        failure.mismatch,
        failure.uses,
        {use.op: experiment.find_op(use.op) for use in failure.uses},
        got=failure.got,
        allowed=failure.allowed,
        dtype=experiment.dtype,
        position=experiment.program.position_of(failure.node),
    )


def _untested_loss(runs: Trajectories) -> list[str]:
    """From when on the agreement of the loss says nothing."""
    if runs.loss_untested_from is None:
        return []
    return [
        f"from epoch {runs.loss_untested_from} on, rounding alone may change the loss by as much as its size: "
        "its agreement says nothing there, that of the weights does"
    ]


def _about_flip(flip: Flip) -> str:
    index = ", ".join(str(i) for i in flip.index)
    return (
        f"epoch {flip.epoch}: {flip.op} unit {flip.tensor}[{index}] is {float(flip.reference_value):.3g} in the "
        f"reference and {float(flip.backend_value):.3g} in {flip.backend}, on the other side of the kink"
    )
