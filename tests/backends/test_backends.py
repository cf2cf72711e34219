"""The backends themselves: same names in the same order, gradients right by a method that shares no code with them."""

import importlib
import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends import hips_autograd as autograd_backend
from backends import numpy_manual, vocabulary
from backends.contract import Array
from backends.op_inputs import MAKERS, gradients_above, inputs_of, with_gradient
from backends.vocabulary import BUILT_IN
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, hand_written_ops, load_backend
from harness.recording.recorder import record_program
from harness.running.runner import Runner
from lockstep import assert_agree
from reports.source.source import read_backend
from tests.backends.computing import BY_FRAMEWORK, alone, as_list, by_hand, skip_without_any_of

OPS = [name for names in vocabulary.OPS.values() for name in names]
SEEDS = range(12)
"""Of random inputs and settings; so many that every setting is among them."""


@pytest.mark.parametrize("module", BUILT_IN.values())
def test_every_backend_has_the_names_of_the_vocabulary_in_its_order(module: str) -> None:
    source = read_backend(module)
    expected = {**vocabulary.OPS, "detaching": vocabulary.DETACHING, **vocabulary.RULES}
    families: dict[str, list[str]] = {family: [] for family in expected}
    for name in source.names:
        families[source.families[name]].append(name)
    assert {family: tuple(names) for family, names in families.items()} == expected
    assert source.names == list(vocabulary.KINDS)


@pytest.mark.parametrize("package", [*BUILT_IN.values(), "backends.op_inputs"])
def test_every_family_stands_in_its_folder(package: str) -> None:
    folder = Path(importlib.import_module(package).__path__[0])
    for name, families in vocabulary.FAMILIES.items():
        assert {f"{family}.py" for family in families} <= {file.name for file in (folder / name).iterdir()}
    assert [family for families in vocabulary.FAMILIES.values() for family in families] == list(vocabulary.OPS)


def test_every_op_has_inputs_to_be_checked_on() -> None:
    assert list(MAKERS) == OPS


@pytest.mark.parametrize("op", OPS)
def test_every_setting_of_an_op_and_every_number_of_inputs_is_among_those(op: str) -> None:
    parameters = inspect.signature(getattr(numpy_manual, op)).parameters.values()
    settings = {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}
    optional = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD and each.default is None]
    drawn = [inputs_of(op, np.random.RandomState(seed)) for seed in SEEDS]
    assert settings == {name for _, given in drawn for name in given}
    assert len({len(inputs) for inputs, _ in drawn}) > bool(optional)


def random_case(op: str, seed: int, dtype: str) -> tuple[Callable[..., Any], list[Any], dict[str, Any], list[Array]]:
    """A hand-written op, its inputs and settings, and a random gradient of each output."""
    random = np.random.RandomState(seed)
    inputs, settings = inputs_of(op, random, dtype)
    function = partial(getattr(numpy_manual, op), **settings)
    return function, inputs, settings, gradients_above(op, as_list(function(*inputs)[0]), random, dtype)


@pytest.mark.parametrize("op", OPS)
def test_hand_written_op_keeps_its_dtype_and_the_shapes_of_its_inputs(
    hand_written: LoadedBackend, op: str, dtype: str
) -> None:
    for seed in SEEDS:
        _, inputs, settings, above = random_case(op, seed, dtype)
        results = alone(hand_written, op, inputs, settings, above).results
        assert {np.asarray(array).dtype for array in results} == {np.dtype(dtype)}
        differentiable = [array for array, has in zip(inputs, with_gradient(op, inputs), strict=True) if has]
        assert [np.shape(array) for array in results] == [array.shape for array in [*above, *differentiable]]


@pytest.mark.parametrize("op", OPS)
def test_frameworks_compute_and_differentiate_an_op_as_it_is_written_by_hand(op: str) -> None:
    """In float64, with random gradients from above."""
    for seed in SEEDS:
        function, inputs, settings, above = random_case(op, seed, "float64")
        want = by_hand(function, inputs, above, with_gradient(op, inputs))
        for name in ("torch", "chainer"):
            got = BY_FRAMEWORK[name](op, inputs, settings, above)
            assert len(got) == len(want), name
            for ours, theirs in zip(want, got, strict=True):
                scale = np.max(np.abs(ours), initial=1.0)
                np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-12 * scale, err_msg=f"{name} {seed}")


def within_the_functional_vocabulary() -> list[str]:
    """The built-in scenarios that the functional backend has all ops and rules for."""
    results = []
    for name, scenario in built_in_scenarios().items():
        program = record_program(scenario, draw_arrays(scenario, scenario.dtype), hand_written_ops(()))
        needed = [*(call.op for call in program.calls), *(rule.op for rule in program.rules)]
        if all(hasattr(autograd_backend, op) for op in needed) and not program.buffers:
            results.append(name)
    return results


@pytest.mark.parametrize("name", within_the_functional_vocabulary())
def test_a_functional_framework_fits_the_contract(name: str, dtype: str) -> None:
    scenario = built_in_scenarios()[name].vary(epochs=10)
    assert assert_agree(scenario, {"autograd": autograd_backend}, dtype=dtype).verdict == "agree"


def test_the_functional_vocabulary_is_not_empty() -> None:
    assert {"two_layer", "digits", "residual_shared", "trained_by_momentum"} <= set(within_the_functional_vocabulary())


def test_the_functional_backend_borrows_nothing() -> None:
    source = inspect.getsource(autograd_backend)
    assert "numpy_manual" not in source
    assert "lockstep" not in source


def test_traced_values_and_gradients_are_those_of_the_reference(any_backend: LoadedBackend) -> None:
    check_traced(any_backend)


def test_traced_values_and_gradients_of_a_functional_framework_are_those_of_the_reference() -> None:
    check_traced(load_backend("autograd=backends.hips_autograd"))


def check_traced(backend: LoadedBackend) -> None:
    scenario = built_in_scenarios()["residual_shared"]
    program = record_program(scenario, draw_arrays(scenario, "float64"), hand_written_ops(()))
    skip_without_any_of(backend, program)
    want, got = (
        Runner(each, program, draw_arrays(scenario, "float64"), 1, "float64", trace=True).advance()
        for each in (load_backend("numpy"), backend)
    )
    assert list(want.values) == list(program.values)
    assert got.values.keys() == want.values.keys()
    assert got.value_grads.keys() == want.value_grads.keys()
    for name in want.values:
        np.testing.assert_allclose(got.values[name], want.values[name], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(got.value_grads[name], want.value_grads[name], rtol=1e-12, atol=1e-14)
