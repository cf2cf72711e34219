"""A user's scenario file or saved run that is broken in a less usual way is still one message with the place."""

import errno
import json
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep
from tests.lockstep.commands.test_refusals import CRASHED, RUN, SCENARIO_HEAD, WRONG_INPUT, check

REGRESSION = """
import numpy as np
from scenarios import Optimizer, data, param, randn, scenario, sgd

@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))
def mine(op, x, y, w):
    scores = op.matmul(x, w)
    return op.mean_squared_error(scores, y)
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine.py"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import a_module_that_nobody_has", "mine.py, line 1, can't be imported: No module named"),
        ("\nimport sys\nsys.exit(7)", "mine.py, line 3, called sys.exit(7)"),
        ("x = 1\n\0", "mine.py, line 2, does not parse"),
    ],
    ids=["import", "exit", "null byte"],
)
def test_a_scenario_file_that_does_not_load(text: str, said: str, lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(text)
    answer = lockstep("run", mine)
    # Python 3.11 does not say on which line a null byte is.
    exit_code = CRASHED if "exit" in text else WRONG_INPUT
    check(answer, exit_code, said.replace(", line 2,", "") if "line 2" not in answer.stderr else said)
    assert "line None" not in answer.stderr


def test_a_relative_path_gets_its_line_too(lockstep: Lockstep, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine.write_text("\n1 / 0")
    monkeypatch.chdir(mine.parent)
    check(lockstep("run", "./mine.py"), CRASHED, "mine.py, line 2, raised ZeroDivisionError")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("x=randn(4, 3)", "x=randn(10**9, 10**9, 3)", "x of shape (1000000000, 1000000000, 3) takes"),
        ("x=randn(4, 3)", "x=data(lambda: 1 / 0)", "x can't be drawn: ZeroDivisionError"),
        ("x=randn(4, 3)", "x=data(lambda: [[1.0]])", "data(...) must load a NumPy array, not list"),
        ("sgd(lr=0.1)", "Optimizer('lamb', {})", "backend numpy has no op lamb (needed by scenario mine)"),
        ("seed=1", "seed=1, accuracy=('score', 'y')", "accuracy names 'score'; did you mean 'scores'?"),
        ("seed=1", "seed=1, accuracy=('scores', 't')", "accuracy names 't'; there are x, y"),
    ],
)
def test_a_scenario_that_cannot_be_set_up(old: str, new: str, said: str, lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(REGRESSION.replace(old, new))
    check(lockstep("run", mine), CRASHED if "1 / 0" in new else WRONG_INPUT, "mine", said)


def test_the_map_of_a_scenario_with_an_unknown_optimizer(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(REGRESSION.replace("sgd(lr=0.1)", "Optimizer('lamb', {})"))
    check(lockstep("map", mine), WRONG_INPUT, "no op lamb (needed by scenario mine)")


def test_the_maps_of_all_scenarios_of_a_file_are_written_to_one_output(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(REGRESSION + REGRESSION.replace("def mine", "def other"))
    assert lockstep("map", mine, "--output", mine.with_name("map.txt")).exit_code == 0
    text = mine.with_name("map.txt").read_text()
    assert [line for line in text.splitlines() if line.startswith(("mine:", "other:"))] == ["mine: ", "other: "]


def test_a_file_may_define_dataclasses(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from backends.numpy_manual import *\n"
        "@dataclass\nclass Kept:\n    count: int = 0\n"
    )
    assert lockstep("run", "two_layer_tiny", "--epochs", 2, "--backend", f"mine={mine}").exit_code == 0


def test_runs_of_one_file_name_are_told_apart(lockstep: Lockstep, tmp_path: Path) -> None:
    paths = [tmp_path / folder / "run.json" for folder in ("before", "after")]
    for path in paths:
        path.parent.mkdir()
        assert lockstep(*RUN, "--json", path).exit_code == 0
    row = json.loads(lockstep("table", *paths, "--format", "json").stdout)[0]
    assert {"before/run: verdict", "after/run: verdict"} <= row.keys()


def test_an_op_whose_result_nobody_uses(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(
        SCENARIO_HEAD + "    op.relu(x)\n    h = op.add(op.matmul(x, w), b)\n    op.relu(h)\n"
        "    return op.mean_squared_error(h, y)\n"
    )
    assert lockstep("run", mine).exit_code == 0


def test_a_file_that_cannot_be_replaced_stays_and_nothing_half_written_is_left(
    lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "table.txt"
    path.write_text("of yesterday")
    monkeypatch.setattr(Path, "replace", full)
    answer = lockstep(*RUN, "--output", path)
    assert answer.exit_code == WRONG_INPUT
    assert f"can't write {path}: No space left on device" in answer.stderr
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("table.txt", "of yesterday")]
