"""The store: what is appended stays, whatever ends the process, and whoever writes beside it."""

import dataclasses
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import harness.sweeping.store as module
from harness.errors import InputError
from harness.sweeping.addresses import run_at
from harness.sweeping.rows import Row
from harness.sweeping.store import MIGRATIONS, Store, is_store, read_run
from tests.harness.sweeping.stored import rows, work


@pytest.fixture(scope="module")
def row() -> Row:
    return rows(work("two_layer_tiny"), seeds=1)[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


def count(path: Path) -> int:
    connection = sqlite3.connect(path)
    (found,) = connection.execute("SELECT count(*) FROM runs").fetchone()
    connection.close()
    return int(found)


def test_a_run_comes_back_as_it_was(path: Path, row: Row) -> None:
    with Store(path) as store:
        store.append(row)
    (result,) = read_run(path, 1).results
    assert (result.scenario, result.dtype, result.verdict) == (row.scenario, row.dtype, row.verdict)
    assert run_at(Path(f"{path}:1")).results == [result]


def test_its_columns_are_those_of_the_run(path: Path, row: Row) -> None:
    with Store(path) as store:
        store.append(row)
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    (stored,) = connection.execute("SELECT * FROM runs").fetchall()
    (result,) = read_run(path, 1).results
    assert stored["loss"] == float(result.losses["numpy"][-1])
    assert stored["checks"] == sum(counts["checks"] for counts in result.certified.values())
    assert stored["backends"] == "numpy,torch"
    assert stored["worst_weight"] == max(float(w.error) / float(w.size) for w in result.worst if w.kind == "weight")
    assert stored["culprits"] == ""
    connection.close()


def test_outcomes_are_the_last_of_each_content(path: Path, row: Row) -> None:
    with Store(path) as store:
        store.append(row)
        store.append(dataclasses.replace(row, verdict="crashed", document=None))
        assert store.outcomes() == {row.run: "crashed"}


APPENDING = """
import sys, time
from pathlib import Path
from harness.sweeping.store import Store
from tests.harness.sweeping.stored import rows, work
row = rows(work("two_layer_tiny"), seeds=1)[0]
with Store(Path(sys.argv[1])) as store:
    for number in range(int(sys.argv[2])):
        store.append(row)
        print(number + 1, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_sigkill_takes_nothing_that_was_appended(path: Path) -> None:
    told = 0
    command = [sys.executable, "-c", APPENDING, str(path), "1000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told = int(line)
            if told == 50:
                process.send_signal(signal.SIGKILL)
    assert told >= 50
    with Store(path) as store:  # it opens again, and can be written to
        assert told <= count(path) <= told + 1
        store.append(rows(work("two_layer_tiny"), seeds=1)[0])
    assert told + 1 <= count(path) <= told + 2


def test_two_writers_wait_for_each_other(path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", APPENDING, str(path), "100"], stdout=subprocess.PIPE) for _ in "ab"
    ]
    assert [process.communicate() and process.returncode for process in processes] == [0, 0]
    assert count(path) == 200


def test_a_writer_waits_for_a_transaction_that_is_open(path: Path, row: Row) -> None:
    Store(path).close()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
    started = time.monotonic()
    with Store(path) as store:
        store.append(row)
    assert time.monotonic() - started >= 0.2
    other.close()


def test_a_store_that_is_being_made_is_waited_for(path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
    started = time.monotonic()
    Store(path).close()
    assert time.monotonic() - started >= 0.2
    other.close()


def test_a_store_that_another_process_makes_meanwhile_is_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of its statements the other process comes between."""

    class Connection(sqlite3.Connection):
        executed = 0

        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            Connection.executed += 1
            if Connection.executed == meanwhile:
                with monkeypatch.context() as undone:
                    undone.setattr(sqlite3, "connect", connect)
                    Store(path).close()
            return super().execute(*arguments)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=Connection))
    for meanwhile in range(1, 7):
        path.unlink(missing_ok=True)
        Connection.executed = 0
        Store(path).close()
        assert Connection.executed >= meanwhile
        assert count(path) == 0


def test_files_that_are_no_stores_are_refused(path: Path, tmp_path: Path) -> None:
    path.write_text("nothing of a database" * 100)
    with pytest.raises(InputError, match="file is not a database"):
        Store(path)
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE runs (id INTEGER)")
    connection.close()
    with pytest.raises(InputError, match="database of another program"):
        Store(other)
    with pytest.raises(InputError, match="database of another program"):
        read_run(other, 1)
    with pytest.raises(InputError, match="there is no folder"):
        Store(tmp_path / "nowhere" / "runs.db")
    with pytest.raises(InputError, match="there is no file"):
        read_run(tmp_path / "none.db", 1)


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_file_is_refused(path: Path) -> None:
    Store(path).close()
    path.chmod(0o444)
    with pytest.raises(InputError, match="it is read-only"):
        Store(path)


def test_a_newer_store_is_refused(path: Path) -> None:
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(InputError, match=f"version {len(MIGRATIONS) + 1}, and this Lockstep reads up to"):
        Store(path)


def test_an_older_store_is_migrated_with_its_runs(path: Path, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(path) as store:
        store.append(row)
    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, "ALTER TABLE runs ADD COLUMN host TEXT"))
    with Store(path) as store:
        store.append(row)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT scenario, host FROM runs").fetchall() == [("two_layer_tiny", None)] * 2
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
    connection.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(path).close()
    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, "ALTER TABLE runs ADD COLUMN host TEXT; NOT SQL"))
    with pytest.raises(InputError, match="syntax error"):
        Store(path)
    connection = sqlite3.connect(path)
    assert "host" not in [column[1] for column in connection.execute("PRAGMA table_info(runs)")]
    connection.close()


def test_what_is_not_there_is_said(path: Path, row: Row) -> None:
    with Store(path) as store:
        store.append(dataclasses.replace(row, verdict="crashed", headline="numpy failed", document=None))
        store.append(dataclasses.replace(row, document=b"damaged"))
    with pytest.raises(InputError, match="has no run 3; its last one is 2"):
        read_run(path, 3)
    with pytest.raises(InputError, match="crashed, so there is nothing to show: numpy failed"):
        read_run(path, 1)
    with pytest.raises(InputError, match="is damaged"):
        read_run(path, 2)
    with pytest.raises(InputError, match="is a store of many runs; name one"):
        run_at(path)


def test_a_store_is_known_by_its_content(path: Path, tmp_path: Path) -> None:
    other_name = tmp_path / "runs"
    Store(other_name).close()
    assert is_store(other_name)
    text = tmp_path / "text.db"
    text.write_text("{}")
    assert not is_store(text)
    assert is_store(tmp_path / "none.db")
