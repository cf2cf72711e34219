"""Measures what certifying costs, and what it finds, beside what people check with otherwise."""

import importlib
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from backends.contract import Array, Call
from backends.mutants import MUTANTS
from backends.numpy_manual.gradients import DETACHED, Detached
from harness.certifying.training import train_and_certify
from harness.recording.loading import LoadedBackend, load_backends
from harness.running.courses.rehearsal import warm_up
from harness.running.experiment import Experiment, prepare
from harness.running.lockstep import train_in_lockstep
from harness.running.process import pinned
from harness.running.runner import Runner
from harness.running.updates import Update, Updates
from harness.studies.mutants.trials import try_mutant
from harness.studies.mutants.usual_checks import usual_checks
from scenarios import Scenario

DTYPE = "float64"
"""Numerical gradients mean nothing in float32."""
ROUNDS = 3
GRADIENT_CHECKS, TOLERANCES = "backends.peers.gradient_checks", "backends.peers.usual_checks"
"""Modules that are imported when something is measured: they import the frameworks."""
TRAINING, CERTIFIED, COMPARED = "training alone", "Lockstep", "Lockstep, --no-certify"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Way:
    """One way to check that three trainings agree."""

    name: str
    what: str
    """What it checks."""
    seconds: float
    times_training: float
    found: int | None
    """Of the mutants that were tried; None where nothing is checked."""
    tried: int


def measure_peers(scenario: Scenario, mutants: int, progress: Progress) -> list[Way]:
    """Time each way on the same training of three backends, and count which of so many mutants it finds.

    Raises BackendMissing where a framework can't be imported.
    """
    backends = load_backends([])
    with pinned(backends, 1), np.errstate(all="ignore"):
        experiment = prepare(scenario, backends, DTYPE)
        warm_up(experiment)
        ways = _ways(experiment)
        measured: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(1, ROUNDS + 1):
            for name, (_, do) in ways.items():
                progress(f"round {number} of {ROUNDS}: {name}")
                began = time.perf_counter()
                do()
                measured[name].append(time.perf_counter() - began)
    found, tried = _found(mutants, progress)
    return [
        Way(
            name,
            what,
            statistics.median(measured[name]),
            statistics.median(one / alone for one, alone in zip(measured[name], measured[TRAINING], strict=True)),
            found.get(name),
            tried,
        )
        for name, (what, _) in ways.items()
    ]


def _ways(experiment: Experiment) -> dict[str, tuple[str, Callable[[], object]]]:
    """What each way checks, and how it is done."""
    tolerances = importlib.import_module(TOLERANCES).TOLERANCES
    gradients = importlib.import_module(GRADIENT_CHECKS).GRADIENT_CHECKS
    return {
        TRAINING: ("nothing", partial(_compare_weights, experiment, None)),
        **{
            name: ("weights, every epoch", partial(_compare_weights, experiment, close))
            for name, close in tolerances.items()
        },
        **{
            name: (f"ops of {backend}, every update", partial(_check_gradients, experiment, backend, check))
            for name, (backend, check) in gradients.items()
        },
        COMPARED: ("loss, gradients, state, weights, every epoch", partial(train_in_lockstep, experiment)),
        CERTIFIED: (
            "that, and every op of all backends, every update",
            partial(train_and_certify, replace(experiment, certify=1)),
        ),
    }


def _compare_weights(experiment: Experiment, close: Callable[[Array, Array], bool] | None) -> None:
    """Train all backends on their own, and compare their weights with the reference's after every epoch, if at all."""
    per_epoch = len(experiment.draws.batch_rows)
    runners = [
        Runner(backend, experiment.program, experiment.draws, experiment.epochs, experiment.dtype)
        for backend in experiment.backends
    ]
    for _ in range(experiment.epochs):
        expected, *others = [[runner.advance() for _ in range(per_epoch)][-1].weights for runner in runners]
        if close is not None:
            for weights in others:
                for name, array in expected.items():
                    close(weights[name], array)


def _check_gradients(experiment: Experiment, name: str, check: Callable[..., bool]) -> None:
    """Train all backends, and check the gradients of every op of one of them at every update."""
    for backend in experiment.backends:
        for update in _updates(experiment, backend):
            if backend.name == name:
                for call in experiment.program.calls:
                    _check_call(call, backend, update, check)


def _check_call(call: Call, backend: LoadedBackend, update: Update, check: Callable[..., bool]) -> None:
    inputs = [np.array(update.read(each)) for each in call.inputs]
    fixed = DETACHED.get(call.op, Detached()).inputs
    if any(array.dtype.kind == "f" and place not in fixed for place, array in enumerate(inputs)):
        check(partial(getattr(backend.module, call.op), **call.settings), inputs, fixed)


def _updates(experiment: Experiment, backend: LoadedBackend) -> Iterator[Update]:
    program, draws, epochs = experiment.program, experiment.draws, experiment.epochs
    runner = Runner(backend, program, draws, epochs, experiment.dtype, trace=True)
    updates = Updates(program, draws, epochs)
    for _ in range(experiment.updates):
        yield updates.follow(runner.advance)


def _found(count: int, progress: Progress) -> tuple[dict[str, int], int]:
    """How many mutants each way finds, evenly from the corpus, and how many were tried."""
    sharp = [mutant for mutant in MUTANTS if DTYPE in mutant.dtypes]
    chosen = [sharp[place * len(sharp) // count] for place in range(min(count, len(sharp)))]
    checks: Mapping[str, Any] = usual_checks(DTYPE)
    found = {CERTIFIED: 0, **dict.fromkeys(checks, 0)}
    for number, mutant in enumerate(chosen, 1):
        progress(f"mutant {number} of {len(chosen)}")
        outcome = try_mutant(mutant, DTYPE, checks)
        found[CERTIFIED] += outcome.detected
        for name, is_caught in outcome.baselines.items():
            found[name] += is_caught
    return found, len(chosen)
