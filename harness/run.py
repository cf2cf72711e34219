"""Runs scenarios and says what came out: agree, drift, disagree or inconclusive."""

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from harness.judging.judgement import Judgement, judge
from harness.judging.trajectories import Trajectories
from harness.recording.loading import BUILT_IN_BACKENDS, LoadedBackend
from harness.results import Number, Result, Worst, number
from harness.running.allowance import Tolerances
from harness.running.experiment import Experiment, prepare
from harness.running.runner import Progress, Runner
from harness.running.threads import pinned
from scenarios import Scenario


def run_scenario(
    scenario: Scenario,
    backends: Sequence[LoadedBackend],
    *,
    dtype: str | None = None,
    tolerances: Tolerances | None = None,
    certify: int | None = 1,
    threads: int = 1,
    progress: Progress | None = None,
) -> Result:
    """Run one scenario through all backends, the reference first, and judge it.

    `dtype` is the scenario's own if None; every `certify`-th update is certified, none if None.
    Raises InputError if the scenario or a backend is not what it has to be.
    """
    dtype = dtype or scenario.dtype
    # What overflows is seen in the tensors, so NumPy need not warn of it.
    with pinned(backends, threads), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        experiment = prepare(scenario, backends, dtype, tolerances, certify)
        warm_up(experiment)
        judgement = judge(experiment, scenario, progress)
        accuracy = _accuracy(scenario, experiment, judgement.trajectories)
    return _result(scenario, experiment, judgement, accuracy, threads)


def warm_up(experiment: Experiment) -> None:
    """Make one update with every backend, so that what a framework loads on first use is not timed as training."""
    for backend in experiment.backends:
        Runner(backend, experiment.program, experiment.draws, 1, experiment.dtype).advance()


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
        updates=scenario.epochs * len(experiment.draws.batch_rows),
        certified={name: certificate.counts for name, certificate in runs.certificates.items()},
        sharpness=[sharp for certificate in runs.certificates.values() for sharp in certificate.sharpness.values()],
        formulas=[formula for certificate in runs.certificates.values() for formula in certificate.formulas.values()],
        suspects=[suspect for certificate in runs.certificates.values() for suspect in certificate.suspects.values()],
        culprits=list(judgement.culprits),
        explanations=list(judgement.explanations),
        rulings=list(judgement.rulings),
        notes=[*judgement.notes, *_without_certificate(experiment, runs)],
    )


def _without_certificate(experiment: Experiment, runs: Trajectories) -> list[str]:
    """Which backends and ops have no certificate, and why."""
    if experiment.certify is None:
        return []
    notes = [f"{name} is not certified: it yields no values with trace=True" for name in runs.untraced]
    refused = {op: why for certificate in runs.certificates.values() for op, why in certificate.refused.items()}
    return [*notes, *(f"{op} is not certified: {why}" for op, why in refused.items())]


def versions() -> dict[str, str]:
    """Versions of Python and of every framework that is installed, without importing one."""
    found = {"python": platform.python_version()}
    for name in BUILT_IN_BACKENDS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
