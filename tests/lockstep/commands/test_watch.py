"""`lockstep run --watch`: a run after every save and every setting that is typed, and none of them ends it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from harness.sweeping import fork_server
from lockstep import watching as watching_module
from tests.lockstep.commands.commands import Lockstep

SCENARIO = """from scenarios import param, randn, scenario, sgd
from beside import RATE

@scenario(seed=1, epochs=3, optimizer=sgd(lr=RATE), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))
def mine(op, x, y, w):
    return op.mean_squared_error(op.matmul(x, w), y)
"""
needs_fork = pytest.mark.skipif(not fork_server.IS_AVAILABLE, reason="only Linux forks processes")


class Watching:
    """A `lockstep run --watch` in a folder of its own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lockstep", "run", *words, "--watch"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def next_run(self) -> str:
        """Everything that is said up to the end of the next run."""
        stdout = _there(self._process.stdout)
        said: list[str] = []
        while not said or "q to end" not in said[-1]:
            line = stdout.readline()
            assert line, "".join(said)
            said.append(line)
        return "".join(said)

    def type(self, line: str) -> None:
        stdin = _there(self._process.stdin)
        stdin.write(f"{line}\n")
        stdin.flush()

    def ended(self) -> int:
        """The exit code, after stdin is closed."""
        self._process.communicate(timeout=60)
        return self._process.returncode

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def _there(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    (tmp_path / "mine.py").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "beside.py").write_text("RATE = 0.1\n", encoding="utf-8")
    started = Watching(tmp_path, "./mine.py")
    yield started
    started.kill()


@needs_fork
@pytest.mark.slow
def test_a_save_runs_again_whatever_the_file_holds(watching: Watching, tmp_path: Path) -> None:
    first = watching.next_run()
    assert "mine float32: agree" in first
    assert "lockstep: save mine.py, or type NAME=VALUE" in first
    file, beside = tmp_path / "mine.py", tmp_path / "beside.py"
    file.write_text(SCENARIO.replace("def mine(", "def mine("[:-1]), encoding="utf-8")
    assert "does not parse" in watching.next_run()
    file.write_text("import sys\nsys.exit(7)\n", encoding="utf-8")
    assert "exit code 5" in watching.next_run()
    file.write_text(SCENARIO.replace("epochs=3", "epochs=4"), encoding="utf-8")
    assert "4 epochs" in watching.next_run()
    beside.write_text("RATE = 0.0001\n", encoding="utf-8")
    again = watching.next_run()
    assert "4 epochs" in again
    assert again != first


@needs_fork
@pytest.mark.slow
def test_what_is_typed_is_kept_if_it_can_be_run(watching: Watching) -> None:
    watching.next_run()
    watching.type("epochs=5 dtype=float64")
    assert "mine float64: agree (numpy, chainer and torch, 5 epochs" in watching.next_run()
    watching.type("rate=3")
    assert "has no setting 'rate'" in watching.next_run()
    watching.type("faster")
    assert "'faster' is no NAME=VALUE" in watching.next_run()
    watching.type("seed=7 lr=0.01")
    assert "mine float64: agree (numpy, chainer and torch, 5 epochs, seed 7)" in watching.next_run()
    watching.type("q")
    assert watching.ended() == 0


@needs_fork
@pytest.mark.slow
def test_without_a_file_the_end_of_stdin_ends_it(tmp_path: Path) -> None:
    watching = Watching(tmp_path, "two_layer_tiny", "--epochs", "2")
    said = watching.next_run()
    assert "2 epochs" in said
    assert "lockstep: type NAME=VALUE" in said
    assert watching.ended() == 0


@needs_fork
@pytest.mark.slow
@pytest.mark.parametrize("stdin", ["</dev/null", "<&-"])
def test_results_go_to_stdout_also_where_there_is_no_stdin(stdin: str) -> None:
    words = "run two_layer_tiny --epochs 2 --watch"
    command = f"{sys.executable} -m lockstep {words} {stdin}"
    answer = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=300, check=False)
    assert answer.stdout.startswith("two_layer_tiny float32: "), answer
    assert "exit code 0" in answer.stderr
    assert "two_layer_tiny" not in answer.stderr


def test_without_a_stdin_and_a_file_there_is_nothing_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert watching_module.next_settings(watching_module.Watched([])) is None


@pytest.mark.parametrize("other", [["--all"], ["xor", "--workers", 2], ["xor", "--scheduler", "tcp://localhost:1"]])
def test_what_can_not_be_watched_is_refused(lockstep: Lockstep, other: list[str]) -> None:
    answer = lockstep("run", "--watch", *other)
    assert answer.exit_code == 2
    assert "leave out --all, --workers and --scheduler" in answer.stderr


def test_where_nothing_can_be_forked_it_is_said(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork_server, "IS_AVAILABLE", False)
    answer = lockstep("run", "xor", "--watch")
    assert answer.exit_code == 2
    assert "only Linux has" in answer.stderr
