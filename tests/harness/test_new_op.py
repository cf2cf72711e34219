"""An op of a user's own, with two outputs, in files of their own: recorded, trained, traced and mapped."""

from pathlib import Path
from typing import Any

import pytest

from tests.lockstep.commands.commands import Lockstep

NUMPY = """
from backends.numpy_manual import *

def halves(x):
    '''a, b = the left and the right half of x.'''
    def backward(grad_a, grad_b):
        return (np.concatenate([grad_a, grad_b], axis=1),)
    middle = x.shape[1] // 2
    return (x[:, :middle], x[:, middle:]), backward
"""
TORCH = """
from backends.torch_autograd import *

def halves(x):
    return torch.tensor_split(x, 2, dim=1)
"""
CHAINER = """
from backends.chainer_autograd import *

def halves(x):
    return F.split_axis(x, 2, axis=1)
"""
SCENARIO = """
from scenarios import param, randn, scenario, sgd

@scenario(seed=1, epochs=20, optimizer=sgd(lr=0.1), x=randn(8, 3), y=randn(8, 2), w=param(3, 4))
def gated(op, x, y, w):
    left, right = op.halves(op.matmul(x, w))
    return op.mean_squared_error(op.add(left, op.relu(right)), y)

@scenario(seed=1, epochs=20, optimizer=sgd(lr=0.1), x=randn(8, 3), y=randn(8, 2), w=param(3, 4))
def half_used(op, x, y, w):
    left, right = op.halves(op.matmul(x, w))
    unused = op.relu(right)
    return op.mean_squared_error(left, y)
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    texts = {"numpy": NUMPY, "torch": TORCH, "chainer": CHAINER, "scenario": SCENARIO}
    for name, text in texts.items():
        (tmp_path / f"my_{name}.py").write_text(text)
    return {name: tmp_path / f"my_{name}.py" for name in texts}


def backends(files: dict[str, Path]) -> list[str]:
    names = ("numpy", "chainer", "torch")
    return [argument for name in names for argument in ("--backend", f"{name}={files[name]}")]


@pytest.mark.parametrize("name", ["gated", "half_used"])
def test_an_op_with_two_outputs_agrees_in_three_frameworks(
    name: str, files: dict[str, Path], lockstep: Lockstep
) -> None:
    """Where only one output reaches the loss, the other's gradient is zero."""
    answer = lockstep("run", f"{files['scenario']}:{name}", *backends(files), "--dtype", "both")
    assert answer.exit_code == 0, answer.stdout + answer.stderr
    assert answer.stdout.count(": agree (") == 2


def test_a_broken_op_with_two_outputs_is_named(files: dict[str, Path], lockstep: Lockstep) -> None:
    files["numpy"].with_name("wrong.py").write_text(NUMPY.replace("[grad_a, grad_b]", "[grad_b, grad_a]"))
    wrong = ("--backend", f"wrong={files['numpy'].with_name('wrong.py')}")
    answer = lockstep("run", f"{files['scenario']}:gated", *backends(files), *wrong)
    assert answer.exit_code == 1
    assert "disagree: wrong: halves backward, call left, epoch 1, grad_matmul_1[" in answer.stdout


def test_a_backend_without_the_op_is_named(files: dict[str, Path], lockstep: Lockstep) -> None:
    answer: Any = lockstep("run", files["scenario"], "--backend", f"numpy={files['numpy']}", "--backend", "torch")
    assert answer.exit_code == 2
    assert "backend torch has no op halves (needed by scenario gated)" in answer.stderr
