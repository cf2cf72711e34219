"""Stdout is for data alone, whatever a user's code prints there; and a reader that goes away changes no exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep

PRINTS = """
import atexit, os, subprocess, sys
from backends import numpy_manual
from backends.numpy_manual import *
import scenarios
from scenarios import data, param, randn, scenario
print("on import")
os.write(1, b"on import, raw\\n")
subprocess.run([sys.executable, "-c", "print('on import, child')"])
atexit.register(print, "at the end")

def relu(x):
    print("in relu")
    os.write(1, b"in relu, raw\\n")
    return numpy_manual.relu(x)

def twice(x):
    print("in twice")
    return 2 * x, lambda grad_y: (2 * grad_y,)

def train(ops, program, weights, batches, *, trace=False):
    sys.stdout.write("in train\\n")
    yield from numpy_manual.train(ops, program, weights, batches, trace=trace)

def threads(count):
    print("in threads")
    return open(os.devnull)

def load():
    print("in load")
    return np.ones((4, 3))

@scenario(seed=1, epochs=2, optimizer=scenarios.sgd(lr=0.1), x=data(load), y=randn(4, 2), w=param(3, 2))
def printing(op, x, y, w):
    print("in scenario")
    return op.mean_squared_error(op.relu(op.matmul(x, w)), y)
"""
TWICE = """
@scenario(seed=1, epochs=2, optimizer=scenarios.sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))
def doubled(op, x, y, w):
    return op.mean_squared_error(op.twice(op.matmul(x, w)), y)
"""
RAW = {"on import, raw", "in relu, raw", "on import, child", "at the end"}
"""What is not printed through `sys.stdout` while a command runs."""
PRINTED = {"on import", "in relu", "in train", "in threads", "in load", "in scenario"}


@pytest.fixture
def prints(tmp_path: Path) -> Path:
    path = tmp_path / "prints.py"
    path.write_text(PRINTS)
    return path


def run(*arguments: object, shell: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own; `shell` stands behind it on the shell's line."""
    words = [sys.executable, "-m", "lockstep", *map(str, arguments)]
    command = ["bash", "-c", f'"$@" {shell}', "bash", *words]
    environment = {**os.environ, **settings}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_what_is_printed_by_any_way_goes_to_stderr(prints: Path) -> None:
    answer = run("run", f"{prints}:printing", "--backend", f"mine={prints}", "--json", "-")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["results"][0]["scenario"] == "printing"
    assert set(answer.stderr.splitlines()) >= RAW | PRINTED


@pytest.mark.parametrize("options", [("--json", "-"), ("--format", "csv"), ("--format", "json")])
def test_data_on_stdout_is_whole(options: tuple[str, ...], prints: Path, lockstep: Lockstep) -> None:
    answer = lockstep("run", f"{prints}:printing", "--backend", f"mine={prints}", *options)
    assert answer.exit_code == 0
    assert set(answer.stderr.splitlines()) >= PRINTED
    assert not set(answer.stdout.splitlines()) & (PRINTED | RAW)


def test_an_op_that_is_certified_and_prints(prints: Path, lockstep: Lockstep, tmp_path: Path) -> None:
    prints.write_text(PRINTS + TWICE)
    plain = "from backends.numpy_manual import *\ndef twice(x):\n    return x + x, lambda grad_y: (grad_y + grad_y,)\n"
    (tmp_path / "plain.py").write_text(plain)
    backends = ("--backend", f"numpy={tmp_path / 'plain.py'}", "--backend", f"mine={prints}")
    answer = lockstep("run", f"{prints}:doubled", *backends, "--json", "-")
    assert json.loads(answer.stdout)["results"][0]["verdict"] == "agree"
    for command, *options in (
        ("trace", *backends),
        ("report", *backends, "-o", tmp_path / "pages"),
        ("map",),
    ):
        answer = lockstep(command, f"{prints}:printing", *options)
        assert answer.exit_code == 0
        assert not set(answer.stdout.splitlines()) & (PRINTED | RAW)


@pytest.mark.parametrize(
    ("arguments", "shell", "code"),
    [
        (("run", "two_layer_tiny", "RIGHT"), "| true", 0),
        (("run", "two_layer_tiny", "RIGHT"), "2>&1 | true", 0),
        (("run", "two_layer_tiny", "WRONG"), "| true", 1),
        (("run", "two_layer_tiny", "WRONG", "--json", "-"), "2>/dev/null | head -c 10", 1),
        (("list",), "| true", 0),
        (("run", "nothing_like_it"), "2>&1 | true", 2),
        (("run", "two_layer_tiny", "RIGHT"), ">&- 2>&-", 0),
    ],
)
def test_a_reader_that_goes_away_changes_no_exit_code(
    arguments: tuple[str, ...], shell: str, code: int, tmp_path: Path
) -> None:
    for name, gradient in (("RIGHT", "np.where(x > 0, grad_y, 0)"), ("WRONG", "grad_y")):
        body = f"def relu(x):\n    return np.maximum(x, 0), lambda grad_y: ({gradient},)\n"
        (tmp_path / f"{name}.py").write_text(f"from backends.numpy_manual import *\n{body}")
    words = [f"--backend=mine={tmp_path / word}.py" if word in ("RIGHT", "WRONG") else word for word in arguments]
    answer = run(*words, shell=f'{shell}; exit "${{PIPESTATUS[0]}}"')
    assert (answer.returncode, answer.stderr) == (code, "")


@pytest.mark.parametrize(("word", "code"), [("RIGHT", 0), ("WRONG", 1)])
def test_a_closed_stdout_is_said_once_and_changes_no_exit_code(word: str, code: int, tmp_path: Path) -> None:
    gradient = {"RIGHT": "np.where(x > 0, grad_y, 0)", "WRONG": "grad_y"}[word]
    body = f"def relu(x):\n    return np.maximum(x, 0), lambda grad_y: ({gradient},)\n"
    (tmp_path / "mine.py").write_text(f"from backends.numpy_manual import *\n{body}")
    answer = run("run", "two_layer_tiny", f"--backend=mine={tmp_path / 'mine.py'}", shell=">&-")
    assert answer.returncode == code
    assert answer.stderr == "lockstep: stdout is closed, and what is written to it is lost\n"


def test_a_closed_stderr_leaves_stdout(prints: Path) -> None:
    answer = run("run", "two_layer_tiny", "--backend", f"mine={prints}", "--json", "-", shell="2>&-")
    assert json.loads(answer.stdout)["results"][0]["verdict"] == "agree"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_said() -> None:
    answer = run("list", shell=">/dev/full")
    assert (answer.returncode, answer.stderr) == (2, "lockstep: can't write to stdout: No space left on device\n")
