"""What a user's backend defines and a run never calls is said; where nothing of it ran, the run is inconclusive."""

from pathlib import Path

import pytest

from harness.judging.unused import own_kinds
from harness.recording.loading import load_backend
from lockstep import assert_agree
from tests.lockstep.commands.commands import Lockstep

RELU = "def relu(x):\n    return numpy_manual.relu(x)\n"
SOFTMAX = "def softmax(x, *, axis=-1):\n    return numpy_manual.softmax(2 * x, axis=axis)\n"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine.py"


def notes(body: str, mine: Path, lockstep: Lockstep, *scenario: str) -> tuple[int, list[str]]:
    """The exit code of a run, and what it says of a backend that is the hand-written one with these functions."""
    mine.write_text(f"from backends import numpy_manual\nfrom backends.numpy_manual import *\n{body}")
    answer = lockstep("run", *(scenario or ("two_layer_tiny",)), "--epochs", 3, "--backend", f"mine={mine}")
    lines = answer.stdout.partition("\n\n")[0].splitlines()[1:]
    return answer.exit_code, [line.strip() for line in lines if "mine" in line and "accuracy" not in line]


def test_what_the_scenario_never_calls_is_said_with_one_that_does(mine: Path, lockstep: Lockstep) -> None:
    exit_code, said = notes(RELU + SOFTMAX, mine, lockstep)
    assert exit_code == 0
    assert said == [
        "mine also defines softmax, which two_layer_tiny never calls; frozen_teacher, mixed_axes and 1 more do"
    ]
    rule = "def adam(w, grad_w, m, v, *, lr, beta1, beta2, eps, t):\n    return w, m, v\n"
    exit_code, (said_of_rule,) = notes(RELU + rule, mine, lockstep)
    assert exit_code == 0
    assert said_of_rule.startswith("mine also defines adam, which two_layer_tiny never calls; ")
    assert said_of_rule.endswith(" more do")


@pytest.mark.parametrize("network", ["two_layer_tiny", "attention_copy"])
def test_a_backend_of_which_nothing_ran_is_inconclusive(network: str, mine: Path, lockstep: Lockstep) -> None:
    exit_code, (why, line) = notes(SOFTMAX, mine, lockstep, network)
    assert exit_code == 4
    assert why == (
        f"nothing that mine defines is called by {network}: all that ran is numpy's own, so nothing tested it"
    )
    assert line == f"mine defines softmax, which {network} never calls; frozen_teacher, mixed_axes and 1 more do"
    with pytest.raises(AssertionError, match="inconclusive"):
        assert_agree(network, f"mine={mine}")


@pytest.mark.parametrize("name", ["reluu", "Relu", "re_lu"])
def test_a_misspelt_op_is_said(name: str, mine: Path, lockstep: Lockstep) -> None:
    exit_code, said = notes(RELU.replace("def relu", f"def {name}"), mine, lockstep)
    assert (exit_code, said[1:]) == (
        4,
        [f"mine defines {name}, which two_layer_tiny never calls; did you mean 'relu'?"],
    )


@pytest.mark.parametrize(
    "body",
    [
        RELU,
        "def tanh(x):\n    return numpy_manual.tanh(x)\n\ndef relu(x):\n    tanh(x)\n    return numpy_manual.relu(x)\n",
        "def relu_maker():\n    return lambda x: numpy_manual.relu(x)\n\nrelu = relu_maker()\n",
        "def _softmax(x):\n    return x\n\n" + RELU,
        "def something_else(x):\n    return x\n\n" + RELU,
        "",
    ],
    ids=["called", "called by what is called", "made by a function", "private", "no op", "nothing defined"],
)
def test_there_is_nothing_to_say_of(body: str, mine: Path, lockstep: Lockstep) -> None:
    assert notes(body, mine, lockstep) == (0, [])


def test_a_framework_of_its_own_may_have_every_op(mine: Path, lockstep: Lockstep) -> None:
    answer = lockstep("run", "two_layer_tiny", "--epochs", 3, "--backend", "mine=backends.hips_autograd")
    assert answer.exit_code == 0
    assert "never calls" not in answer.stdout


def test_the_same_file_under_a_training_of_its_own(mine: Path, lockstep: Lockstep) -> None:
    train = (
        "def train(ops, program, weights, batches, *, trace=False):\n"
        "    yield from numpy_manual.train(ops, program, weights, batches, trace=trace)\n"
    )
    assert notes(train, mine, lockstep) == (0, [])


def test_what_a_backend_defines_of_the_vocabulary_is_what_a_program_must_call(mine: Path) -> None:
    imports = "from backends import numpy_manual\nfrom backends.numpy_manual import *\n"
    mine.write_text(imports + RELU + "def _gate(x):\n    return x\n\n\ndef gate(x):\n    return x\n")
    assert own_kinds(load_backend(f"mine={mine}")) == ["relu"]
    mine.write_text(f"{imports}def train(program, draws):\n    return numpy_manual.train(program, draws)\n{RELU}")
    assert own_kinds(load_backend(f"mine={mine}")) == []
    mine.write_text(imports)
    assert own_kinds(load_backend(f"mine={mine}")) == []
    assert own_kinds(load_backend("torch")) == []
