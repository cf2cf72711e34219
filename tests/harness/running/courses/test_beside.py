"""Backends that train in processes beside the reference: everything comes out as in one process."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Step
from harness.certifying.training import train_and_certify
from harness.errors import Crashed, InputError
from harness.guarding.guest import Guest
from harness.recording.catalogue import find_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_experiment
from harness.running import lockstep
from harness.running.courses import beside, courses, rehearsal
from harness.running.courses.course import CourseHere
from harness.running.courses.rehearsal import TIMED
from harness.running.experiment import Experiment, prepare
from harness.running.lockstep import train_in_lockstep
from harness.running.process import pinned
from harness.running.trajectories import Observers
from tests.harness.broken import relu_without_mask, with_changes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a process is copied on Linux only")
HERE = os.getpid()
UPDATES = 12


def all_elsewhere(seconds: Mapping[CourseHere, float], processes: int, *_: float) -> list[list[CourseHere]]:
    """Gives all courses to other processes, in turn."""
    return [[], *(list(seconds)[place :: processes - 1] for place in range(processes - 1))]


@pytest.fixture(autouse=True)
def each_run_is_worth_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """However short it is; and whatever takes how long, all but the reference trains elsewhere."""
    monkeypatch.setattr(lockstep, "WORTH_A_PROCESS", 0)
    monkeypatch.setattr(courses, "balanced", all_elsewhere)


def experiment(name: str, others: list[LoadedBackend], processes: int, **settings: Any) -> Experiment:
    """A short run of a built-in scenario."""
    (scenario,) = find_scenarios([name])
    backends = [load_backend("numpy"), *others]
    prepared = prepare(scenario.vary(epochs=settings.pop("epochs", UPDATES)), backends, **settings)
    return replace(prepared, processes=processes)


def trusted(name: str, module: ModuleType) -> LoadedBackend:
    """A backend that stands for a built-in one."""
    return LoadedBackend(name, module, Guest(is_trusted=True))


def trained(name: str, processes: int, **settings: Any) -> tuple[Any, ...]:
    """All that a run leaves, but for the time that it took."""
    chosen = experiment(name, [load_backend("chainer"), load_backend("torch")], processes, **settings)
    with pinned(chosen.backends, 1), np.errstate(all="ignore"):
        runs, certificates = train_and_certify(chosen)
    return (
        {name: losses.tolist() for name, losses in runs.losses.items()},
        [vars(deviations) for deviations in runs.deviations],
        {name: {key: array.tolist() for key, array in weights.items()} for name, weights in runs.final_weights.items()},
        (runs.dead_gradients, runs.horizon, runs.loss_untested_from, runs.untraced),
        certificates,
    )


@pytest.mark.parametrize("certify", [None, 1])
@pytest.mark.parametrize(
    ("name", "in_dtype", "epochs"),
    [("two_layer_tiny", "float32", 70), ("batch_norm_mlp", "float64", 4), ("accumulated_and_clipped", "float64", 4)],
)
def test_everything_comes_out_as_in_one_process(
    name: str, in_dtype: str, epochs: int, certify: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In several turns, with buffers, and with mini-batches; and whichever courses train elsewhere."""
    alone = trained(name, 1, dtype=in_dtype, epochs=epochs, certify=certify)
    for processes in (2, 3, 8):
        assert trained(name, processes, dtype=in_dtype, epochs=epochs, certify=certify) == alone
    for share in (0.15, 1.0):  # with mini-batches, a part of an epoch is timed, and more than one
        monkeypatch.setattr(rehearsal, "SHARE_TIMED", share)
        assert trained(name, 2, dtype=in_dtype, epochs=epochs, certify=certify) == alone
    for apart in ((0, 2), (1, 3), (3, 0), (2,)):

        def some_elsewhere(
            seconds: Mapping[CourseHere, float], *_: float, apart: Sequence[int] = apart
        ) -> list[list[CourseHere]]:
            given = list(seconds)
            return [[course for course in given if given.index(course) not in apart], [given[i] for i in apart]]

        monkeypatch.setattr(courses, "balanced", some_elsewhere)
        assert trained(name, 2, dtype=in_dtype, epochs=epochs, certify=certify) == alone


