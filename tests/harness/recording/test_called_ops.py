"""The ops that a scenario's code names are those that it calls."""

import subprocess
import sys
from typing import Any

import pytest

from harness.recording.arrays import draw_arrays
from harness.recording.called_ops import called_ops
from harness.recording.catalogue import built_in_scenarios, probes
from harness.recording.loading import hand_written_ops
from harness.recording.recorder import record_program
from scenarios import param, randn, scenario, sgd

NOT_IN_CODE = {"absolute", "batch_matmul", "negative", "transpose", "slice_axis", "select", "expand_dims"}
"""What operators may stand for that can't be read off the code."""
BETWEEN_NUMBERS = {"matmul", "add", "subtract", "multiply", "divide", "power"}
"""The ops of operators that may stand between two numbers."""
CATALOGUE = {**built_in_scenarios(), **probes()}


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_is_read_off_the_code_is_what_is_recorded(name: str) -> None:
    chosen = CATALOGUE[name]
    program = record_program(chosen, draw_arrays(chosen, chosen.dtype), hand_written_ops(()))
    rules = {name for rule in chosen.all_rules for name in rule.names}
    recorded = {call.op for call in program.calls} | rules
    assert recorded - called_ops(chosen) <= NOT_IN_CODE
    assert called_ops(chosen) - recorded <= BETWEEN_NUMBERS


def test_ops_within_functions_of_the_same_file_count() -> None:
    assert called_ops(outer) == {"matmul", "tanh", "mean_squared_error", "sgd"}


def layer(op: Any, x: Any, w: Any) -> Any:
    (y,) = [op.tanh(each) for each in (op.matmul(x, w),)]
    return y


def test_operators_count_as_their_ops() -> None:
    assert called_ops(with_operators) == {"matmul", "multiply", "tanh", "mean_squared_error", "sgd"}


@scenario(seed=1, epochs=1, optimizer=sgd(lr=0.1), x=randn(2, 3), y=randn(2, 3), w=param(3, 3))
def with_operators(op: Any, x: Any, y: Any, w: Any) -> Any:
    h = x @ w
    h *= 2
    return op.mean_squared_error(op.tanh(h), y)


@scenario(seed=1, epochs=1, optimizer=sgd(lr=0.1), x=randn(2, 3), y=randn(2, 3), w=param(3, 3))
def outer(op: Any, x: Any, y: Any, w: Any) -> Any:
    return op.mean_squared_error(layer(op, x, w), y)


def test_nothing_is_imported_for_it() -> None:
    code = (
        "import sys; from harness.recording.called_ops import called_ops\n"
        "from harness.recording.catalogue import built_in_scenarios\n"
        "assert all(map(called_ops, built_in_scenarios().values()))\n"
        "assert not {'numpy', 'chainer', 'torch'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
