"""Which line of the student's file a mistake is said to be on, and that two mistakes are said apart."""

from pathlib import Path

import pytest

from tests.harness.studies.lab.submissions import graded_op, mistake

ERRORS = """
def softmax(x, *, axis=-1):
    if axis == 0:
        raise KeyError("axis 0")
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    y = e / np.sum(e, axis=axis, keepdims=True)

    def backward(grad_y):
        raise RuntimeError("no idea")

    return y, backward
"""


def test_two_errors_on_two_lines_are_two_mistakes(tmp_path: Path) -> None:
    forward, backward = graded_op(tmp_path, ERRORS).mistakes
    assert (forward.phase, forward.text, forward.source) == (
        "forward",
        "raised KeyError: 'axis 0'",
        'raise KeyError("axis 0")',
    )
    assert (backward.phase, backward.text, backward.source) == (
        "backward",
        "raised RuntimeError: no idea",
        'raise RuntimeError("no idea")',
    )


def test_points_are_counted_with_the_mistake_that_costs_them(tmp_path: Path) -> None:
    op = graded_op(tmp_path, ERRORS)
    assert sum(each.points for each in op.mistakes) == op.of - op.points


def test_a_form_feed_ends_no_line(tmp_path: Path) -> None:
    source = "ONE = 1\n\x0c\ndef relu(x):\n    return np.maximum(x, 0), lambda grad_y: (np.where(x >= 0, grad_y, 0),)\n"
    assert mistake(tmp_path, source).source.startswith("return np.maximum")


def test_a_backward_of_another_file_is_on_no_line_of_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its line there may be that of a function here."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "helping_relu.py").write_text(
        "import numpy as np\n\n\ndef backward_of(x):\n\n    def backward(grad_y):\n        return grad_y\n\n"
        "    return backward\n"
    )
    source = """
    def other(x):
        y = x
        def inner(y): return y
        return y


    def relu(x):
        from helping_relu import backward_of
        return np.maximum(x, 0), backward_of(x)
    """
    found = mistake(tmp_path, source)
    assert found.kind == "array for a tuple"
    assert found.source == "return np.maximum(x, 0), backward_of(x)"


@pytest.mark.parametrize("deed", ["sys.exit()", "os._exit(3)"])
def test_an_operand_that_ends_the_process_when_it_is_computed_once_more_ends_nothing(tmp_path: Path, deed: str) -> None:
    source = f"""
    import os
    import sys
    times = []

    def factor(x):
        times.append(x)
        if len(times) % 2 == 0:
            {deed}
        return x

    def relu(x):
        return factor(x) @ np.ones(50), None
    """
    assert mistake(tmp_path, source).kind == "raised"
