"""Judges a lockstep run: agree, drift, disagree or inconclusive, and why.

a certificate failed                                        disagree, and that op of that backend is the culprit
everything within its allowance                             agree, or inconclusive where nothing was tested
over it in float32, but float64 agrees                      drift: rounding that training amplified
over it in float64, on the other side of a kink             drift
over it in float64, every op of every update certified      drift: chaos
over it otherwise                                           disagree
"""

from dataclasses import dataclass

import msgspec
import numpy as np

from backends.contract import CLIPPED
from harness.certifying.certifier import SIDES, Certificate, Evidence
from harness.explaining.arbiter import ruling_on_failure
from harness.explaining.explanation import explain_failure
from harness.judging.trajectories import Trajectories, compare_trajectories, trace_to_first_mismatch
from harness.results import Explanation, Flip, Mismatch, Ruling, Verdict
from harness.running.experiment import Experiment, prepare
from harness.running.runner import Progress
from scenarios import Scenario


@dataclass(frozen=True)
class Judgement:
    """A verdict with what led to it."""

    verdict: Verdict
    trajectories: Trajectories
    culprits: tuple[Mismatch, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    rulings: tuple[Ruling | None, ...] = ()
    flip: Flip | None = None
    notes: tuple[str, ...] = ()


def judge(experiment: Experiment, scenario: Scenario, progress: Progress | None) -> Judgement:
    """Run an experiment and judge it; `scenario` is what it was prepared from, should float64 have to be asked."""
    runs = compare_trajectories(experiment, progress)
    failures = _failures(runs)
    if failures:
        return Judgement(
            "disagree",
            runs,
            culprits=tuple(failure.mismatch for failure in failures),
            explanations=tuple(_explanation(failure, experiment) for failure in failures),
            rulings=tuple(_ruling(failure, experiment) for failure in failures),
        )
    nothing_tested = (*_nothing_tested(runs), *_nothing_certified(runs))
    if runs.first is None and (runs.parted is None or experiment.tolerances is not None):
        verdict: Verdict = "inconclusive" if nothing_tested else "agree"
        return Judgement(verdict, runs, notes=(*nothing_tested, *_untested_loss(runs)))
    if _all_broke_down_alike(runs):
        return Judgement("inconclusive", runs, notes=nothing_tested)
    if runs.first is None:
        return _amplified(experiment, runs)
    traced = trace_to_first_mismatch(experiment, runs.first.epoch)
    if experiment.tolerances is not None:
        return _disagreement(runs, traced)
    if experiment.dtype == "float64":
        return _judge_sharp(experiment, runs, traced)
    return _ask_float64(experiment, scenario, runs, traced)


def _ruling(failure: Evidence, experiment: Experiment) -> Ruling | None:
    """What numerical differentiation says of a gradient's failure."""
    if failure.mismatch.phase != "backward":
        return None
    formulas = {use.op: experiment.find_op(use.op) for use in failure.uses}
    return ruling_on_failure(failure.mismatch, failure.uses, formulas)


def _explanation(failure: Evidence, experiment: Experiment) -> Explanation:
    """The arithmetic of the wrong element."""
    program = experiment.program
    tensor = program.carried.get(failure.mismatch.tensor, failure.mismatch.tensor)
    outputs = [*next((call.outputs for call in program.calls if tensor in call.outputs), ())]
    if program.clipping is not None and failure.mismatch.op == program.clipping.op:
        outputs = [f"{CLIPPED}{name}" for name in program.weights]
    # A buffer's next value is what an op gave.
    is_carried = failure.mismatch.tensor in program.carried
    mismatch = msgspec.structs.replace(failure.mismatch, phase="forward") if is_carried else failure.mismatch
    return explain_failure(
        mismatch,
        failure.uses,
        {use.op: experiment.find_op(use.op) for use in failure.uses},
        got=failure.got,
        allowed=failure.allowed,
        dtype=experiment.dtype,
        output=outputs.index(tensor) if outputs else 0,
    )


def _failures(runs: Trajectories) -> tuple[Evidence, ...]:
    """The first failed certificate of each backend, op and phase, in the order of the training."""
    found = [failure for certificate in runs.certificates.values() for failure in certificate.failures.values()]
    return tuple(sorted(found, key=lambda failure: failure.mismatch.update))


def _everything_certified(experiment: Experiment, runs: Trajectories) -> bool:
    """Whether every op of every update of every backend has a certificate."""
    updates = experiment.epochs * len(experiment.draws.batch_rows)
    return len(runs.certificates) == len(experiment.backends) and all(
        certificate.updates == updates and certificate.failed == certificate.suspect == certificate.unchecked == 0
        for certificate in runs.certificates.values()
    )


def _amplified(experiment: Experiment, runs: Trajectories) -> Judgement:
    """Runs that part, though by no more than the reference itself does when its weights are nudged by an ulp."""
    notes = ["runs part by no more than the reference itself does when its weights are nudged by an ulp"]
    if _everything_certified(experiment, runs):
        notes.append("every op of every update is certified")
    return Judgement("drift", runs, notes=tuple(notes))


def _judge_sharp(experiment: Experiment, runs: Trajectories, traced: Trajectories) -> Judgement:
    """A float64 excess is a disagreement, unless a kink explains it or every op is certified.

    The traced run compares inputs before gradients and stops at the first excess, so the input of a unit that took the
    other side was within its allowance; a bug that had moved it across would have been an excess of its own before.
    """
    if traced.flip is not None and traced.first is not None and traced.first.phase not in ("forward", "loss"):
        return Judgement("drift", runs, flip=traced.flip, notes=(_about_flip(traced.flip),))
    if _everything_certified(experiment, runs):
        return Judgement("drift", runs, notes=("every op of every update is certified: training amplifies rounding",))
    return _disagreement(runs, traced)


def _disagreement(runs: Trajectories, traced: Trajectories, *notes: str) -> Judgement:
    """A disagreement with the op where runs part, as far as the backends showed their intermediate values."""
    reference = next(iter(runs.losses))
    parting = {reference, traced.first.backend if traced.first else ""}
    for name in traced.untraced:
        if name in parting:
            unlocated = f"op not located: {name} yields no values with trace=True"
            return Judgement("disagree", runs, notes=(unlocated, *notes))
    return Judgement("disagree", runs, culprits=(traced.first,) if traced.first else (), notes=notes)


def _ask_float64(experiment: Experiment, scenario: Scenario, runs: Trajectories, traced: Trajectories) -> Judgement:
    """A float32 excess may be rounding that training amplified; float64 rounds 5e8 times finer, so it is asked."""
    sharp = judge(prepare(scenario, experiment.backends, "float64", certify=experiment.certify), scenario, None)
    if sharp.verdict in ("agree", "drift"):
        answer = "agrees" if sharp.verdict == "agree" else "drifts too"
        notes = [f"float64 {answer}: the excess in float32 is amplified rounding"]
        if _everything_certified(experiment, runs):
            notes.append("every op of every update is certified")
        if traced.flip is not None:
            notes.append(_about_flip(traced.flip))
        return Judgement("drift", runs, flip=traced.flip, notes=tuple(notes))
    if sharp.verdict == "disagree":
        if traced.first is None or _failures(sharp.trajectories):
            return Judgement("disagree", runs, culprits=sharp.culprits, notes=("float64 disagrees too",))
        return _disagreement(runs, traced, "float64 disagrees too")
    return Judgement("inconclusive", runs, notes=("float64 is inconclusive", *sharp.notes))


def _nothing_tested(runs: Trajectories) -> list[str]:
    """Why an agreement would be empty; nothing if it would not be."""
    reference = next(iter(runs.losses.values()))
    reasons = []
    if not np.isfinite(reference).all():
        epoch = int(np.argmin(np.isfinite(reference))) + 1
        reasons.append(f"the loss is {reference[epoch - 1]} from epoch {epoch} on; a smaller learning rate may help")
    elif len(reference) > 1 and reference.min() == reference.max():
        reasons.append(f"the loss never moved: it is {reference[0]:.9g} at every epoch")
    reasons += [f"the gradient of {name} is zero at every epoch, so nothing tested it" for name in runs.dead_gradients]
    final = next(iter(runs.final_weights.values()))
    broken = [name for name, array in final.items() if not np.isfinite(array).all()]
    if broken and np.isfinite(reference).all():
        reasons.append(f"NaN or infinity in {', '.join(broken)} at the end")
    return reasons


def _nothing_certified(runs: Trajectories) -> list[str]:
    """What the certificates of the reference say was never exercised, and what no certificate could say."""
    reasons = []
    reference = runs.certificates.get(next(iter(runs.losses)), Certificate())
    for (call, kink), seen in reference.sides.items():
        unseen = [side for side in SIDES if side not in seen]
        reasons += [
            f"no input of {call} was ever {side} its kink at {kink:g}, so nothing tested that" for side in unseen
        ]
    for name in sorted(reference.without_gradient):
        reasons.append(f"the gradient of {name} is zero at every update, so nothing tested it")
    for backend, certificate in runs.certificates.items():
        if certificate.checks == certificate.unchecked > 0:
            reasons.append(f"no check of {backend} could say anything: every bound is as wide as the values")
    return reasons


def _untested_loss(runs: Trajectories) -> list[str]:
    """What the agreement of the loss does not say."""
    if runs.loss_untested_from is None:
        return []
    return [
        f"from epoch {runs.loss_untested_from} on, rounding alone may change the loss by as much as its size: "
        "its agreement says nothing there, that of the weights does"
    ]


def _all_broke_down_alike(runs: Trajectories) -> bool:
    """Whether every backend's loss ends in NaN or infinity, and up to there nothing says that one of them is wrong."""
    if any(np.isfinite(losses[-1]) for losses in runs.losses.values()):
        return False
    first = runs.first
    parted_in_nan = first is not None and not np.isfinite([float(first.want), float(first.got)]).any()
    return parted_in_nan or runs.certificates.keys() == runs.losses.keys()


def _about_flip(flip: Flip) -> str:
    index = ", ".join(str(i) for i in flip.index)
    return (
        f"epoch {flip.epoch}: {flip.op} unit {flip.tensor}[{index}] is {float(flip.reference_value):.3g} in the "
        f"reference and {float(flip.backend_value):.3g} in {flip.backend}, on the other side of the kink"
    )
