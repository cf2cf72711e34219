"""Shares trainings among processes, so that each has about as much to do."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Task = TypeVar("Task", bound=Hashable)


def balanced(seconds: Mapping[Task, float], processes: int, first: float, apart: float) -> list[list[Task]]:
    """Which tasks each process has, in their order; the first has something else to do that takes `first` seconds.

    In the others each task takes `apart` seconds more. The longest task is given out first, each to the process that is
    done with it the earliest (Graham 1969, LPT).
    """
    loads = [first, *[0.0] * (processes - 1)]
    process_of: dict[Task, int] = {}
    for task in sorted(seconds, key=lambda task: -seconds[task]):
        done = [load + seconds[task] + (apart if process else 0.0) for process, load in enumerate(loads)]
        process_of[task] = done.index(min(done))
        loads[process_of[task]] = min(done)
    return [[task for task in seconds if process_of[task] == process] for process in range(processes)]
