"""What each backend does alone before a run: a first update, and some that are timed."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from backends.contract import Node
from harness.running.courses.course import CourseHere
from harness.running.deviations import Scratch, difference
from harness.running.experiment import Experiment
from harness.running.runner import Runner

TIMED = 7
"""How many updates, at most, are timed."""
UNTYPICAL = 4
"""Of so many at the start, all bounds are computed at two."""
SHARE_TIMED = 1 / 25
"""Of all updates."""
COLD = 2.5
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


def warm_up(experiment: Experiment) -> None:
    """Make one update with every backend, so that loading a framework on first use is not timed as training."""
    for backend in experiment.backends:
        Runner(backend, experiment.program, experiment.draws, 1, experiment.dtype).advance()


def rehearse(courses: Sequence[CourseHere], nodes: Sequence[Node], experiment: Experiment) -> Rehearsal:
    """Train the first updates with each backend in turn, the reference first; `nodes` are what a run compares."""
    updates = min(TIMED, math.ceil(experiment.updates * SHARE_TIMED))
    paces = {course.name: _pace(course, updates) for course in courses}
    tensors = [array for node in nodes if (array := node.read(courses[0].step)) is not None]
    scratch = Scratch(experiment.dtype)

    def compare() -> None:
        for array in tensors:
            difference(np.array(array), array, None, scratch)

    comparisons = [_seconds(compare) for _ in range(TIMED)]
    return Rehearsal(paces, COLD * median(comparisons) / len(experiment.draws.batch_rows))


def _pace(course: CourseHere, updates: int) -> Pace:
    trainings, observed = [], []
    for number in range(updates):
        if number == UNTYPICAL:
            course.catch_up()
        before = course.seconds
        observed.append(_seconds(course.advance))
        trainings.append(course.seconds - before)
    put_off = _seconds(course.catch_up)
    typical = observed[UNTYPICAL:] or observed[1:] or observed
    return Pace(median(trainings), min(typical) + put_off / len(typical))


def _seconds(do: Callable[[], None]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