def test_other_processes_train_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise this file would show nothing."""
    where: list[int] = []

    def train(*given: Any, trace: bool = False) -> Iterator[Step]:
        for step in numpy_manual.train(*given, trace=trace):
            where.append(os.getpid())
            yield step

    mine = trusted("torch", with_changes(train=train))
    for processes, here in ((1, UPDATES), (2, 1)):  # in the second case, what is timed
        where.clear()
        run_experiment(experiment("two_layer_tiny", [mine], processes), timed=False)
        assert where == [HERE] * here
    started: list[beside.Beside] = []
    start = beside.Beside.__enter__

    def counted(process: beside.Beside) -> beside.Beside:
        started.append(process)
        return start(process)

    monkeypatch.setattr(beside.Beside, "__enter__", counted)
    for processes in (2, 3):
        started.clear()
        train_in_lockstep(experiment("two_layer_tiny", [mine], processes))
        assert len(started) == processes - 1


def test_a_short_run_is_not_worth_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockstep, "WORTH_A_PROCESS", 1e9)
    monkeypatch.setattr(courses, "Beside", None)
    train_in_lockstep(experiment("two_layer_tiny", [load_backend("chainer")], 2))


@pytest.mark.parametrize(("is_trusted", "threads"), [(False, 1), (True, 2)])
def test_threads_that_a_copy_would_miss_keep_all_in_one_process(
    is_trusted: bool, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a user's library, and those of a framework that is told to use several."""
    mine = LoadedBackend("mine", with_changes(), Guest(is_trusted=is_trusted))
    monkeypatch.setattr(courses, "Beside", None)
    train_in_lockstep(experiment("two_layer_tiny", [mine], 2, threads=threads))


def test_a_culprit_is_found_there_as_here() -> None:
    mine = trusted("torch", with_changes(relu=relu_without_mask))
    here, there = (
        run_experiment(experiment("two_layer_tiny", [mine], processes, certify=1), timed=False) for processes in (1, 2)
    )
    assert there.verdict == "disagree"
    assert there.culprits == here.culprits
    assert there.worst == here.worst


def failing_at(late: int) -> ModuleType:
    """A backend that raises an error in an update."""

    def train(*given: Any, trace: bool = False) -> Iterator[Step]:
        for number, step in enumerate(numpy_manual.train(*given, trace=trace), 1):
            if number == late:
                raise ZeroDivisionError("no more")
            yield step

    return with_changes(train=train)


def test_an_error_of_the_turn_ahead_is_told_when_it_is_its_turn() -> None:
    """The reference, which is a turn ahead, has its error before another backend has an earlier one."""
    (scenario,) = find_scenarios(["two_layer_tiny"])
    backends = [trusted("numpy", failing_at(75)), trusted("torch", failing_at(40))]
    prepared = prepare(scenario.vary(epochs=100), backends)
    for processes in (1, 2):
        with pytest.raises(Crashed, match="backend torch raised ZeroDivisionError at update 40"):
            train_in_lockstep(replace(prepared, processes=processes))


@pytest.mark.parametrize("late", [1, TIMED + 5])
def test_an_error_there_is_told_as_one_here(late: int) -> None:
    """At the first update and at a later one."""
    for ending in multiprocessing.active_children():  # of tests before this one
        ending.join()
    mine = trusted("torch", failing_at(late))
    said = []
    for processes in (1, 2):
        with pytest.raises(Crashed) as raised:
            train_in_lockstep(experiment("two_layer_tiny", [mine], processes, epochs=40))
        said.append(str(raised.value))
    assert said[0] == said[1]
    assert f"at update {late}" in said[0]
    assert not multiprocessing.active_children()


def test_a_process_that_is_killed_is_not_missed() -> None:
    """All is done again in this one."""

    def train(*given: Any, trace: bool = False) -> Iterator[Step]:
        for number, step in enumerate(numpy_manual.train(*given, trace=trace), 1):
            if number == UPDATES and os.getpid() != HERE:
                os.kill(os.getpid(), signal.SIGKILL)
            yield step

    mine = trusted("torch", with_changes(train=train))
    result = run_experiment(experiment("two_layer_tiny", [mine], 2, certify=1), timed=False)
    assert result.verdict == "agree"
    assert result.certified["torch"]["updates"] == UPDATES
    assert result.certified["numpy"]["updates"] == UPDATES  # those of the first attempt are not counted


def test_what_can_not_be_told_between_processes_is_done_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unspeakable:
        def observe(self, update: Any) -> None:
            pass

        def catch_up(self) -> None:
            pass

        def seen(self) -> Any:
            return lambda: HERE

    made: list[dict[str, Unspeakable]] = []

    def observers() -> Observers:
        made.append({"numpy": Unspeakable(), "torch": Unspeakable()})
        return Observers(made[-1])

    mine = trusted("torch", with_changes())
    runs = train_in_lockstep(experiment("two_layer_tiny", [mine], 2), observers=observers)
    assert runs.seen["torch"]() == HERE
    assert len(made) == 2


def test_memory_that_two_backends_share_is_found_before_they_part() -> None:
    """Of three, each in a process of its own."""
    kept: dict[str, np.ndarray[Any, Any]] = {}

    def train(*given: Any, trace: bool = False) -> Iterator[Step]:
        for step in numpy_manual.train(*given, trace=trace):
            weights = {name: kept.setdefault(name, array) for name, array in step.weights.items()}
            yield replace(step, weights=weights)

    others = [trusted(name, with_changes(train=train)) for name in ("one", "two", "three")]
    with pytest.raises(InputError, match="shares memory with backend two"):
        train_in_lockstep(experiment("two_layer_tiny", others, 4))
