"""How long each part of a run takes, by its first updates, which one process makes."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from backends.contract import Array
from harness.running.deviations import Scratch, difference
from harness.running.experiment import Experiment
from harness.running.runner import Runner

TIMED = 7
"""How many updates, at most, are timed."""
UNTYPICAL = 4
"""So many at the start take longer: memory is used for the first time, and at two of them all bounds are computed."""
SHARE_TIMED = 1 / 25
"""Of all updates."""
COLD = 1.5
"""How many times as long a comparison takes in a run, where the other training's tensors are in no cache."""


class Pace(NamedTuple):
    """How long an update takes, in seconds."""

    training: float
    """The backend by itself, at a typical update."""
    observed: float
    """With all that checks and observes it, at the quickest update, and its part of what is put off."""


class Rehearsal(NamedTuple):
    """How long the parts of a run take per update, in seconds, with nothing beside them."""

    paces: Mapping[str, Pace]
    """Of each backend."""
    comparison: float
    """Of all tensors of one training with the reference's."""


class Stopwatch:
    """Times the first updates of a training."""

    def __init__(self, updates: int) -> None:
        """It times so many."""
        self._updates = updates
        self._training: list[float] = []
        self._observed: list[float] = []

    @property
    def runs(self) -> bool:
        """Whether there are updates left to time."""
        return len(self._observed) < self._updates

    def time(self, advance: Callable[[], None], trained: Callable[[], float], catch_up: Callable[[], None]) -> None:
        """Time one update; `trained` is how long the backend has taken in all, and `catch_up` does what is put off."""
        if len(self._observed) == UNTYPICAL:
            catch_up()
        before = trained()
        self._observed.append(seconds_of(advance))
        self._training.append(trained() - before)

    def pace(self, catch_up: Callable[[], None]) -> Pace:
        """What was measured."""
        put_off = seconds_of(catch_up)
        training, observed = _typical(self._training), _typical(self._observed)
        return Pace(median(training), min(observed) + put_off / len(observed))


def _typical(times: Sequence[float]) -> Sequence[float]:
    return times[UNTYPICAL:] or times[1:] or times


def warm_up(experiment: Experiment) -> None:
    """Make one update with every backend, so that loading a framework on first use is not timed as training."""
    for backend in experiment.backends:
        Runner(backend, experiment.program, experiment.draws, 1, experiment.dtype).advance()


def rehearsed_updates(experiment: Experiment) -> int:
    """How many updates tell how long a run takes."""
    return min(TIMED, math.ceil(experiment.updates * SHARE_TIMED))


def seconds_to_compare(tensors: Sequence[Array], experiment: Experiment) -> float:
    """How long it takes to compare these tensors with others, per update."""
    scratch = Scratch(experiment.dtype)

    def compare() -> None:
        for array in tensors:
            difference(np.array(array), array, None, scratch)

    comparisons = [seconds_of(compare) for _ in range(TIMED)]
    return COLD * median(comparisons) / len(experiment.draws.batch_rows)


def seconds_of(do: Callable[[], None]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
