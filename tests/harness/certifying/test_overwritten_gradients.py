"""A gradient that a backward writes over while another op waits for it: the op that wrote is named, in each backend.

The backward of add hands one array to both of its inputs, in PyTorch and in Chainer as in the hand-written add here. A
backward that works in place then changes the gradient of the other branch, too.
"""

import gc
import weakref
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch.autograd.function import once_differentiable

from backends import chainer_autograd, torch_autograd
from backends.chainer_autograd.framework import chainer
from backends.contract import Array
from backends.recording import Recording
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import message
from scenarios import Scenario, param, randn, scenario, sgd
from tests.harness.broken import relu_without_mask, with_changes


def tanh_by_hand(x: Array) -> Any:
    y = np.tanh(x)

    def backward(grad_y: Array) -> Any:
        grad_y *= 1 - y * y
        return (grad_y,)

    return y, backward


def add_that_shares(x: Array, b: Array) -> Any:
    return x + b, lambda grad_y: (grad_y, grad_y)


class TanhOfTorch(torch.autograd.Function):
    """tanh, with a backward that multiplies what it receives in place."""

    @staticmethod
    def forward(context: Any, x: torch.Tensor) -> torch.Tensor:
        y = torch.tanh(x)
        context.save_for_backward(y)
        return y

    @staticmethod
    @once_differentiable
    def backward(context: Any, grad_y: torch.Tensor) -> torch.Tensor:
        (y,) = context.saved_tensors
        return grad_y.mul_(1 - y * y)


