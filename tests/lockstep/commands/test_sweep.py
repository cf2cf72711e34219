"""`lockstep sweep`, and what reads its store: counts, exit codes, tables, pages."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep
from tests.sources import NO_MASK


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


def test_counts_what_it_made_and_goes_on(lockstep: Lockstep, store: Path) -> None:
    first = lockstep("sweep", "xor", "--epochs", 2, "--seeds", "0:3", "--workers", 1, "--store", store)
    assert (first.exit_code, first.stdout) == (0, "3 points: 3 agree\n")
    assert first.stderr == "lockstep: 3 points, 3 to run\n"
    more = lockstep(
        "sweep", "xor", "--epochs", 2, "--seeds", "0:3", "--set", "lr=0.1,0.01", "--workers", 1, "--store", store
    )
    assert (more.stdout, more.stderr) == ("6 points: 6 agree\n", "lockstep: 6 points, 3 to run\n")


def test_a_dry_run_only_counts(lockstep: Lockstep, store: Path) -> None:
    answer = lockstep("sweep", "xor", "--seeds", "0:1000", "--dtype", "both", "--store", store, "--dry-run")
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert answer.stderr == "lockstep: 2,000 points, 2,000 to run\n"


def test_a_disagreement_is_told_and_exits_1(lockstep: Lockstep, store: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(NO_MASK)
    answer = lockstep(
        "sweep", "two_layer_tiny", "--seeds", "1", "--epochs", 2, "--backend", f"broken={broken}", "--store", store
    )
    assert (answer.exit_code, answer.stdout) == (1, "1 point: 1 disagree\n")
    assert "seed 1, " in answer.stderr
    assert "two_layer_tiny float32: disagree: broken: relu backward, call h_r" in answer.stderr
    explained = lockstep("explain", f"{store}:1")
    assert "relu backward" in explained.stdout
    table = lockstep("table", store, "--by", "culprits,verdict", "--format", "json")
    (row,) = json.loads(table.stdout)
    assert row["culprits"].startswith("broken: relu backward")


def test_settings_that_some_scenarios_lack_are_said(lockstep: Lockstep, store: Path) -> None:
    answer = lockstep("sweep", "xor", "two_layer_tiny", "--set", "N_H=2:4", "--store", store, "--dry-run")
    assert answer.stderr == (
        "lockstep: xor has no setting N_H, which is varied in the others\nlockstep: 3 points, 3 to run\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--store FILE.db says where the runs go"),
        (("--store", "x.db", "--seeds", "a"), "'a' is no list of numbers, as 0:1000 or 1,5,9"),
        (("--store", "x.db", "--set", "lr"), "write NAME=VALUES"),
        (("--store", "x.db", "--set", "lr=0.1,x"), "'0.1,x' is no list of numbers"),
        (("--store", "x.db", "--seeds", "5:5"), "'5:5' is no list of numbers"),
        (("--store", "x.db", "--set", "lr=1", "--set", "lr=2"), "lr stands twice"),
        (("--store", "x.db", "--set", "rl=1"), "no scenario of the sweep has a setting 'rl'"),
        (("--store", "x.db", "--workers", "2", "--scheduler", "tcp://h:1"), "give one of them"),
        (("--store", "x.db", "--certify", "2", "--no-certify"), "contradict each other"),
    ],
)
def test_wrong_usage_exits_2(
    lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = lockstep("sweep", "xor", *arguments)
    assert answer.exit_code == 2
    assert message in answer.stderr
    assert answer.stdout == ""


def test_run_appends_to_a_store_and_tables_read_it(lockstep: Lockstep, store: Path) -> None:
    lockstep("run", "xor", "--epochs", 2, "--dtype", "both", "--store", store)
    table = lockstep("table", store)
    assert table.exit_code == 0
    assert [line.split()[:4] for line in table.stdout.splitlines()[3:]] == [
        ["xor", "float32", "agree", "1"],
        ["xor", "float64", "agree", "1"],
    ]
    again = lockstep("sweep", "xor", "--epochs", 2, "--dtype", "both", "--store", store)
    assert again.stderr == "lockstep: 2 points, 0 to run\n"  # a sweep knows them by their content
    one = lockstep("table", f"{store}:2")
    assert one.stdout.startswith("xor float64: agree")
    both = lockstep("table", f"{store}:1", f"{store}:2")
    assert both.exit_code == 0
    only = lockstep("table", store, "--by", "seed", "--where", "dtype = 'float64'", "--format", "csv")
    assert [line.split(",")[:2] for line in only.stdout.splitlines()] == [["seed", "runs"], ["1", "1"]]
    none = lockstep("table", store, "--where", "seed = 2", "--format", "json")
    assert (none.exit_code, none.stdout, none.stderr) == (0, "[]\n", f"lockstep: {store} has no such run\n")


def test_a_report_of_a_store(lockstep: Lockstep, store: Path, tmp_path: Path) -> None:
    lockstep("run", "xor", "--epochs", 2, "--dtype", "both", "--store", store)
    answer = lockstep("report", store, "--where", "dtype = 'float32'", "-o", tmp_path / "pages")
    assert answer.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "pages").iterdir()) == ["index.html", "xor.html"]
    none = lockstep("report", store, "--where", "dtype = 'float16'", "-o", tmp_path / "others")
    assert none.exit_code == 2
    assert "has no such run" in none.stderr


def test_by_and_where_are_for_a_store(lockstep: Lockstep, tmp_path: Path) -> None:
    lockstep("run", "xor", "--epochs", 2, "--json", tmp_path / "run.json")
    answer = lockstep("table", tmp_path / "run.json", "--by", "seed")
    assert answer.exit_code == 2
    assert "--by and --where are for one store" in answer.stderr
    answer = lockstep("report", tmp_path / "run.json", "--where", "lr > 1", "-o", tmp_path / "page.html")
    assert answer.exit_code == 2
    assert "--where is for a store" in answer.stderr
    assert not (tmp_path / "page.html").exists()


def test_a_timeout_needs_this_process(lockstep: Lockstep) -> None:
    answer = lockstep("run", "xor", "--timeout", 10, "--workers", 2)
    assert answer.exit_code == 2
    assert "--timeout is for runs in this process" in answer.stderr


@pytest.mark.slow
def test_run_with_workers_gives_what_run_gives(lockstep: Lockstep, tmp_path: Path) -> None:
    """In the same order, though they finish in another."""
    documents = []
    for workers in (1, 2):
        path = tmp_path / f"{workers}.json"
        names = ("two_layer_tiny", "xor", "mixed_axes")
        answer = lockstep("run", *names, "--epochs", 3, "--dtype", "both", "--workers", workers, "--json", path)
        assert answer.exit_code == 0
        documents.append(json.loads(path.read_text()))
        for result in documents[-1]["results"]:
            del result["seconds"]
    assert documents[0] == documents[1]
    assert len(documents[0]["results"]) == 6


@pytest.mark.slow
def test_run_with_workers_ends_with_what_a_run_raised(lockstep: Lockstep, tmp_path: Path) -> None:
    failing = tmp_path / "failing.py"
    failing.write_text("from backends.numpy_manual import *\n\ndef relu(x):\n    raise ValueError('no relu today')\n")
    answers = [
        lockstep("run", "xor", "two_layer_tiny", "--epochs", 2, "--backend", f"mine={failing}", "--workers", workers)
        for workers in (1, 2)
    ]
    assert [answer.exit_code for answer in answers] == [5, 5]
    assert answers[0].stderr == answers[1].stderr
    assert "no relu today" in answers[1].stderr
    assert "results are those of xor float32" in answers[1].stderr


def stored(store: Path) -> int:
    """How many runs a store has by now."""
    if not store.exists():
        return 0
    connection = sqlite3.connect(store)
    try:
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])
    except sqlite3.OperationalError:  # its table is being made
        return 0
    finally:
        connection.close()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_a_signal_to_all_processes_lets_workers_finish(store: Path, tmp_path: Path) -> None:
    """As `timeout` sends it to all; a terminal's Ctrl-C reaches the workers, too."""
    arguments = ["two_layer_tiny", "--seeds", "0:400", "--epochs", "30", "--store", str(store), "--workers", "2"]
    with (tmp_path / "stderr").open("w+") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "lockstep", "sweep", *arguments],
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        while stored(store) < 5:
            time.sleep(0.2)
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGTERM)
        stdout, _ = process.communicate(timeout=120)
        stderr.seek(0)
        first, last = stderr.read().splitlines()
    assert process.returncode == 143
    assert first == "lockstep: 400 points, 400 to run"
    left = 400 - stored(store)
    assert last == f"lockstep: stopped; {left} points left, and the same command goes on from here"
    assert stdout.startswith("400 points: ")
