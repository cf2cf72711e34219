"""Runs scenarios and says what came out: agree, drift, disagree or inconclusive."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from backends.contract import Program
from lockstep.compare import Tolerances
from lockstep.draws import Draws, draw
from lockstep.errors import InputError, did_you_mean
from lockstep.loading import BUILT_IN_BACKENDS, LoadedBackend, check_ops, hand_written_ops, load_backend
from lockstep.record import record
from lockstep.results import Flip, Mismatch, Number, Result, Verdict, Worst, number
from lockstep.stepping import Runner
from lockstep.threads import pinned
from lockstep.trajectories import (
    Experiment,
    Progress,
    Trajectories,
    compare_trajectories,
    trace_to_first_mismatch,
)
from scenarios import Scenario, ScenarioError


@dataclass(frozen=True)
class Judgement:
    """A verdict with what led to it."""

    verdict: Verdict
    trajectories: Trajectories
    culprit: Mismatch | None = None
    flip: Flip | None = None
    notes: tuple[str, ...] = ()


def run_scenario(
    scenario: Scenario,
    backends: Sequence[LoadedBackend],
    *,
    dtype: str | None = None,
    tolerances: Tolerances | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> Result:
    """Run one scenario through all backends, the reference first, and judge it.

    `dtype` is the scenario's own if None. Raises InputError if the scenario or a backend is not what it has to be.
    """
    dtype = dtype or scenario.dtype
    # What overflows is seen in the tensors, so NumPy need not warn of it.
    with pinned(backends, threads), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        experiment = prepare(scenario, backends, dtype, tolerances)
        warm_up(experiment)
        judgement = _judge(experiment, scenario, progress)
        accuracy = _accuracy(scenario, experiment, judgement.trajectories)
    return _result(scenario, experiment, judgement, accuracy, threads)


def prepare(
    scenario: Scenario, backends: Sequence[LoadedBackend], dtype: str, tolerances: Tolerances | None = None
) -> Experiment:
    """Draw and record a scenario, and check that every backend has what it needs."""
    if len(backends) < 2:
        raise InputError("fewer than two backends: there is nothing to compare")
    try:
        draws = draw(scenario, dtype)
    except ScenarioError as error:
        raise InputError(str(error)) from error
    first_batch = next(draws.batches(1))
    program = record(scenario, first_batch, draws.weights, hand_written_ops(backends))
    needed = dict.fromkeys([*(call.op for call in program.calls), program.optimizer.op])
    for backend in backends:
        check_ops(backend, needed, scenario.name)
    _check_accuracy(scenario, program, draws)
    return Experiment(
        program=program,
        draws=draws,
        backends=backends,
        dtype=dtype,
        epochs=scenario.epochs,
        seed=scenario.seed,
        tolerances=tolerances,
        kinks=load_backend("numpy").module.KINKS,
    )


def _check_accuracy(scenario: Scenario, program: Program, draws: Draws) -> None:
    """Raise InputError if the held-out accuracy that a scenario asks for could not be computed after its run."""
    if scenario.accuracy is None:
        return
    scores, labels = scenario.accuracy
    for name, known in ((scores, program.values), (labels, program.data)):
        if name not in known:
            raise InputError(f"scenario {scenario.name}: accuracy names {name!r}{did_you_mean(name, known)}")
    without = [name for name in program.data if name not in draws.held_out]
    if draws.held_out and without:
        raise InputError(f"scenario {scenario.name}: {', '.join(without)} has no held-out part, while other data has")


def warm_up(experiment: Experiment) -> None:
    """Make one update with every backend, so that what a framework loads on first use is not timed as training."""
    for backend in experiment.backends:
        Runner(backend, experiment.program, experiment.draws, 1, experiment.dtype).advance()


def _judge(experiment: Experiment, scenario: Scenario, progress: Progress | None) -> Judgement:
    runs = compare_trajectories(experiment, progress)
    nothing_tested = _nothing_tested(runs)
    if runs.first is None:
        verdict: Verdict = "inconclusive" if nothing_tested else "agree"
        return Judgement(verdict, runs, notes=(*nothing_tested, *_untested_loss(runs)))
    if _all_broke_down_alike(runs):
        return Judgement("inconclusive", runs, notes=tuple(nothing_tested))
    traced = trace_to_first_mismatch(experiment, runs.first.epoch)
    if experiment.tolerances is not None:
        return _disagreement(runs, traced)
    if experiment.dtype == "float64":
        return _judge_sharp(runs, traced)
    return _ask_float64(experiment, scenario, runs, traced)


def _judge_sharp(runs: Trajectories, traced: Trajectories) -> Judgement:
    """A float64 excess is a disagreement, unless it is the backward pass of a unit on the other side of a kink.

    The traced run compares inputs before gradients and stops at the first excess, so that unit's input was within its
    allowance; a bug that had moved it across would have been an excess of its own before.
    """
    if traced.flip is not None and traced.first is not None and traced.first.phase not in ("forward", "loss"):
        return Judgement("drift", runs, flip=traced.flip, notes=(_about_flip(traced.flip),))
    return _disagreement(runs, traced)


def _disagreement(runs: Trajectories, traced: Trajectories, *notes: str) -> Judgement:
    """A disagreement with the op where runs part, as far as the backends showed their intermediate values."""
    reference = next(iter(runs.losses))
    parting = {reference, traced.first.backend if traced.first else ""}
    for name in traced.untraced:
        if name in parting:
            unlocated = f"op not located: {name} yields no values with trace=True"
            return Judgement("disagree", runs, notes=(unlocated, *notes))
    return Judgement("disagree", runs, culprit=traced.first, notes=notes)


def _ask_float64(experiment: Experiment, scenario: Scenario, runs: Trajectories, traced: Trajectories) -> Judgement:
    """A float32 excess may be rounding that training amplified; float64 rounds 5e8 times finer, so it is asked."""
    sharp = _judge(prepare(scenario, experiment.backends, "float64"), scenario, None)
    if sharp.verdict in ("agree", "drift"):
        answer = "agrees" if sharp.verdict == "agree" else "drifts too"
        notes = [f"float64 {answer}: the excess in float32 is amplified rounding"]
        if traced.flip is not None:
            notes.append(_about_flip(traced.flip))
        return Judgement("drift", runs, flip=traced.flip, notes=tuple(notes))
    if sharp.verdict == "disagree":
        if traced.first is None and sharp.culprit is not None:
            return Judgement("disagree", runs, culprit=sharp.culprit, notes=("float64 disagrees too",))
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


def _untested_loss(runs: Trajectories) -> list[str]:
    """What the agreement of the loss does not say."""
    if runs.loss_untested_from is None:
        return []
    return [
        f"from epoch {runs.loss_untested_from} on, rounding alone may change the loss by as much as its size: "
        "its agreement says nothing there, that of the weights does"
    ]


def _all_broke_down_alike(runs: Trajectories) -> bool:
    """Whether the first mismatch is NaN or infinity on both sides, and every backend's loss ends that way."""
    first = runs.first
    if first is None or np.isfinite(float(first.want)) or np.isfinite(float(first.got)):
        return False
    return all(not np.isfinite(losses[-1]) for losses in runs.losses.values())


