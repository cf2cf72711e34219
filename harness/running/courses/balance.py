"""Shares trainings among processes, so that each has about as much to do."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Task = TypeVar("Task", bound=Hashable)


def balanced(seconds: Mapping[Task, float], processes: int, first: float) -> list[list[Task]]:
    """Which tasks each process has, in their order; the first has something else to do that takes `first` seconds.

    The last process is done as early as can be. That is found by trying all ways, the longest task first; those that
    are no better than what was found until then are left out, and so are processes that are like another one.
    """
    longest_first = sorted(seconds, key=lambda task: -seconds[task])
    best, process_of = math.inf, dict.fromkeys(seconds, 0)

    def share(given: Sequence[int], loads: Sequence[float]) -> None:
        nonlocal best, process_of
        if max(loads) >= best:
            return
        if len(given) == len(longest_first):
            best, process_of = max(loads), dict(zip(longest_first, given, strict=True))
            return
        tried = set()
        for process in sorted(range(processes), key=loads.__getitem__):
            if loads[process] not in tried:
                tried.add(loads[process])
                more = loads[process] + seconds[longest_first[len(given)]]
                share([*given, process], [*loads[:process], more, *loads[process + 1 :]])

    share([], [first, *[0.0] * (processes - 1)])
    return [[task for task in seconds if process_of[task] == process] for process in range(processes)]
