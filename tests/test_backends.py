"""The backends themselves: same names in the same order, gradients right by a method that shares no code with them."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends import numpy_manual
from backends.contract import Array
from lockstep import assert_agree
from lockstep.draws import draw
from lockstep.experiment import prepare
from lockstep.loading import BUILT_IN_BACKENDS, built_in_scenarios, load_backend
from lockstep.stepping import Runner
from reports.source import is_op, read_backend
from tests import autograd_backend

OPS = [
    name
    for name in read_backend("backends.numpy_manual").names
    if is_op(read_backend("backends.numpy_manual").functions[name])
]
STEP = 1e-5


def random_inputs(op: str, random: np.random.RandomState) -> list[Array]:
    """Inputs of random shape; real ones away from kinks, labels as integers."""
    rows, inner, columns = random.randint(1, 6, size=3)
    away_from_kinks = random.uniform(0.1, 2, (rows, columns)) * random.choice([-1, 1], (rows, columns))
    y = random.standard_normal((rows, columns))
    return {
        "matmul": [random.standard_normal((rows, inner)), random.standard_normal((inner, columns))],
        "add": [y, random.standard_normal(columns if random.rand() < 0.5 else (rows, columns))],
        "relu": [away_from_kinks],
        "sigmoid": [y * 3],
        "tanh": [y],
        "layer_norm": [
            random.standard_normal((rows, inner + 1)),
            random.uniform(0.5, 2, inner + 1),
            random.standard_normal(inner + 1),
        ],
        "mean_squared_error": [y, random.standard_normal((rows, columns))],
        "softmax_cross_entropy": [y * 3, random.randint(0, columns, rows)],
    }[op]


SETTINGS = {"layer_norm": {"eps": 1e-3}}
"""Of the ops that have any."""


@pytest.mark.parametrize("module", BUILT_IN_BACKENDS.values())
def test_every_backend_has_the_same_names_in_the_same_order(module: str) -> None:
    assert read_backend(module).names == read_backend("backends.numpy_manual").names


@pytest.mark.parametrize("op", OPS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_hand_written_gradient_is_the_derivative(op: str, seed: int) -> None:
    """⟨∂L/∂x, d⟩ against a central difference along a random direction d, with a random gradient from above."""
    random = np.random.RandomState(seed)
    function: Callable[..., Any] = partial(getattr(numpy_manual, op), **SETTINGS.get(op, {}))
    inputs = random_inputs(op, random)
    output, backward = function(*inputs)
    above = random.standard_normal(np.shape(output))
    for i, gradient in enumerate(backward(above)):
        if gradient is None:
            assert inputs[i].dtype.kind == "i"
            continue
        gradient = gradient() if callable(gradient) else gradient
        assert gradient.shape == inputs[i].shape
        direction = random.standard_normal(inputs[i].shape)
        moved = [[*inputs[:i], inputs[i] + sign * STEP * direction, *inputs[i + 1 :]] for sign in (1, -1)]
        difference = (np.sum(above * function(*moved[0])[0]) - np.sum(above * function(*moved[1])[0])) / (2 * STEP)
        assert np.sum(gradient * direction) == pytest.approx(difference, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("op", OPS)
def test_hand_written_op_keeps_float32(op: str) -> None:
    random = np.random.RandomState(0)
    inputs = [array.astype(np.float32) if array.dtype.kind == "f" else array for array in random_inputs(op, random)]
    output, backward = getattr(numpy_manual, op)(*inputs, **SETTINGS.get(op, {}))
    assert output.dtype == np.float32
    for gradient in backward(np.ones_like(output)):
        gradient = gradient() if callable(gradient) else gradient
        assert gradient is None or gradient.dtype == np.float32


@pytest.mark.parametrize("name", built_in_scenarios())
def test_a_functional_framework_fits_the_contract(name: str, dtype: str) -> None:
    scenario = built_in_scenarios()[name].vary(epochs=10)
    assert assert_agree(scenario, {"autograd": autograd_backend}, dtype=dtype).verdict == "agree"


def test_the_functional_backend_borrows_nothing() -> None:
    source = inspect.getsource(autograd_backend)
    assert "numpy_manual" not in source
    assert "lockstep" not in source


@pytest.mark.parametrize("name", ["numpy", "chainer", "torch", "autograd=tests.autograd_backend"])
def test_traced_values_and_gradients_are_those_of_the_reference(name: str) -> None:
    scenario = built_in_scenarios()["residual_shared"]
    backends = [load_backend("numpy"), load_backend(name)]
    experiment = prepare(scenario, backends, "float64")
    want, got = (
        Runner(backend, experiment.program, draw(scenario, "float64"), 1, "float64", trace=True).advance()
        for backend in backends
    )
    assert list(want.values) == list(experiment.program.values)
    assert got.values.keys() == want.values.keys()
    assert got.value_grads.keys() == want.value_grads.keys()
    for name_of_value in want.values:
        np.testing.assert_allclose(got.values[name_of_value], want.values[name_of_value], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(
            got.value_grads[name_of_value], want.value_grads[name_of_value], rtol=1e-12, atol=1e-14
        )