class TanhOfChainer(chainer.FunctionNode):  # type: ignore[misc]
    """tanh, with a backward that multiplies what it receives in place."""

    def forward(self, inputs: Any) -> Any:
        self.retain_outputs((0,))
        return (np.tanh(inputs[0]),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (y,), (grad_y,) = self.get_retained_outputs(), grad_outputs
        grad_y.array *= 1 - y.array * y.array
        return (grad_y,)


def changed(backend: ModuleType, **changes: Any) -> ModuleType:
    module = ModuleType("mine")
    module.__dict__.update({**vars(backend), **changes})
    return module


def tanh_of_torch(x: Any) -> Any:
    return TanhOfTorch.apply(x)  # type: ignore[no-untyped-call]


def tanh_of_chainer(x: Any) -> Any:
    return TanhOfChainer().apply((x,))[0]


IN_PLACE = {
    "numpy": with_changes(tanh=tanh_by_hand, add=add_that_shares),
    "torch": changed(torch_autograd, tanh=tanh_of_torch),
    "chainer": changed(chainer_autograd, tanh=tanh_of_chainer),
}

x = y = randn(6, 4)
w1 = w2 = param(4, 4, scale=0.5)


@scenario(seed=2, epochs=8, optimizer=sgd(lr=0.1), x=x, y=y, w1=w1, w2=w2)
def one_after_another(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """Two layers, where nobody waits for what tanh receives."""
    h = op.matmul(x, w1)
    a = op.tanh(h)
    y_p = op.matmul(a, w2)
    return op.mean_squared_error(y_p, y)


@scenario(seed=2, epochs=8, optimizer=sgd(lr=0.1), x=x, y=y, w1=w1, w2=w2)
def around_one_op(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """h is read by tanh and beside it."""
    h = op.matmul(op.matmul(x, w1), w2)
    a = op.tanh(h)
    y_p = op.add(h, a)
    return op.mean_squared_error(y_p, y)


@scenario(seed=2, epochs=8, optimizer=sgd(lr=0.1), x=x, y=y, w1=w1, w2=w2)
def around_two_ops(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """The gradient of h is completed by matmul's backward, after tanh's has written over the half that waits."""
    h = op.matmul(x, w1)
    p = op.matmul(h, w2)
    a = op.tanh(p)
    y_p = op.add(h, a)
    return op.mean_squared_error(y_p, y)


@scenario(seed=2, epochs=8, optimizer=sgd(lr=0.1), x=x, y=y, w1=w1, w2=w2)
def two_branches(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """The gradient of r waits whole, and tanh's backward comes before relu's."""
    h = op.matmul(x, w1)
    r = op.relu(h)
    p = op.matmul(op.matmul(x, w2), w2)
    a = op.tanh(p)
    y_p = op.add(r, a)
    return op.mean_squared_error(y_p, y)


@scenario(seed=2, epochs=8, optimizer=sgd(lr=0.1), x=x, y=y, w1=w1, w2=w2, b=param(6, 4, scale=0.5))
def weight_used_twice(op: Any, x: Any, y: Any, w1: Any, w2: Any, b: Any) -> Any:
    """Half of the gradient of b waits for the other half."""
    h = op.matmul(op.matmul(x, w1), w2)
    p = op.multiply(h, b)
    a = op.tanh(p)
    y_p = op.add(a, b)
    return op.mean_squared_error(y_p, y)


@scenario(seed=2, epochs=8, optimizer=sgd(lr=0.1), x=x, y=y, w1=w1, w2=w2)
def deeper_branch_first(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """relu comes last, so its backward is first in the order of the calls; in Chainer the deeper branch's is."""
    a = op.tanh(op.matmul(op.matmul(x, w2), w2))
    r = op.relu(op.matmul(x, w1))
    y_p = op.add(r, a)
    return op.mean_squared_error(y_p, y)


@scenario(seed=2, epochs=8, optimizer=sgd(lr=0.1), x=x, y=y, w1=w1, w2=w2, b=param(6, 4, scale=0.5))
def beside_a_weight(op: Any, x: Any, y: Any, w1: Any, w2: Any, b: Any) -> Any:
    """The gradient that tanh receives is that of the weight b."""
    h = op.matmul(op.matmul(x, w1), w2)
    a = op.tanh(h)
    y_p = op.add(a, b)
    return op.mean_squared_error(y_p, y)


@scenario(seed=2, epochs=8, optimizer=sgd(lr=0.1), x=x, y=y, w1=w1, w2=w2)
def below_relu(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """tanh receives what relu's backward returned."""
    h = op.matmul(x, w1)
    a = op.tanh(h)
    r = op.relu(a)
    y_p = op.matmul(r, w2)
    return op.mean_squared_error(y_p, y)


def against_numpy(chosen: Scenario, module: ModuleType) -> Result:
    return run_scenario(chosen, [load_backend("numpy"), LoadedBackend("mine", module)])


@pytest.mark.parametrize("backend", IN_PLACE)
def test_a_gradient_that_nobody_waits_for_may_be_written_over(backend: str) -> None:
    result = against_numpy(one_after_another, IN_PLACE[backend])
    assert result.verdict == "agree", message(result)
    assert "mine: the backward of tanh wrote over grad_a; every op is judged by what it was given" in result.notes


@pytest.mark.parametrize("backend", IN_PLACE)
@pytest.mark.parametrize(
    ("chosen", "overwritten"),
    [
        (around_one_op, "grad_h"),
        (around_two_ops, "grad_h"),
        (two_branches, "grad_r, which grad_h is computed from"),
        (weight_used_twice, "grad_b"),
    ],
)
def test_who_writes_over_a_gradient_that_another_op_waits_for_is_named(
    backend: str, chosen: Scenario, overwritten: str
) -> None:
    result = against_numpy(chosen, IN_PLACE[backend])
    assert result.verdict == "disagree"
    assert [(culprit.op, culprit.phase, culprit.call) for culprit in result.culprits] == [("tanh", "backward", "a")]
    assert f"the backward of tanh (call a) wrote over {overwritten}" in result.notes
    assert result.rulings == [None]


@pytest.mark.parametrize("backend", ["numpy", "chainer"])
def test_a_weight_waits_for_its_gradient_until_the_end(backend: str) -> None:
    result = against_numpy(beside_a_weight, IN_PLACE[backend])
    assert [(culprit.op, culprit.phase, culprit.call) for culprit in result.culprits] == [("tanh", "backward", "a")]


def test_pytorch_gives_a_weight_a_gradient_of_its_own_at_once() -> None:
    """AccumulateGrad runs before any other backward, and copies what somebody else holds."""
    result = against_numpy(beside_a_weight, IN_PLACE["torch"])
    assert result.verdict == "agree", message(result)
    assert not any("grad_b" in note for note in result.notes)


@pytest.mark.parametrize(("backend", "culprits"), [("numpy", []), ("torch", []), ("chainer", [("tanh", "backward")])])
def test_what_counts_is_the_order_in_which_the_backwards_run(backend: str, culprits: list[tuple[str, str]]) -> None:
    result = against_numpy(deeper_branch_first, IN_PLACE[backend])
    assert [(culprit.op, culprit.phase) for culprit in result.culprits] == culprits, message(result)
    assert result.verdict == ("disagree" if culprits else "agree")


def test_what_was_read_may_be_written_over_and_who_does_is_not_blamed_for_who_read() -> None:
    """relu's backward is wrong, and tanh's writes over what relu has read by then."""
    module = changed(IN_PLACE["numpy"], relu=relu_without_mask)
    result = against_numpy(deeper_branch_first, module)
    assert [(culprit.op, culprit.phase) for culprit in result.culprits] == [("relu", "backward")]


def test_who_writes_over_a_wrong_gradient_is_not_blamed_for_it() -> None:
    module = with_changes(tanh=tanh_by_hand, relu=relu_without_mask)
    result = against_numpy(below_relu, module)
    assert [(culprit.op, culprit.phase, culprit.call) for culprit in result.culprits] == [("relu", "backward", "r")]


@pytest.mark.parametrize("backend", ["torch", "chainer"])
def test_no_recording_outlives_its_updates(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's graph holds its hooks where Python's garbage collector can't see them."""
    recordings: list[weakref.ref[Recording]] = []
    begin = Recording.__init__

    def counted(self: Recording, *arguments: Any) -> None:
        begin(self, *arguments)
        recordings.append(weakref.ref(self))

    monkeypatch.setattr(Recording, "__init__", counted)
    against_numpy(two_branches, load_backend(backend).module)
    gc.collect()
    assert len(recordings) >= two_branches.epochs
    assert [recording() for recording in recordings if recording() is not None] == []
