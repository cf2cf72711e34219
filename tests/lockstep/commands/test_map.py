"""`lockstep map`: one op, one op of a scenario, and the page."""

from pathlib import Path

from tests.lockstep.commands.commands import Lockstep


def test_map_shows_an_op_with_its_formula(lockstep: Lockstep) -> None:
    answer = lockstep("map", "--op", "relu")
    assert answer.exit_code == 0
    assert answer.stdout.count("def relu(") == 3
    assert "y = max(x, 0)" in answer.stdout


def test_map_of_one_op_of_a_scenario_has_its_lines_and_its_source(lockstep: Lockstep) -> None:
    answer = lockstep("map", "two_layer", "--op", "relu")
    assert answer.exit_code == 0
    assert "h_r = F.relu(h)" in answer.stdout
    assert "F.matmul" not in answer.stdout
    assert answer.stdout.count("def relu(") == 3


def test_map_is_written_as_a_page(lockstep: Lockstep, tmp_path: Path) -> None:
    assert lockstep("map", "two_layer", "--format", "html", "--output", tmp_path / "map.html").exit_code == 0
    assert (tmp_path / "map.html").read_text().startswith("<!doctype html>")
