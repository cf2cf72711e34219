"""`lockstep accuracy`: what it prints, and its exit codes."""

import json
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep

INACCURATE = """
from backends.numpy_manual import *


def tanh(x):
    y = np.tanh(x)
    y = y + y * x.dtype.type(2.0**-20)

    def backward(grad_y):
        return (grad_y * (1 - y * y),)

    return y, backward
"""


@pytest.fixture(autouse=True)
def few_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("harness.studies.accuracy", fromlist=["SAMPLE"]).SAMPLE, "float32", 2**14)


@pytest.fixture
def inaccurate(tmp_path: Path) -> str:
    (tmp_path / "inaccurate.py").write_text(INACCURATE)
    return f"mine={tmp_path / 'inaccurate.py'}"


def test_a_backend_that_keeps_its_charges_exits_with_0(lockstep: Lockstep) -> None:
    answer = lockstep("accuracy", "--backend", "torch", "--dtype", "float32")
    assert answer.exit_code == 0
    rows = [line.split() for line in answer.stdout.splitlines() if line.startswith("torch")]
    assert [row[:3] for row in rows] == [
        ["torch", function, "float32"] for function in ("exp", "expm1", "log", "log1p", "tanh", "sqrt", "power")
    ]


def test_one_that_does_not_exits_with_1_and_its_accuracy_can_be_pasted(lockstep: Lockstep, inaccurate: str) -> None:
    answer = lockstep("accuracy", "--backend", inaccurate, "--dtype", "float32")
    assert answer.exit_code == 1
    assert "lockstep: mine's tanh is off by 1" in answer.stdout
    (line,) = [line for line in answer.stdout.splitlines() if "ACCURACY = " in line]
    path = Path(inaccurate.partition("=")[2])
    path.write_text(f"{INACCURATE}\n{line.partition('mine: ')[2]}\n")
    again = lockstep("accuracy", "--backend", inaccurate, "--dtype", "float32")
    assert again.exit_code == 0
    assert "exceeded" not in again.stdout


def test_json_on_stdout_is_data_alone(lockstep: Lockstep, inaccurate: str) -> None:
    answer = lockstep("accuracy", "--backend", inaccurate, "--dtype", "float32", "--format", "json")
    assert answer.exit_code == 1
    rows = {row["function"]: row for row in json.loads(answer.stdout)}
    assert rows["tanh"]["exceeds"]
    assert rows["tanh"]["worst"] > 15
    assert rows["tanh"]["inputs"] >= 2**14
    assert "ACCURACY = " in answer.stderr


def test_an_accuracy_that_is_none_is_refused(lockstep: Lockstep, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text('from backends.numpy_manual import *\n\nACCURACY = {"tan": 6}\n')
    for command in (("accuracy",), ("run", "two_layer_tiny")):
        answer = lockstep(*command, "--backend", f"mine={tmp_path / 'wrong.py'}")
        assert answer.exit_code == 2
        assert "backend mine: ACCURACY names 'tan'" in answer.stderr
        assert "tanh" in answer.stderr
