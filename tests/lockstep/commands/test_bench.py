"""`lockstep bench`: the backends' times side by side, and how that of a run grows."""

import json
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep, in_own_process


def test_bench_measures_side_by_side(lockstep: Lockstep) -> None:
    answer = lockstep("bench", "residual_shared", "--epochs", 3, "--no-memory", "--format", "json")
    assert answer.exit_code == 0
    rows = json.loads(answer.stdout)
    assert [row["what"] for row in rows] == [
        *("numpy alone", "chainer alone", "torch alone"),
        *("run --no-certify --workers 1", "run --workers 1"),
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


def test_bench_stands_beside_what_people_check_with_otherwise() -> None:
    """In a process of its own: Chainer's check can't be imported where pytest knows no mark of its tests."""
    answer = in_own_process("bench", "--peers", "--epochs", "1", "--mutants", "2", "--format", "json")
    assert answer.exit_code == 0
    alone, *ways, compared, certified = json.loads(answer.stdout)
    assert (alone["way"], alone["times_training"], alone["mistakes_found"]) == ("training alone", 1, None)
    checks = ["np.allclose", "torch.testing.assert_close", "torch.autograd.gradcheck", "chainer.gradient_check"]
    assert [way["way"] for way in ways] == checks
    assert all(way["mistakes_found"] <= way["mistakes"] == 2 and way["seconds"] > 0 for way in ways)
    assert (compared["way"], compared["mistakes_found"]) == ("Lockstep, --no-certify", None)
    assert (certified["way"], certified["mistakes_found"]) == ("Lockstep", 2)


@pytest.mark.parametrize(
    "options",
    [
        ("two_layer", "--growth"),
        ("--growth", "--no-memory"),
        ("--growth", "--peers"),
        ("--most", 100),
        ("--mutants", 3),
        ("--peers", "--threads", 2),
    ],
)
def test_options_of_another_measurement_are_refused(options: tuple[object, ...], lockstep: Lockstep) -> None:
    answer = lockstep("bench", *options)
    assert answer.exit_code == 2
    assert "--growth" in answer.stderr or "--peers" in answer.stderr
