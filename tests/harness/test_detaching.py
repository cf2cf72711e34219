"""Through detach no gradient passes, in any backend, and a backend that lets one pass is refused."""

from types import ModuleType
from typing import Any

import pytest

from backends import chainer_autograd, torch_autograd
from backends.contract import Program
from harness.errors import InputError
from harness.recording.arrays import draw_arrays
from harness.recording.loading import LoadedBackend, hand_written_ops, load_backend
from harness.recording.recorder import record_program
from harness.run import run_scenario
from scenarios import Scenario, param, randn, scenario, sgd
from scenarios.training.targets import straight_through, temporal_difference


def recorded(chosen: Scenario) -> Program:
    return record_program(chosen, draw_arrays(chosen, "float64"), hand_written_ops(()))


def test_what_is_only_detached_has_no_gradient() -> None:
    program = recorded(temporal_difference)
    assert program.with_gradient == {"w1", "b1", "w2", "loss", "matmul_3", "add_2", "tanh_2", "matmul_4"}


def test_what_is_used_both_ways_has_the_gradient_of_the_other_use() -> None:
    program = recorded(straight_through)
    assert {"h", "code"} <= program.with_gradient
    assert not {"clipped", "detach_1", "subtract_1"} & program.with_gradient


@scenario(seed=1, epochs=1, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), w1=param(3, 5), w2=param(5, 2))
def cut_off(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    return op.mean_squared_error(op.detach(x @ w1) @ w2, y)


def test_a_weight_that_the_loss_only_reaches_detached_is_refused() -> None:
    with pytest.raises(InputError, match=r"depends on the weight w1 only through op\.detach"):
        recorded(cut_off)


@scenario(seed=1, epochs=1, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), w1=param(3, 5), w2=param(5, 2))
def used_before_too(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    h = x @ w1
    return op.mean_squared_error(op.detach(h) @ w2, y) + op.reduce_mean(h**2)


def without_detaching(framework: ModuleType) -> LoadedBackend:
    module = ModuleType("attached")
    vars(module).update({**vars(framework), "detach": lambda x: x})
    return LoadedBackend("attached", module)


@pytest.mark.parametrize("framework", [chainer_autograd, torch_autograd])
@pytest.mark.parametrize("chosen", [temporal_difference, straight_through, used_before_too])
def test_a_gradient_that_passes_is_found(framework: ModuleType, chosen: Scenario) -> None:
    with pytest.raises(InputError, match=r"which has none in this program: .* \(detach backward\)"):
        run_scenario(chosen, [load_backend("numpy"), without_detaching(framework)])