def _about_flip(flip: Flip) -> str:
    index = ", ".join(str(i) for i in flip.index)
    return (
        f"epoch {flip.epoch}: {flip.op} unit {flip.tensor}[{index}] is {float(flip.reference_value):.3g} in the "
        f"reference and {float(flip.backend_value):.3g} in {flip.backend}, on the other side of the kink"
    )


def _accuracy(scenario: Scenario, experiment: Experiment, runs: Trajectories) -> dict[str, float]:
    """Held-out accuracy per backend that traces, from its own forward pass with its own final weights."""
    if scenario.accuracy is None or not experiment.draws.held_out:
        return {}
    scores, labels = scenario.accuracy
    found = {}
    for backend in experiment.backends:
        held_out = {name: array.copy() for name, array in experiment.draws.held_out.items()}
        weights = runs.final_weights[backend.name]
        # The first step of a training that starts from these weights holds their forward pass.
        runner = Runner(
            backend,
            experiment.program,
            experiment.draws,
            1,
            experiment.dtype,
            weights=weights,
            batches=[held_out],
            trace=True,
        )
        values = runner.advance().values
        if scores not in values:
            continue
        predicted = np.asarray(values[scores]).argmax(axis=1)
        found[backend.name] = float(np.mean(predicted == experiment.draws.held_out[labels]))
    return found


def _result(
    scenario: Scenario, experiment: Experiment, judgement: Judgement, accuracy: dict[str, float], threads: int
) -> Result:
    runs = judgement.trajectories
    losses: dict[str, list[Number]] = {name: [number(loss) for loss in array] for name, array in runs.losses.items()}
    worst: list[Worst] = [worst for deviations in runs.deviations for worst in deviations.worst.values()]
    return Result(
        scenario=scenario.name,
        dtype=experiment.dtype,
        seed=scenario.seed,
        epochs=scenario.epochs,
        batch_size=scenario.batch_size,
        optimizer=scenario.optimizer.name,
        settings=dict(scenario.settings),
        reference=experiment.backends[0].name,
        backends=[backend.name for backend in experiment.backends],
        verdict=judgement.verdict,
        threads=threads,
        losses=losses,
        seconds=runs.seconds,
        accuracy=accuracy,
        worst=worst,
        first=runs.first,
        horizon=runs.horizon,
        flip=judgement.flip,
        certified={},
        culprits=[judgement.culprit] if judgement.culprit else [],
        notes=list(judgement.notes),
    )


def versions() -> dict[str, str]:
    """Versions of Python and of every framework that is installed, without importing one."""
    found = {"python": platform.python_version()}
    for name in BUILT_IN_BACKENDS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
