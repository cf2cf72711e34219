"""Ops that only the hand-written backend has, written in ways that the suite's own are not, in the code map."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from backends import numpy_manual, vocabulary
from backends.contract import Program
from harness.recording.arrays import Draws, draw_arrays
from harness.recording.catalogue import find_scenarios
from harness.recording.loading import LoadedBackend, hand_written_ops
from harness.recording.recorder import record_program
from harness.running.runner import Runner
from reports.source.code_map import code_map
from tests.lockstep.commands.commands import Lockstep

OPS = """

def centred(x):
    '''y = x - its mean; the parameter is assigned anew, and the backward is a lambda.'''
    x = x - np.mean(x)
    return x, lambda grad_y: (grad_y - np.mean(grad_y),)


def shifted(x, *, by=1):
    '''y = x + by; both the parameter and the setting are changed in place.'''
    if by < 0:
        raise ValueError('a check, which the map leaves out')
    assert by >= 0
    by -= 1
    x = x * 1
    for _ in range(1):
        x += by
    return x, lambda grad_y: (1 * grad_y,)


def blended(x, b):
    '''y = x + b; both gradients are variables, and a comprehension has a variable of its own.'''

    def backward(grad_y):
        grad_x = grad_y * sum([x for x in (0.25, 0.75)])
        grad_b = 1 * grad_y
        return grad_x, grad_b

    return x + b, backward


def branching(x):
    '''y = x; one op with a branch in it.'''
    if x.ndim == 0:
        return x, lambda grad_y: (grad_y,)
    return x * 1, lambda grad_y: (grad_y,)


def lagging(w, grad_w, before, *, lr):
    '''The state keeps the weight from before the update.'''
    return w - lr * (grad_w + 0.1 * before), w


def decaying(w, grad_w, *, lr):
    '''The gradient that the caller keeps has no decay in it.'''
    grad_w = grad_w + 0.1 * w
    w = w - lr * grad_w
    return w
"""
SCENARIOS = """
from scenarios import Optimizer, param, randn, scenario

draws = dict(x=randn(4, 3), y=randn(4, 3), w=param(3, 3))

@scenario(seed=1, epochs=2, optimizer=Optimizer("lagging", {"lr": 0.1}), **draws)
def odd(op, x, y, w):
    h = op.shifted(op.centred(op.matmul(x, w)), by=3)
    return op.mean_squared_error(op.blended(h, op.blended(h, h)), y)

@scenario(seed=1, epochs=2, optimizer=Optimizer("decaying", {"lr": 0.1}), **draws)
def decay(op, x, y, w):
    return op.mean_squared_error(op.matmul(x, w), y)

@scenario(seed=1, epochs=2, optimizer=Optimizer("decaying", {"lr": 0.1}), **draws)
def branch(op, x, y, w):
    return op.mean_squared_error(op.branching(op.matmul(x, w)), y)
"""


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadedBackend:
    """The hand-written backend with these ops, in place of the suite's own."""
    (tmp_path / "numpy_with_odd_ops.py").write_text(Path(numpy_manual.__file__).read_text() + OPS)
    (tmp_path / "odd.py").write_text(SCENARIOS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("reports.source.code_map.BUILT_IN", {**vocabulary.BUILT_IN, "numpy": "numpy_with_odd_ops"})
    module = importlib.import_module("numpy_with_odd_ops")
    for name in ("centred", "shifted", "blended", "branching", "lagging", "decaying"):
        monkeypatch.setattr(numpy_manual, name, getattr(module, name), raising=False)
    return LoadedBackend("numpy", module)


def recorded(name: str) -> tuple[Program, Draws]:
    (scenario,) = find_scenarios([f"odd.py:{name}"])
    draws = draw_arrays(scenario, "float32")
    return record_program(scenario, draws, hand_written_ops(())), draws


@pytest.mark.usefixtures("backend")
def test_an_op_that_the_frameworks_lack_is_mapped_without_them(lockstep: Lockstep) -> None:
    rows = code_map(recorded("odd")[0])
    assert rows[1].cells[2:] == (["# no op centred"], ["# no op centred"])
    assert rows[2].cells[0] == ["by = 3", "by -= 1", "h = centred_1 * 1", "for _ in range(1):", "    h += by"]
    optimizer = next(row for row in rows if row.title == "optimizer lagging")
    assert optimizer.cells[2:] == (["# no optimizer lagging"], ["# no optimizer lagging"])
    answer = lockstep("map", "odd.py:odd")
    assert answer.exit_code == 0
    assert "# no op centred" in answer.stdout


@pytest.mark.parametrize("name", ["odd", "decay"])
def test_their_lines_train_exactly_like_the_backend(name: str, backend: LoadedBackend) -> None:
    program, draws = recorded(name)
    rows = code_map(program)
    calls, optimizer = rows[: len(program.calls)], rows[len(program.calls)]
    lines = [line for row in calls for line in row.cells[0]] + ["grad_loss = loss.dtype.type(1)"]
    lines += [line for row in calls[::-1] for line in row.cells[1]] + optimizer.cells[0]
    weights = {"w": draws.weights["w"].copy(), "before_w": np.zeros_like(draws.weights["w"])}
    tensors = {**vars(backend.module), **weights}
    runner = Runner(backend, program, draws, 2, "float32")
    for _, batch in zip(range(2), draws.batches(2), strict=False):
        tensors |= batch
        exec("\n".join(lines), tensors)
        step = runner.advance()
        np.testing.assert_array_equal(tensors["w"], step.weights["w"])
        np.testing.assert_array_equal(tensors["grad_w"], step.grads["w"])
        if name == "odd":
            np.testing.assert_array_equal(tensors["before_w"], step.state["before_w"])


@pytest.mark.usefixtures("backend")
def test_an_op_that_is_more_than_lines_says_where_it_can_be_read() -> None:
    rows = code_map(recorded("branch")[0])
    assert rows[1].cells[0] == rows[1].cells[1] == ["# branches or loops: lockstep map --op branching"]
