"""Measures a lockstep run against bare loops in one process: medians of alternating rounds, and ratios."""

import importlib
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.certifying.training import train_and_certify
from harness.recording.catalogue import find_scenarios
from harness.recording.loading import LoadedBackend, load_backends
from harness.running.courses.rehearsal import warm_up
from harness.running.experiment import Experiment, prepare
from harness.running.lockstep import train_in_lockstep, trains_beside
from harness.running.process import pinned
from harness.running.runner import Runner
from scenarios import Scenario

ROUNDS = 7
BARE_LOOPS = "backends.peers.bare_loops"
"""The module of bare loops, imported when they are timed: it imports the frameworks."""
REPETITIONS = 5
"""Of bare loops and backends alone, in turns, in every round, because their ratios are near 1."""
MEMORY_SCENARIO, FEW_EPOCHS = "two_layer_tiny", 300
MANY_EPOCHS, MANY_CERTIFIED_EPOCHS = 30_000, 3_000
PLAIN_RUN, CERTIFIED_RUN = "run --no-certify --workers 1", "run --workers 1"
"""Runs in this process, by the options of `lockstep run`."""
PLAIN_RUN_BESIDE, CERTIFIED_RUN_BESIDE = "run --no-certify", "run"
"""Runs that are shared among processes, where there are cores for them."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Timing:
    """The median time of a task per epoch, and its ratio to that of other tasks."""

    what: str
    milliseconds: float
    ratio: float | None = None
    against: str = ""
    target: float | None = None


@dataclass(frozen=True)
class Memory:
    """Peak resident memory of a run of this many epochs; None if the system does not report it."""

    what: str
    epochs: int
    peak_bytes: int | None


def bench_time(scenario: Scenario, threads: int, processes: int, progress: Progress) -> list[Timing]:
    """Time bare loops, backends alone and lockstep runs in one and in several processes, in alternating rounds.

    Bare loops exist for the two-layer networks; for other scenarios the backends alone take their place. The time of a
    task that a round repeats is its median.
    """
    backends = load_backends([])
    with pinned(backends, threads):
        experiment = prepare(scenario, backends, scenario.dtype, threads=threads)
        warm_up(experiment)
        measured: dict[str, list[float]] = {}
        bare = _bare_loops(scenario, experiment)
        loops: dict[str, Callable[[], Any]] = {
            **{f"bare {name} loop": loop for name, loop in bare.items()},
            **{f"{backend.name} alone": _alone(experiment, backend) for backend in backends},
        }
        runs: dict[str, Callable[[], Any]] = {
            PLAIN_RUN: lambda: train_in_lockstep(experiment),
            CERTIFIED_RUN: lambda: train_and_certify(replace(experiment, certify=1)),
        }
        beside = replace(experiment, processes=processes)
        if trains_beside(beside):
            runs[PLAIN_RUN_BESIDE] = lambda: train_in_lockstep(beside)
            runs[CERTIFIED_RUN_BESIDE] = lambda: train_and_certify(replace(beside, certify=1))
        for number in range(ROUNDS + 1):
            progress(f"round {number} of {ROUNDS}" if number else "warming up")
            for what, seconds in (_timed(loops, REPETITIONS) | _timed(runs, 1)).items():
                if number:
                    measured.setdefault(what, []).append(seconds / scenario.epochs * 1e3)
    return _timings(measured, [backend.name for backend in backends], bool(bare))


def _timed(tasks: Mapping[str, Callable[[], Any]], repetitions: int) -> dict[str, float]:
    """The median seconds of each task, with all tasks taking turns `repetitions` times."""
    seconds: dict[str, list[float]] = {what: [] for what in tasks}
    for _ in range(repetitions):
        for what, task in tasks.items():
            began = time.perf_counter()
            task()
            seconds[what].append(time.perf_counter() - began)
    return {what: statistics.median(taken) for what, taken in seconds.items()}


def _timings(measured: dict[str, list[float]], names: Sequence[str], has_bare_loops: bool) -> list[Timing]:
    def ratio(what: str, against: Sequence[str]) -> float:
        """The median over rounds of the ratio within a round, which hardly changes when the machine is slow."""
        sums: list[float] = [sum(times) for times in zip(*[measured[name] for name in against], strict=True)]
        return statistics.median(time / total for time, total in zip(measured[what], sums, strict=True))

    base = [f"bare {name} loop" if has_bare_loops else f"{name} alone" for name in names]
    timings = [Timing(what, statistics.median(measured[what])) for what in measured if what.startswith("bare")]
    for name in names:
        alone, bare = f"{name} alone", f"bare {name} loop"
        against = bare if has_bare_loops else f"{names[0]} alone"
        target = 1.05 if has_bare_loops and name == "numpy" else None
        timings.append(Timing(alone, statistics.median(measured[alone]), ratio(alone, [against]), against, target))
    against = "the three bare loops" if has_bare_loops else "the three alone"
    for what, compared, name, target in (
        (PLAIN_RUN, base, against, 2.2),
        (CERTIFIED_RUN, [PLAIN_RUN], PLAIN_RUN, 5.0),
        (PLAIN_RUN_BESIDE, base, against, 1.3),
        (CERTIFIED_RUN_BESIDE, base, against, 3.0),
    ):
        if what in measured:
            limit = target if has_bare_loops else None
            timings.append(Timing(what, statistics.median(measured[what]), ratio(what, compared), name, limit))
    return timings


def _bare_loops(scenario: Scenario, experiment: Experiment) -> dict[str, Callable[[], Any]]:
    arrays = {**experiment.draws.data, **experiment.draws.weights}
    if scenario.function is not find_scenarios(["two_layer"])[0].function:
        return {}
    settings = {"lr": scenario.optimizer.settings["lr"], "epochs": scenario.epochs}
    return {
        name: lambda loop=loop: loop(**arrays, **settings)  # type: ignore[misc]
        for name, loop in importlib.import_module(BARE_LOOPS).BARE_LOOPS.items()
    }


def _alone(experiment: Experiment, backend: LoadedBackend) -> Callable[[], None]:
    updates = experiment.epochs * len(experiment.draws.batch_rows)

    def train() -> None:
        runner = Runner(backend, experiment.program, experiment.draws, experiment.epochs, experiment.dtype)
        for _ in range(updates):
            runner.advance()

    return train


def bench_memory(progress: Progress) -> list[Memory]:
    """Peak resident memory of lockstep runs of few and of many epochs, one after the other in this process."""
    backends = load_backends([])
    peaks = []
    with pinned(backends, 1):
        for what, certify, many in ((PLAIN_RUN, None, MANY_EPOCHS), (CERTIFIED_RUN, 1, MANY_CERTIFIED_EPOCHS)):
            for first, epochs in ((True, FEW_EPOCHS), (False, FEW_EPOCHS), (False, many)):
                progress(f"memory over {epochs} epochs")
                scenario = find_scenarios([MEMORY_SCENARIO])[0].vary(epochs=epochs)
                experiment = prepare(scenario, backends, scenario.dtype, certify=certify)
                _forget_peak()
                train_and_certify(experiment)
                if not first:  # the first run pays for what is loaded on first use
                    peaks.append(Memory(what, epochs, _peak()))
    return peaks


def _forget_peak() -> None:
    """Linux: set the peak of this process's resident memory back to what it is now."""
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int | None:
    if sys.platform != "linux":
        return None
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None
