"""`lockstep bench`: the backends' times side by side, and how that of a run grows."""

import json
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep


def test_bench_measures_side_by_side(lockstep: Lockstep) -> None:
    answer = lockstep("bench", "residual_shared", "--epochs", 3, "--no-memory", "--format", "json")
    assert answer.exit_code == 0
    rows = json.loads(answer.stdout)
    assert [row["what"] for row in rows] == [
        *("numpy alone", "chainer alone", "torch alone"),
        *("--no-certify --workers 1", "--workers 1"),
    ]
    assert all(isinstance(row["ms_per_epoch"], float) and row["ms_per_epoch"] > 0 for row in rows)
    assert all(isinstance(row["time_ratio"], float) and row["to"] for row in rows[1:])


def test_bench_shows_how_time_grows(lockstep: Lockstep, tmp_path: Path) -> None:
    options = ("--growth", "--most", 100, "--figures", tmp_path / "figures")
    answer = lockstep("bench", *options, "--format", "json")
    assert answer.exit_code == 0
    rows = json.loads(answer.stdout)
    sizes = [("epochs", 30), ("calls", 10), ("calls", 100), ("elements", 100)]
    assert [(row["of"], row["size"]) for row in rows] == sizes
    assert [row["each_to_that_before"] is None for row in rows] == [True, True, False, True]
    assert all(row["microseconds_each"] == pytest.approx(row["seconds"] / row["size"] * 1e6) for row in rows)
    drawn = (tmp_path / "figures" / "growth.svg").read_text(encoding="utf-8")
    assert "µs per call" in drawn
    assert (tmp_path / "figures" / "growth.png").exists()


@pytest.mark.parametrize("options", [("two_layer", "--growth"), ("--growth", "--no-memory"), ("--most", 100)])
def test_options_of_the_other_measurement_are_refused(options: tuple[object, ...], lockstep: Lockstep) -> None:
    answer = lockstep("bench", *options)
    assert answer.exit_code == 2
    assert "--growth" in answer.stderr
