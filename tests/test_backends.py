"""The backends themselves: same names in the same order, gradients right by a method that shares no code with them."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from backends import chainer_autograd, numpy_manual, torch_autograd
from backends.contract import Array
from lockstep import assert_agree
from lockstep.draws import draw
from lockstep.experiment import prepare
from lockstep.loading import BUILT_IN_BACKENDS, built_in_scenarios, load_backend
from lockstep.stepping import Runner
from reports.source import is_op, read_backend
from tests import autograd_backend
from tests.op_inputs import MAKERS, inputs_of

OPS = [
    name
    for name in read_backend("backends.numpy_manual").names
    if is_op(read_backend("backends.numpy_manual").functions[name])
]


@pytest.mark.parametrize("module", BUILT_IN_BACKENDS.values())
def test_every_backend_has_the_same_names_in_the_same_order(module: str) -> None:
    assert read_backend(module).names == read_backend("backends.numpy_manual").names


def test_every_op_has_inputs_to_be_checked_on() -> None:
    assert list(MAKERS) == OPS


def outputs_and_gradients(function: Callable[..., Any], inputs: list[Any], above: list[Array]) -> list[Array]:
    """What a hand-written op gives and hands back for these gradients of its outputs; labels have no gradient."""
    result, backward = function(*inputs)
    gradients = [gradient() if callable(gradient) else gradient for gradient in backward(*above)]
    assert [gradient is None for gradient in gradients] == [array.dtype.kind != "f" for array in inputs]
    return [*_as_list(result), *(gradient for gradient in gradients if gradient is not None)]


def _as_list(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple | list) else [result]


def random_case(op: str, seed: int, dtype: str) -> tuple[Callable[..., Any], list[Any], dict[str, Any], list[Array]]:
    """A hand-written op, its inputs and settings, and a random gradient of each output."""
    random = np.random.RandomState(seed)
    inputs, settings = inputs_of(op, random, dtype)
    function = partial(getattr(numpy_manual, op), **settings)
    outputs = _as_list(function(*inputs)[0])
    above = [np.asarray(random.standard_normal(np.shape(output)), dtype) for output in outputs]
    return function, inputs, settings, above


@pytest.mark.parametrize("op", OPS)
def test_hand_written_op_keeps_its_dtype_and_the_shapes_of_its_inputs(op: str, dtype: str) -> None:
    for seed in range(5):
        function, inputs, _, above = random_case(op, seed, dtype)
        found = outputs_and_gradients(function, inputs, above)
        assert {np.asarray(array).dtype for array in found} == {np.dtype(dtype)}
        floats = [array for array in inputs if array.dtype.kind == "f"]
        assert [np.shape(array) for array in found] == [array.shape for array in [*above, *floats]]


@pytest.mark.parametrize("op", OPS)
def test_frameworks_compute_and_differentiate_an_op_as_it_is_written_by_hand(op: str) -> None:
    """In float64, with random gradients from above."""
    for seed in range(5):
        function, inputs, settings, above = random_case(op, seed, "float64")
        want = outputs_and_gradients(function, inputs, above)
        for name, differentiate in (("torch", _torch), ("chainer", _chainer)):
            got = differentiate(op, inputs, settings, above)
            assert len(got) == len(want), name
            for ours, theirs in zip(want, got, strict=True):
                scale = np.max(np.abs(ours), initial=1.0)
                np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-12 * scale, err_msg=f"{name} {seed}")


def _torch(op: str, inputs: list[Any], settings: dict[str, Any], above: list[Array]) -> list[Array]:
    tensors = [torch.tensor(array, requires_grad=array.dtype.kind == "f") for array in inputs]
    outputs = _as_list(getattr(torch_autograd, op)(*tensors, **settings))
    with_gradient = [tensor for tensor in tensors if tensor.requires_grad]
    gradients = torch.autograd.grad(
        [output for output in outputs if output.requires_grad],
        with_gradient,
        [torch.tensor(g) for g, output in zip(above, outputs, strict=True) if output.requires_grad],
        allow_unused=True,
        materialize_grads=True,
    )
    return [output.detach().numpy() for output in outputs] + [gradient.numpy() for gradient in gradients]


def _chainer(op: str, inputs: list[Any], settings: dict[str, Any], above: list[Array]) -> list[Array]:
    chainer = chainer_autograd.chainer
    variables = [chainer.Variable(array, requires_grad=array.dtype.kind == "f") for array in inputs]
    outputs = _as_list(getattr(chainer_autograd, op)(*variables, **settings))
    with_gradient = [variable for variable in variables if variable.requires_grad]
    gradients = chainer.grad(outputs, with_gradient, [chainer.Variable(g) for g in above])
    found = [
        np.zeros(variable.shape) if gradient is None else gradient.array
        for variable, gradient in zip(with_gradient, gradients, strict=True)
    ]
    return [output.array for output in outputs] + found


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
