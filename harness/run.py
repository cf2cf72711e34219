"""Runs scenarios and says what came out: agree, drift, disagree or inconclusive."""

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from backends.vocabulary import BUILT_IN
from harness.judging.judgement import train_and_judge
from harness.recording.loading import LoadedBackend
from harness.results import Result
from harness.running.allowance import Tolerances
from harness.running.experiment import Experiment, prepare
from harness.running.lockstep import Progress, warm_up
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
    experiment = prepare(scenario, backends, dtype, tolerances=tolerances, certify=certify, threads=threads)
    return run_experiment(experiment, progress)


def run_experiment(experiment: Experiment, progress: Progress | None = None) -> Result:
    """Run what was prepared and judge it. Raises InputError if a backend is not what it has to be."""
    # What overflows is seen in the tensors, so NumPy need not warn of it.
    with pinned(experiment.backends, experiment.threads), np.errstate(all="ignore"):
        warm_up(experiment)
        return train_and_judge(experiment, progress)


def versions() -> dict[str, str]:
    """Versions of Python and of every framework that is installed, without importing one."""
    installed = {"python": platform.python_version()}
    for name in BUILT_IN:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            installed[name] = "not installed"
    return installed
