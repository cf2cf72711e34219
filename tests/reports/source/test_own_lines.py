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


def test_a_function_may_mention_lists_dicts_and_arrays(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(WITH_GLOBALS, encoding="utf-8")
    found = own_functions_of(load_backend(f"mine={file}").module, PROGRAM)
    assert {name: [each.place for each in functions] for name, functions in found.items()} == {
        "relu": ["mine.py:8", "mine.py:13"]
    }
