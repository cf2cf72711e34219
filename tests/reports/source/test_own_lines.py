"""A user's backend in its own source: the functions of its file that a page shows beside the suite's."""

from pathlib import Path

from harness.recording.loading import load_backend
from reports.source.own_lines import own_functions_of
from tests.harness.studies.article_runs import PROGRAM

WITH_GLOBALS = """from backends.numpy_manual import *

SLOPES = [0.0, 1.0]
NAMED = {"low": 0.0}
FLOOR = np.zeros(1)


def relu(x):
    y = np.maximum(x, FLOOR + NAMED["low"]).astype(x.dtype)
    return y, lambda grad_y: masked(grad_y, x)


def masked(grad_y, x):
    return (np.where(x > SLOPES[0], grad_y, 0),)
"""


WITH_A_HELPER = """from backends.numpy_manual import *


def relu(x):
    def clipped(values):
        return np.maximum(values, 0)

    def backward(grad_y):
        return (np.where(x > 0, grad_y, 0),)

    return clipped(x), backward
"""


def test_a_helper_of_the_forward_is_not_taken_for_the_backward(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(WITH_A_HELPER, encoding="utf-8")
    ((relu,),) = own_functions_of(load_backend(f"mine={file}").module, PROGRAM).values()
    assert {line.number: line.computes for line in relu.lines} == {
        4: "forward",
        5: "both",
        6: "both",
        8: "backward",
        9: "backward",
        11: "forward",
    }


def test_a_function_may_mention_lists_dicts_and_arrays(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(WITH_GLOBALS, encoding="utf-8")
    found = own_functions_of(load_backend(f"mine={file}").module, PROGRAM)
    assert {name: [each.place for each in functions] for name, functions in found.items()} == {
        "relu": ["mine.py:8", "mine.py:13"]
    }
