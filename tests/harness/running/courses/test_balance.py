"""How the parts of a run are shared among processes."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.running.courses.balance import balanced


@pytest.mark.parametrize(
    ("seconds", "processes", "first", "expected"),
    [
        ({"a": 1.0, "b": 1.0, "c": 3.0}, 2, 0.0, [["c"], ["a", "b"]]),
        ({"a": 1.0, "b": 1.0, "c": 3.0}, 2, 4.0, [["b"], ["a", "c"]]),
        ({"a": 1.0, "b": 1.0}, 4, 2.0, [[], ["a"], ["b"], []]),
        ({"a": 1.0, "b": 2.0}, 2, 9.0, [[], ["a", "b"]]),
        ({"a": 1.0, "b": 2.0}, 1, 9.0, [["a", "b"]]),
        ({"a": 4.0, "b": 4.0, "c": 7.0, "d": 5.0}, 2, 5.0, [["a", "b"], ["c", "d"]]),
        ({}, 2, 1.0, [[], []]),
    ],
)
def test_each_process_has_about_as_much_to_do(
    seconds: dict[str, float], processes: int, first: float, expected: list[list[str]]
) -> None:
    """And its tasks stay in their order.

    To give each task to the process that is done with it first is not always best: in the last case but one, 7 and 4
    would be done in one process, and 5, 5 and 4 in the other.
    """
    assert balanced(seconds, processes, first) == expected


@given(st.lists(st.integers(0, 9), max_size=5), st.integers(1, 3), st.integers(0, 20))
def test_no_other_way_is_done_earlier(seconds: list[int], processes: int, first: int) -> None:
    tasks = dict(enumerate(map(float, seconds)))

    def done(process_of: Sequence[int]) -> float:
        loads = [float(first), *[0.0] * (processes - 1)]
        for task, process in enumerate(process_of):
            loads[process] += tasks[task]
        return max(loads)

    shared = balanced(tasks, processes, float(first))
    ours = [next(process for process, its in enumerate(shared) if task in its) for task in tasks]
    assert done(ours) == min(map(done, product(range(processes), repeat=len(tasks))))
