"""Results of runs that finish in any order: delivered in theirs, and none that is finished is lost."""

import json
from pathlib import Path

import pytest

from harness.errors import Crashed
from harness.recording.catalogue import find_scenarios
from harness.recording.loading import load_backends
from harness.sweeping.points import Point
from harness.sweeping.work import Attempt, Task, Work
from lockstep.delivery import Delivery


@pytest.fixture(scope="module")
def attempts() -> list[Attempt]:
    """One of each of three seeds."""
    work = Work("run", [scenario.vary(epochs=2) for scenario in find_scenarios(["xor"])], load_backends((), "numpy"))
    return [work.attempt(Task(Point(0, seed, (), "float64"))) for seed in (1, 2, 3)]


def seeds(path: Path) -> list[int]:
    return [result["seed"] for result in json.loads(path.read_text())["results"]]


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery("text", tmp_path / "tables.txt", str(tmp_path / "run.json"), explained=False, solution=False)


def test_a_result_is_delivered_when_it_is_its_turn(delivery: Delivery, attempts: list[Attempt], tmp_path: Path) -> None:
    delivery.take(2, attempts[2])
    assert not (tmp_path / "run.json").exists()
    delivery.take(0, attempts[0])
    assert seeds(tmp_path / "run.json") == [1]
    delivery.take(1, attempts[1])
    assert seeds(tmp_path / "run.json") == [1, 2, 3]


def test_what_finished_before_its_turn_is_kept(
    delivery: Delivery, attempts: list[Attempt], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after Ctrl-C, while the first run was still going on."""
    delivery.take(2, attempts[2])
    delivery.take(1, attempts[1])
    delivery.finish(3)
    assert seeds(tmp_path / "run.json") == [2, 3]
    assert "stopped early; results are those of xor float64, xor float64" in capsys.readouterr().err


def test_an_error_comes_when_it_is_its_turn(delivery: Delivery, attempts: list[Attempt], tmp_path: Path) -> None:
    """So that what is said does not depend on which run was faster."""
    delivery.take(1, Attempt(attempts[1].task, Crashed("it crashed"), 0.0))
    delivery.take(2, attempts[2])
    with pytest.raises(Crashed, match="it crashed"):
        delivery.take(0, attempts[0])
    delivery.finish(3)
    assert seeds(tmp_path / "run.json") == [1, 3]
