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

CATALOGUE = {**built_in_scenarios(), **probes()}


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_is_read_off_the_code_is_what_is_recorded(name: str) -> None:
    chosen = CATALOGUE[name]
    program = record_program(chosen, draw_arrays(chosen, chosen.dtype), hand_written_ops(()))
    rules = {rule.name for rule in chosen.rules.values()}
    assert called_ops(chosen) == {call.op for call in program.calls} | rules


def test_ops_within_functions_of_the_same_file_count() -> None:
    assert called_ops(outer) == {"matmul", "tanh", "mean_squared_error", "sgd"}


def layer(op: Any, x: Any, w: Any) -> Any:
    (y,) = [op.tanh(each) for each in (op.matmul(x, w),)]
    return y


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
