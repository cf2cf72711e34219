"""Shares trainings among processes, so that each has about as much to do."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Task = TypeVar("Task", bound=Hashable)


def balanced(seconds: Mapping[Task, float], processes: int, first: float) -> list[list[Task]]:
    """Which tasks each process has, in their order; the first has something else to do that takes `first` seconds.

    The longest task is given out first, each to the process that has the least to do till then (Graham 1969, LPT).
    """
    loads = [first, *[0.0] * (processes - 1)]
    process_of: dict[Task, int] = {}
    for task in sorted(seconds, key=lambda task: -seconds[task]):
        process_of[task] = loads.index(min(loads))
        loads[process_of[task]] += seconds[task]
    return [[task for task in seconds if process_of[task] == process] for process in range(processes)]
