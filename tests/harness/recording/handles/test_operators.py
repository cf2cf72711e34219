"""Python's operators on a scenario's tensors are recorded as the ops that they stand for."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends.contract import Program
from harness.recording.arrays import draw_arrays
from harness.recording.loading import hand_written_ops, load_backends
from harness.recording.recorder import record_program
from harness.run import run_scenario
from scenarios import bernoulli, param, randn, scenario, sgd

Ops = list[tuple[str, tuple[str, ...], dict[str, Any], str]]
DRAWN: Any = {"x": randn(6, 3), "y": randn(6, 4), "s": randn(2, 3, 4), "w": param(3, 4), "b": param(4)}


def recorded(written: Callable[..., Any]) -> Program:
    defined = scenario(seed=1, epochs=1, optimizer=sgd(lr=0.1), **DRAWN)(written)
    return record_program(defined, draw_arrays(defined, "float32"), hand_written_ops(()))


def calls_of(value: Callable[..., Any]) -> Ops:
    """The calls that the value of a function of x, y, s, w and b takes, without those of the loss."""

    def written(op: Any, x: Any, y: Any, s: Any, w: Any, b: Any) -> Any:
        value(x, y, s, w, b)
        return op.mean_squared_error(op.linear(x, w, b), y)

    program = recorded(written)
    return [(call.op, call.inputs, dict(call.settings), call.outputs[0]) for call in program.calls[:-2]]


@pytest.mark.parametrize(
    ("value", "calls"),
    [
        (lambda x, y, s, w, b: x @ w, [("matmul", ("x", "w"), {}, "matmul_1")]),
        (
            lambda x, y, s, w, b: s @ w.T,
            [
                ("transpose", ("w",), {"axes": (1, 0)}, "transpose_1"),
                ("batch_matmul", ("s", "transpose_1"), {}, "batch_matmul_1"),
            ],
        ),
        (lambda x, y, s, w, b: y + b, [("add", ("y", "b"), {}, "add_1")]),
        (lambda x, y, s, w, b: y - b, [("subtract", ("y", "b"), {}, "subtract_1")]),
        (lambda x, y, s, w, b: 1 - y, [("subtract", ("constant_1", "y"), {}, "subtract_1")]),
        (lambda x, y, s, w, b: y * 0.5, [("multiply", ("y", "constant_0_5"), {}, "multiply_1")]),
        (lambda x, y, s, w, b: -2 / y, [("divide", ("constant_minus_2", "y"), {}, "divide_1")]),
        (lambda x, y, s, w, b: y + np.float64(1e-5), [("add", ("y", "constant_1e_05"), {}, "add_1")]),
        (lambda x, y, s, w, b: -y, [("negative", ("y",), {}, "negative_1")]),
        (lambda x, y, s, w, b: +y, []),
        (lambda x, y, s, w, b: abs(y), [("absolute", ("y",), {}, "absolute_1")]),
        (lambda x, y, s, w, b: y**2, [("power", ("y",), {"exponent": 2}, "power_1")]),
        (lambda x, y, s, w, b: w.T, [("transpose", ("w",), {"axes": (1, 0)}, "transpose_1")]),
        (lambda x, y, s, w, b: x[:], []),
        (lambda x, y, s, w, b: x[2], [("select", ("x",), {"index": 2, "axis": 0}, "select_1")]),
        (lambda x, y, s, w, b: x[..., -1], [("select", ("x",), {"index": -1, "axis": 1}, "select_1")]),
        (
            lambda x, y, s, w, b: s[:, 1:, :-1],
            [
                ("slice_axis", ("s",), {"start": 0, "stop": 3, "axis": 2}, "slice_axis_1"),
                ("slice_axis", ("slice_axis_1",), {"start": 1, "stop": 3, "axis": 1}, "slice_axis_2"),
            ],
        ),
        (
            lambda x, y, s, w, b: s[1, :, 2],
            [
                ("select", ("s",), {"index": 2, "axis": 2}, "select_1"),
                ("select", ("select_1",), {"index": 1, "axis": 0}, "select_2"),
            ],
        ),
    ],
)
def test_an_operator_is_recorded_as_its_op(value: Callable[..., Any], calls: Ops) -> None:
    assert calls_of(value) == calls


def test_a_value_is_called_after_its_variable() -> None:
    def written(op: Any, x: Any, y: Any, s: Any, w: Any, b: Any) -> Any:
        h = x @ w + b
        h *= 2
        first, rest = h[:, 0], (h[:, 1:])
        penalty: Any = 0.01 * op.reduce_sum(
            w * w,
        )
        both = op.reduce_sum(first) / op.reduce_sum(rest)
        return op.mean_squared_error(h, y) + penalty + both

    program = recorded(written)
    assert [call.outputs[0] for call in program.calls] == [
        "matmul_1",
        "h",
        "h_2",
        "first",
        "rest",
        "multiply_1",
        "reduce_sum_1",
        "penalty",
        "reduce_sum_2",
        "reduce_sum_3",
        "both",
        "mean_squared_error_1",
        "add_1",
        "loss",
    ]
    assert [call.is_nested for call in program.calls[:3]] == [True, False, False]


def test_equal_numbers_are_one_constant_that_stays() -> None:
    def written(op: Any, x: Any, y: Any, s: Any, w: Any, b: Any) -> Any:
        return op.mean_squared_error(2 * op.linear(x, w, b) + 0.1, y) * 2.0

    program = recorded(written)
    assert program.constants == {"constant_2": 2.0, "constant_0_1": 0.1}
    assert program.carried == {"constant_2": "constant_2", "constant_0_1": "constant_0_1"}
    assert program.buffers["constant_0_1"] == np.float32(0.1)
    assert program.buffers["constant_0_1"].dtype == np.float32


def test_a_constant_is_rounded_to_the_scenarios_dtype_first() -> None:
    program = record_program(with_operators, draw_arrays(with_operators, "float64"), hand_written_ops(()))
    assert program.buffers["constant_0_3"] == np.float64(np.float32(0.3))


@scenario(
    seed=3,
    epochs=3,
    batch_size=4,
    optimizer=sgd(lr=0.1),
    x=randn(10, 3),
    y=randn(10, 2),
    mask=bernoulli(10, 4, keep=0.5),
    w1=param(3, 4),
    w2=param(3, 2),
)
def with_operators(op: Any, x: Any, y: Any, mask: Any, w1: Any, w2: Any) -> Any:
    """Numbers beside tensors in batches whose last one is shorter."""
    h = op.tanh(x @ w1) * (1 - mask)
    return op.mean_squared_error(h[:, 1:] @ w2, y) + 0.3 * op.reduce_mean(w1**2)


def test_backends_agree_on_them(dtype: str) -> None:
    assert run_scenario(with_operators, load_backends([]), dtype=dtype).verdict == "agree"
