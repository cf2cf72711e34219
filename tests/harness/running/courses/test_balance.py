"""How the parts of a run are shared among processes."""

import pytest

from harness.running.courses.balance import balanced


@pytest.mark.parametrize(
    ("seconds", "processes", "first", "apart", "expected"),
    [
        ({"a": 1.0, "b": 1.0, "c": 3.0}, 2, 0.0, 0.0, [["c"], ["a", "b"]]),
        ({"a": 1.0, "b": 1.0, "c": 3.0}, 2, 4.0, 0.0, [["b"], ["a", "c"]]),
        ({"a": 1.0, "b": 1.0}, 4, 2.0, 0.0, [[], ["a"], ["b"], []]),
        ({"a": 1.0, "b": 2.0}, 2, 9.0, 0.5, [[], ["a", "b"]]),
        ({"a": 1.0, "b": 2.0}, 2, 0.5, 1.0, [["b"], ["a"]]),
        ({"a": 1.0, "b": 2.0}, 2, 0.5, 9.0, [["a", "b"], []]),
        ({}, 2, 1.0, 0.0, [[], []]),
    ],
)
def test_each_process_has_about_as_much_to_do(
    seconds: dict[str, float], processes: int, first: float, apart: float, expected: list[list[str]]
) -> None:
    """And its tasks stay in their order."""
    assert balanced(seconds, processes, first, apart) == expected
