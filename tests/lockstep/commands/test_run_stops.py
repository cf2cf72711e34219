"""What `lockstep run` leaves behind where it is refused, fails on the way or is interrupted."""

import json
import signal
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import TINY, Lockstep, in_own_process

CTRL_C = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
SIGTERM = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"
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
        (SIGTERM, 143, "lockstep: terminated"),
    ],
    ids=["error", "like Ctrl-C", "Ctrl-C", "SIGTERM"],
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


@pytest.mark.parametrize(("stop", "exit_code", "said"), [(CTRL_C, 130, "interrupted"), (SIGTERM, 143, "terminated")])
@pytest.mark.usefixtures("ctrl_c")
def test_a_stop_leaves_one_line(stop: str, exit_code: int, said: str, lockstep: Lockstep, tmp_path: Path) -> None:
    (tmp_path / "stops.py").write_text(FAILS_LATER.replace("FAILURE", stop))
    answer = lockstep("run", "digits", "--backend", f"mine={tmp_path / 'stops.py'}")
    assert (answer.exit_code, answer.stdout, answer.stderr) == (exit_code, "", f"lockstep: {said}\n")


@pytest.mark.usefixtures("ctrl_c")
def test_pages_of_finished_runs_are_kept_when_a_later_one_stops(lockstep: Lockstep, tmp_path: Path) -> None:
    (tmp_path / "stops.py").write_text(FAILS_LATER.replace("FAILURE", SIGTERM))
    backends = ("--backend", "numpy", "--backend", f"mine={tmp_path / 'stops.py'}")
    answer = lockstep("report", "two_layer_tiny", "digits", "-o", tmp_path / "pages", *backends)
    assert answer.exit_code == 143
    assert answer.stderr.splitlines()[-2:] == [
        "lockstep: stopped early; pages are those of two_layer_tiny",
        "lockstep: terminated",
    ]
    assert {path.name for path in (tmp_path / "pages").iterdir()} == {"index.html", "two_layer_tiny.html"}


def test_the_run_is_saved_after_every_scenario(lockstep: Lockstep, tmp_path: Path) -> None:
    """Whatever happens in a later one: here it ends the process at once, as SIGKILL would."""
    killed = FAILS_LATER.replace("FAILURE", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    (tmp_path / "killed.py").write_text(killed)
    run = tmp_path / "run.json"
    answer = in_own_process(
        *map(str, TINY), "digits", "--backend", f"mine={tmp_path / 'killed.py'}", "--json", str(run)
    )
    assert answer.exit_code == -signal.SIGKILL
    assert [result["scenario"] for result in json.loads(run.read_text())["results"]] == ["two_layer_tiny"]


def test_a_run_whose_table_can_not_be_written_is_saved_all_the_same(lockstep: Lockstep, tmp_path: Path) -> None:
    table = tmp_path / "table.md"
    (tmp_path / "spoils.py").write_text(
        FAILS_LATER.replace('program.weights == ("w1", "b1", "w2", "b2") and i == 2', "i == 2").replace(
            "FAILURE", f"import pathlib; pathlib.Path({str(table)!r}).mkdir(exist_ok=True)"
        )
    )
    backend = ("--backend", f"mine={tmp_path / 'spoils.py'}")
    answer = lockstep(*TINY, *backend, "--output", table, "--json", tmp_path / "run.json", "--format", "github")
    assert answer.exit_code == 2
    assert f"can't write {table}: it is a folder" in answer.stderr
    assert len(json.loads((tmp_path / "run.json").read_text())["results"]) == 1


@pytest.mark.parametrize("table_format", ["text", "github", "latex", "html", "csv", "json"])
def test_a_backend_without_values_has_a_table_in_every_format(
    table_format: str, lockstep: Lockstep, tmp_path: Path
) -> None:
    (tmp_path / "untraced.py").write_text(
        "from dataclasses import replace\n"
        "from backends import numpy_manual\n"
        "from backends.numpy_manual import *\n\n"
        "def train(ops, program, weights, batches, *, trace=False):\n"
        "    for step in numpy_manual.train(ops, program, weights, batches, trace=trace):\n"
        "        yield replace(step, values={}, value_grads={})\n"
    )
    run = ("run", "digits", "--epochs", 2, "--no-certify", "--backend", f"mine={tmp_path / 'untraced.py'}")
    answer = lockstep(*run, "--format", table_format)
    assert answer.exit_code == 0, answer.stderr
    assert "mine" in answer.stdout


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
