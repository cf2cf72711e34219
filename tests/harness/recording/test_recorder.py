"""The recorder names every call after the variable it is assigned to, however the scenario is written."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from backends.contract import Program
from harness.errors import InputError
from harness.recording.arrays import draw_arrays
from harness.recording.loading import hand_written_ops
from harness.recording.recorder import record_program
from scenarios import param, randn, scenario, sgd

Function = Callable[..., Any]


def recorded(function: Function, find_op: Function | None = None) -> Program:
    """Record a function over x (4, 3), y (4, 3), w (3, 3) and a bias b (3,)."""
    defined = scenario(
        seed=1, epochs=1, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 3), w=param(3, 3), b=param(3)
    )(function)
    draws = draw_arrays(defined, "float32")
    return record_program(defined, draws, find_op or hand_written_ops(()))


def names(function: Function) -> list[str]:
    return [name for call in recorded(function).calls for name in call.outputs]


def test_assignments_and_the_returned_loss() -> None:
    def plain(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        h = op.matmul(x, w)
        h_b: Any = op.add(h, b)
        return op.mean_squared_error(h_b, y)

    assert names(plain) == ["h", "h_b", "loss"]


def test_a_call_over_several_lines() -> None:
    # fmt: off
    def several_lines(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        h = op.add(
            op.matmul(
                x,
                w,
            ),
            b,
        )
        h_r = (op
               .relu(h))
        return (
            op.mean_squared_error(
                h_r, y)
        )
    # fmt: on

    assert names(several_lines) == ["matmul_1", "h", "h_r", "loss"]


def test_nested_calls_are_numbered() -> None:
    def nested(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        return op.mean_squared_error(op.relu(op.add(op.matmul(op.relu(op.matmul(x, w)), w), b)), y)

    assert names(nested) == ["matmul_1", "relu_1", "matmul_2", "add_1", "relu_2", "loss"]


def test_tuples_and_walrus() -> None:
    def tuples(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        h, (positive, below) = op.matmul(x, w), (op.relu(x), op.relu(y))
        if (joined := op.add(positive, below)).shape == (4, 3):
            joined = op.add(joined, h)
        biased = op.add(joined, b)
        return op.mean_squared_error(biased, y)

    assert names(tuples) == ["h", "positive", "below", "joined", "joined_2", "biased", "loss"]


def test_loops_count_up() -> None:
    def loop(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        h = x
        for _ in range(3):
            h = op.relu(op.add(op.matmul(h, w), b))
        return op.mean_squared_error(h, y)

    assert [name for name in names(loop) if name.startswith("h")] == ["h", "h_2", "h_3"]


def test_functions_that_build_blocks_are_named_by_their_caller() -> None:
    def linear(op: Any, x: Any, w: Any, b: Any) -> Any:
        product = op.matmul(x, w)
        return op.add(product, b)

    def branches(op: Any, x: Any) -> Any:
        return op.relu(x), op.add(x, x)

    def blocks(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        first = linear(op, x, w, b)
        second = linear(op, first, w, b)
        left, right = branches(op, second)
        return op.mean_squared_error(op.add(left, right), y)

    assert names(blocks) == ["product", "first", "product_2", "second", "left", "right", "add_1", "loss"]


def test_lambdas_and_partials() -> None:
    def with_lambda(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        activation: Function = lambda h: op.relu(h)  # noqa: E731
        times_w = partial(op.matmul, w=w)
        h = times_w(x)
        h_r = activation(h)
        return op.mean_squared_error(op.add(h_r, b), y)

    assert names(with_lambda) == ["h", "h_r", "add_1", "loss"]


def test_comprehensions_are_numbered_and_keys_are_names() -> None:
    def collected(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        both = [op.relu(tensor) for tensor in (x, y)]
        kept = {}
        kept["h"] = op.matmul(both[0], w)
        return op.mean_squared_error(op.add(op.add(kept["h"], b), both[1]), y)

    assert names(collected) == ["relu_1", "relu_2", "h", "add_1", "add_2", "loss"]


def test_a_variable_named_like_an_op_does_not_shadow_it() -> None:
    def shadowing(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        relu = op.relu(op.add(op.matmul(x, w), b))
        return op.mean_squared_error(relu, y)

    assert "relu" not in names(shadowing)


def test_names_never_repeat_a_drawn_tensor() -> None:
    def reused(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        x = op.add(op.matmul(x, w), b)
        x = op.relu(x)
        return op.mean_squared_error(x, y)

    assert names(reused) == ["matmul_1", "x_2", "x_3", "loss"]


def test_without_source_names_are_automatic() -> None:
    namespace: dict[str, Any] = {}
    exec(
        "def typed_in(op, x, y, w, b):\n"
        "    h = op.relu(op.add(op.matmul(x, w), b))\n"
        "    return op.mean_squared_error(h, y)\n",
        namespace,
    )
    assert names(namespace["typed_in"]) == ["matmul_1", "add_1", "relu_1", "mean_squared_error_1"]


def test_the_program_says_what_depends_on_a_weight() -> None:
    def partly(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        x_r = op.relu(x)
        h = op.add(op.matmul(x_r, w), b)
        return op.mean_squared_error(h, y)

    program = recorded(partly)
    assert program.differentiable == {"w", "b", "matmul_1", "h", "loss"}
    assert program.shapes["h"] == (4, 3)
    assert program.shapes["loss"] == ()
    assert program.weights == ("w", "b")
    assert program.calls[0].line.endswith(f"test_recorder.py:{partly.__code__.co_firstlineno + 1}")


@pytest.mark.parametrize("written", ["b=b", "x, b"])
def test_tensors_by_keyword_are_tensors(written: str) -> None:
    def keyword(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        h = op.matmul(x, w)
        biased = op.add(h, b=b) if written == "b=b" else op.add(h, b)
        return op.mean_squared_error(biased, y)

    assert recorded(keyword).calls[1].inputs == ("h", "b")


def test_settings_are_plain_numbers() -> None:
    """NumPy's float64 would make float32 tensors float64."""

    def with_numpy(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        h = op.reshape(op.linear(x, w, b), shape=(np.int64(4), np.int32(3)))
        return op.huber(
            h, op.transpose(op.transpose(y, axes=np.array([1, 0])), axes=[np.int8(1), 0]), delta=np.float64(0.5)
        )

    program = recorded(with_numpy)
    assert [repr(dict(call.settings)) for call in program.calls if call.settings] == [
        "{'shape': (4, 3)}",
        "{'axes': [1, 0]}",
        "{'axes': [1, 0]}",
        "{'delta': 0.5}",
    ]


def test_a_gradient_of_another_shape_is_refused() -> None:
    """The forward broadcasts b, the backward does not sum its gradient up again."""

    def add(x: Any, b: Any) -> Any:
        return x + b, lambda grad_y: (grad_y, grad_y)

    def plain(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        return op.mean_squared_error(op.add(op.matmul(x, w), b), y)

    said = (
        r"op.add\(matmul_1, b\) can't take matmul_1 \(4, 3\) and b \(3,\): the gradient of b would have shape \(4, 3\)"
    )
    find_op = hand_written_ops(())
    with pytest.raises(InputError, match=said):
        recorded(plain, lambda name: add if name == "add" else find_op(name))


def test_a_backward_with_too_few_gradients_is_refused() -> None:
    def add(x: Any, b: Any) -> Any:
        return x + b, lambda grad_y: (grad_y,)

    def plain(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        return op.mean_squared_error(op.add(op.matmul(x, w), b), y)

    find_op = hand_written_ops(())
    with pytest.raises(InputError, match="its backward must give one gradient per input, 2, not 1"):
        recorded(plain, lambda name: add if name == "add" else find_op(name))
