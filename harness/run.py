"""Runs scenarios and reaches a verdict: agree, drift, disagree or inconclusive."""

import signal
from collections.abc import Sequence

import numpy as np

from harness.errors import InputError
from harness.guarding.printing import off_stdout
from harness.guarding.shortages import shortages_named
from harness.guarding.stopping import stops_noted
from harness.judging.judgement import train_and_judge
from harness.recording.loading import LoadedBackend
from harness.results import Result
from harness.running.allowance import Tolerances
from harness.running.courses.rehearsal import warm_up
from harness.running.experiment import Experiment, prepare
from harness.running.lockstep import Progress
from harness.running.process import pinned
from scenarios import Scenario


def run_scenario(
    scenario: Scenario,
    backends: Sequence[LoadedBackend],
    *,
    dtype: str | None = None,
    tolerances: Tolerances | None = None,
    certify: int | None = 1,
    threads: int = 1,
    accept_untested: bool = False,
    as_is: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Run one scenario through all backends, the reference first, and judge it.

    `dtype` is the scenario's own if None. Every `certify`-th update is certified; none if None. With `accept_untested`
    the run agrees although a unit or a gradient was never exercised. With `as_is` each framework runs with its own
    functions in place of the normalised ones.
    Raises InputError if the scenario or a backend is invalid.
    """
    experiment = prepare(
        scenario,
        backends,
        dtype,
        tolerances=tolerances,
        certify=certify,
        threads=threads,
        accept_untested=accept_untested,
        as_is=as_is,
    )
    return run_experiment(experiment, progress)


@off_stdout()
def run_experiment(experiment: Experiment, progress: Progress | None = None, *, timed: bool = True) -> Result:
    """Run a prepared experiment and judge it. Where its times are of no interest, frameworks are not warmed up.

    Raises InputError if a backend breaks the contract, Crashed if it raises an error or would end the process, and
    OutOfMemory if there is not enough for the run.
    """
    named = shortages_named(f"scenario {experiment.scenario.name} {experiment.dtype}")
    pools = pinned(experiment.backends, experiment.threads)
    try:
        # Overflows show in the tensors, so NumPy need not warn.
        with named, stops_noted(signal.SIGINT), pools, np.errstate(all="ignore"):
            if timed:
                warm_up(experiment)
            return train_and_judge(experiment, progress)
    except InputError as error:
        own = " and ".join(f"{n.backend}'s {n.op}" for n in experiment.normalised if n.as_it_comes)
        if not own:
            raise
        raise type(error)(f"{error}\nThis run takes {own} as it comes, which may give another shape") from error
