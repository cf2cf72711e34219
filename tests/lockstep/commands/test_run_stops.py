"""What `lockstep run` leaves behind where it is refused, fails on the way or is interrupted."""

import json
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import TINY, Lockstep

CTRL_C = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
FAILS_LATER = """
from backends import numpy_manual
from backends.numpy_manual import *

def train(ops, program, weights, batches, *, trace=False):
    for i, step in enumerate(numpy_manual.train(ops, program, weights, batches, trace=trace)):
        if program.weights == ("w1", "b1", "w2", "b2") and i == 2:
            FAILURE
        yield step
"""


def test_what_every_scenario_needs_is_checked_before_the_first_trains(lockstep: Lockstep, tmp_path: Path) -> None:
    without_add = tmp_path / "without_add.py"
    without_add.write_text("from backends.numpy_manual import *\ndel add")
    answer = lockstep(*TINY, "digits", "--backend", f"mine={without_add}", "--output", tmp_path / "table.txt")
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr == "lockstep: backend mine has no op add (needed by scenario digits)\n"
    assert not (tmp_path / "table.txt").exists()


@pytest.mark.parametrize(
    ("failure", "exit_code", "said"),
    [
        ("1 / 0", 5, "mine raised ZeroDivisionError"),
        ("raise KeyboardInterrupt", 5, "mine raised KeyboardInterrupt at update 3"),
        (CTRL_C, 130, "lockstep: interrupted"),
    ],
    ids=["error", "like Ctrl-C", "Ctrl-C"],
)
@pytest.mark.usefixtures("ctrl_c")
def test_finished_results_are_kept_when_a_later_scenario_stops(
    failure: str, exit_code: int, said: str, lockstep: Lockstep, tmp_path: Path
) -> None:
    (tmp_path / "later.py").write_text(FAILS_LATER.replace("FAILURE", failure))
    run, table = tmp_path / "run.json", tmp_path / "table.md"
    backend = ("--backend", f"mine={tmp_path / 'later.py'}")
    answer = lockstep(*TINY, "digits", *backend, "--json", run, "--output", table, "--format", "github")
    assert answer.exit_code == exit_code
    early, error = answer.stderr.splitlines()
    assert early == "lockstep: stopped early; results are those of two_layer_tiny float32"
    assert said in error
    assert [result["scenario"] for result in json.loads(run.read_text())["results"]] == ["two_layer_tiny"]
    assert "| mine" in table.read_text()
    answer = lockstep(*TINY, "digits", *backend, "--json", "-")
    assert answer.exit_code == exit_code
    assert [result["scenario"] for result in json.loads(answer.stdout)["results"]] == ["two_layer_tiny"]


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_leaves_one_line(lockstep: Lockstep, tmp_path: Path) -> None:
    (tmp_path / "stops.py").write_text(FAILS_LATER.replace("FAILURE", CTRL_C))
    answer = lockstep("run", "digits", "--backend", f"mine={tmp_path / 'stops.py'}")
    assert (answer.exit_code, answer.stdout, answer.stderr) == (130, "", "lockstep: interrupted\n")


def test_one_file_for_two_outputs_is_refused(
    lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = lockstep(*TINY, "--output", "same", "--json", tmp_path / "same")
    assert answer.exit_code == 2
    assert "--output and --json both write same" in answer.stderr
    assert lockstep(*TINY, "--json", "run.json").exit_code == 0
    answer = lockstep("table", "run.json", "--output", "./run.json")
    assert answer.exit_code == 2
    assert "would overwrite the run" in answer.stderr
