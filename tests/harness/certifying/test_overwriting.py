"""Ops that work in place are judged by what they were given; only what harms another op is a mistake."""

from typing import Any

import numpy as np
import pytest
import torch

from backends import chainer_autograd, numpy_manual, torch_autograd
from backends.contract import Array
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import message
from scenarios import Scenario, param, randn, scenario, sgd
from tests.harness.broken import with_changes


def relu(x: Array) -> Any:
    x[x < 0] = 0
    return x, lambda grad_y: (grad_y * (x > 0),)


def relu_with_its_gradient_in_place(x: Array) -> Any:
    def backward(grad_y: Array) -> Any:
        grad_y[x <= 0] = 0
        return (grad_y,)

    return np.maximum(x, 0), backward


def tanh(x: Array) -> Any:
    np.tanh(x, out=x)
    return x, lambda grad_y: (grad_y * (1 - x * x),)


def softmax(x: Array) -> Any:
    e = np.exp(x - x.max(-1, keepdims=True))
    e /= e.sum(-1, keepdims=True)

    def backward(grad_y: Array) -> Any:
        total = (grad_y * e).sum(-1, keepdims=True)
        grad_y -= total
        grad_y *= e
        return (grad_y,)

    return e, backward


def weight_decay(w: Array, grad_w: Array, *, rate: float) -> Array:
    grad_w += rate * w
    return grad_w


def clip_by_value(*grads: Array, limit: float) -> Any:
    for grad in grads:
        np.clip(grad, -limit, limit, out=grad)
    return grads


def sgd_in_place(w: Array, grad_w: Array, *, lr: float) -> Array:
    grad_w *= lr
    w -= grad_w
    return w


@scenario(
    seed=3,
    epochs=8,
    optimizer=sgd(lr=0.5),
    x=randn(30, 4),
    y=randn(30, 3),
    w=param(4, 3, scale=0.3),
    w2=param(3, 3, scale=1.0),
)
def attention_like(op: Any, x: Any, y: Any, w: Any, w2: Any) -> Any:
    """A softmax between two products."""
    return op.mean_squared_error(op.matmul(op.softmax(op.matmul(x, w)), w2), y)


@scenario(seed=2, epochs=8, optimizer=sgd(lr=0.1), x=randn(6, 4), y=randn(6, 4), w=param(4, 4, scale=0.5))
def residual(op: Any, x: Any, y: Any, w: Any) -> Any:
    """A branch whose input is read once more beside it."""
    h = op.matmul(x, w)
    h_s = op.softmax(h)
    y_p = op.add(h, h_s)
    return op.mean_squared_error(y_p, y)


def against_numpy(chosen: Scenario, module: Any) -> Result:
    return run_scenario(chosen, [load_backend("numpy"), LoadedBackend("mine", module)])


HARMLESS: list[tuple[str, dict[str, Any], str]] = [
    ("two_layer_tiny", {"relu": relu}, "mine: relu wrote over h;"),
    ("two_layer_tiny", {"relu": relu_with_its_gradient_in_place}, "mine: the backward of relu wrote over grad_h_r;"),
    ("mlp_tanh", {"tanh": tanh}, "mine: tanh wrote over "),
    ("decayed", {"weight_decay": weight_decay}, "mine: weight_decay wrote over grad_"),
    ("clipped_by_value", {"clip_by_value": clip_by_value}, "mine: clip_by_value wrote over grad_"),
]


@pytest.mark.parametrize(("name", "changes", "note"), HARMLESS, ids=[note for *_, note in HARMLESS])
def test_what_nobody_reads_any_more_may_be_written_over(name: str, changes: dict[str, Any], note: str) -> None:
    result = against_numpy(built_in_scenarios()[name].vary(epochs=5), with_changes(**changes))
    assert result.verdict == "agree", message(result)
    assert any(note in each for each in result.notes), result.notes


def test_a_gradient_may_be_written_over_by_the_backward_that_received_it() -> None:
    result = against_numpy(attention_like, with_changes(softmax=softmax))
    assert result.verdict == "agree", message(result)
    assert any("mine: the backward of softmax wrote over grad_" in note for note in result.notes)


def test_an_optimizer_may_work_in_place(tiny: Scenario) -> None:
    result = against_numpy(tiny.vary(epochs=5), with_changes(sgd=sgd_in_place))
    assert result.verdict == "agree", message(result)
    assert not any("wrote over" in note for note in result.notes)


def test_an_op_that_overwrites_what_another_op_reads_is_the_one_that_is_wrong() -> None:
    def softmax_in_place(x: Array) -> Any:
        _, backward = numpy_manual.softmax(x.copy())
        x -= x.max(-1, keepdims=True)
        np.exp(x, out=x)
        x /= x.sum(-1, keepdims=True)
        return x, backward

    result = against_numpy(residual, with_changes(softmax=softmax_in_place))
    assert result.verdict == "disagree"
    assert [(culprit.op, culprit.phase, culprit.call) for culprit in result.culprits] == [("softmax", "forward", "h_s")]
    assert "softmax (call h_s) wrote over its input h, which y_p is computed from" in result.notes


def test_a_gradient_that_two_branches_share_must_not_be_written_over() -> None:
    """The backward of add returns one array twice; softmax's then writes into what h still waits for."""

    def add(x: Array, y: Array) -> Any:
        return x + y, lambda grad_z: (grad_z, grad_z)

    result = against_numpy(residual, with_changes(softmax=softmax, add=add))
    assert result.verdict == "disagree"
    assert [(culprit.op, culprit.phase) for culprit in result.culprits] == [("softmax", "backward")], message(result)


def test_relu_in_place_in_pytorch_is_judged_by_what_it_was_given(tiny: Scenario) -> None:
    module = type(torch_autograd)("mine")
    module.__dict__.update({**vars(torch_autograd), "relu": lambda x: torch.nn.functional.relu(x, inplace=True)})
    for chosen in (tiny.vary(epochs=5), built_in_scenarios()["digits_cnn"].vary(epochs=1)):
        result = against_numpy(chosen, module)
        assert result.verdict == "agree", message(result)
        assert any("mine: relu wrote over " in note for note in result.notes)


def test_relu_in_place_in_chainer_is_judged_by_what_it_was_given(tiny: Scenario) -> None:
    def relu_in_place(x: Any) -> Any:
        y = chainer_autograd.relu(x)
        x.array[...] = np.maximum(x.array, 0)
        return y

    module = type(chainer_autograd)("mine")
    module.__dict__.update({**vars(chainer_autograd), "relu": relu_in_place})
    result = against_numpy(tiny.vary(epochs=5), module)
    assert result.verdict == "agree", message(result)
    assert any("mine: relu wrote over " in note for note in result.notes)


def test_an_op_in_place_that_is_wrong_is_named_itself(tiny: Scenario) -> None:
    def leaking(x: Array) -> Any:
        x[x < 0] *= np.float32(0.01)
        return x, lambda grad_y: (grad_y * (x > 0),)

    result = against_numpy(tiny.vary(epochs=5), with_changes(relu=leaking))
    assert [(culprit.op, culprit.phase) for culprit in result.culprits] == [("relu", "forward")]
