"""A crash of a user's code is one line that names it, with an exit code of its own; so is one of Lockstep's."""

import re
from pathlib import Path
from typing import Any

import pytest

import lockstep.commands.list as listing
from harness.errors import Crashed, InputError
from lockstep import assert_agree
from tests.lockstep.commands.commands import Lockstep
from tests.lockstep.commands.test_refusals import CRASHED, RUN, check

INTERNAL = 70
BACKEND = """
import os, sys, time
from backends import numpy_manual
from backends.numpy_manual import *

def train(ops, program, weights, batches, *, trace=False):
    for i, step in enumerate(numpy_manual.train(ops, program, weights, batches, trace=trace)):
        if i == 1:
            CRASH
        yield step
"""
ENDS = [
    ("sys.exit(0)", "called sys.exit(0)"),
    ("sys.exit('no')", "called sys.exit('no')"),
    ("os._exit(0)", "called os._exit(0)"),
    ("raise SystemExit", "raised SystemExit"),
    ("raise GeneratorExit", "raised GeneratorExit"),
    ("raise KeyboardInterrupt", "raised KeyboardInterrupt"),
    ("1 / 0", "raised ZeroDivisionError"),
]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine.py"


@pytest.mark.parametrize(("crash", "did"), ENDS)
@pytest.mark.parametrize("command", [RUN, ("trace", "two_layer_tiny", "--epoch", 3), ("report", "two_layer_tiny")])
def test_in_an_update(
    command: tuple[Any, ...], crash: str, did: str, lockstep: Lockstep, mine: Path, tmp_path: Path
) -> None:
    mine.write_text(BACKEND.replace("CRASH", crash))
    output = ("-o", tmp_path / "pages") if command[0] == "report" else ()
    answer = lockstep(*command, *output, "--backend", "numpy", "--backend", f"mine={mine}")
    message = f"lockstep: backend mine {did} at update 2, line 9 of mine.py"
    assert answer.exit_code == CRASHED
    assert answer.stderr.splitlines()[-1].startswith(message)
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(("crash", "did"), ENDS)
def test_on_import(crash: str, did: str, lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(f"import os, sys\n{crash}\n")
    check(lockstep(*RUN, "--backend", f"mine={mine}"), CRASHED, f"backend mine's file {mine}, line 2, {did}")
    check(lockstep("run", mine), CRASHED, f"scenario file {mine}, line 2, {did}")


def test_a_package_on_import(lockstep: Lockstep, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine.with_name("crashes_on_import.py").write_text("import sys\nsys.exit(0)\n")
    monkeypatch.syspath_prepend(mine.parent)
    answer = lockstep(*RUN, "--backend", "mine=crashes_on_import")
    check(answer, CRASHED, "backend mine (crashes_on_import) called sys.exit(0) at its import")


@pytest.mark.parametrize("place", ["in the op", "in its backward", "in a formula"])
def test_where_the_harness_itself_calls_a_users_code(place: str, lockstep: Lockstep, mine: Path) -> None:
    head = "import sys\nimport numpy as np\nfrom backends.numpy_manual import *\nimport scenarios\n"
    program = """
SGD, DRAWS = scenarios.sgd(lr=0.1), {"x": scenarios.randn(4, 3), "y": scenarios.randn(4, 2)}

@scenarios.scenario(seed=1, epochs=2, optimizer=SGD, **DRAWS, w=scenarios.param(3, 2))
def doubled(op, x, y, w):
    return op.mean_squared_error(op.twice(op.tanh(op.matmul(x, w))), y)
"""
    leave = "sys.exit(0) if type(x).__name__ == 'Bounded' else None"
    first = leave if place == "in the op" else "pass"
    twice = f"def twice(x):\n    {first}\n    return 2 * x, lambda grad_y: (2 * grad_y,)\n"
    if place == "in its backward":
        twice = twice.replace("(2 * grad_y,)", "sys.exit(0)")
    if place == "in a formula":
        twice += "def tanh_too(x):\n    sys.exit(0)\nFORMULAS = {'tanh': tanh_too}\n"
        twice += "def tanh(x):\n    return np.tanh(x) * 1.001, lambda grad_y: (grad_y,)\n"
    mine.write_text(head + twice + program)
    plain = mine.with_name("plain.py")
    plain.write_text(f"{head}def twice(x):\n    return 2 * x, lambda grad_y: (2 * grad_y,)\n")
    answer = lockstep("run", mine, "--backend", f"mine={mine}", "--backend", f"numpy={plain}", "--reference", "mine")
    check(answer, CRASHED, "called sys.exit(0)", "of mine.py")


def test_a_backend_that_hangs(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(BACKEND.replace("CRASH", "time.sleep(60)"))
    answer = lockstep(*RUN, "--timeout", 0.5, "--backend", f"mine={mine}")
    check(answer, CRASHED, "lockstep: backend mine took more than 0.5 s for update 2, line 9 of mine.py")
    mine.write_text("from backends.numpy_manual import *\nwhile True:\n    pass")
    answer = lockstep(*RUN, "--timeout", 0.5, "--backend", f"mine={mine}")
    check(answer, CRASHED, "line ", "took more than 0.5 s")
    assert lockstep(*RUN, "--timeout", 30, "--backend", "torch").exit_code == 0


@pytest.mark.parametrize("timeout", ["0", "-1", "soon", "nan"])
def test_a_timeout_that_is_none(timeout: str, lockstep: Lockstep) -> None:
    check(lockstep(*RUN, "--timeout", timeout), 2, "--timeout")


def test_assert_agree(mine: Path) -> None:
    mine.write_text(BACKEND.replace("CRASH", "sys.exit(0)"))
    with pytest.raises(Crashed, match=re.escape("backend mine called sys.exit(0) at update 2, line 9 of mine.py")):
        assert_agree("two_layer_tiny", f"mine={mine}")
    mine.write_text(BACKEND.replace("CRASH", "time.sleep(60)"))
    with pytest.raises(Crashed, match=r"backend mine took more than 0\.5 s for update 2"):
        assert_agree("two_layer_tiny", f"mine={mine}", timeout=0.5)
    with pytest.raises(InputError, match="timeout must be a finite number above 0, not 0"):
        assert_agree("two_layer_tiny", "torch", timeout=0)


def test_an_error_of_lockstep_itself(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(listing, "scenario_table", fail)
    answer = lockstep("list", "scenarios")
    assert (answer.exit_code, answer.stdout) == (INTERNAL, "")
    *traceback, last = answer.stderr.splitlines()
    assert traceback[0] == "Traceback (most recent call last):"
    assert traceback[-1] == "RuntimeError: a bug"
    assert last == "lockstep: an error in Lockstep itself: RuntimeError; please report it with this"
