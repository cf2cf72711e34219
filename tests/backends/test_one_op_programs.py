"""An op in a program of its own gives what it gives alone, and what was seen of it is what the backend shows."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual, torch_autograd
from backends.op_inputs import MAKERS, gradients_above, inputs_of
from harness.certifying.one_op import one_op
from harness.recording.loading import LoadedBackend, load_backend
from tests.backends.computing import alone, as_list
from tests.backends.one_op_programs import Alone, alone_by_training
from tests.harness.broken import with_changes


def case(op: str, seed: int = 0) -> tuple[list[Any], dict[str, Any], list[Any]]:
    """Inputs and settings of an op, and random gradients of its outputs."""
    random = np.random.RandomState(seed)
    inputs, settings = inputs_of(op, random)
    outputs = as_list(getattr(numpy_manual, op)(*inputs, **settings)[0])
    return inputs, settings, gradients_above(op, outputs, random, "float64")


def check_same(one: Alone, backend: LoadedBackend, op: str, inputs: list[Any], settings: dict[str, Any]) -> None:
    want = alone(backend, op, inputs, settings, one.above).results
    assert len(one.results) == len(want)
    for got, right in zip(one.results, want, strict=True):
        np.testing.assert_allclose(got, right, rtol=0, atol=1e-13 * np.max(np.abs(right), initial=1.0))


@pytest.mark.parametrize("op", MAKERS)
def test_an_op_that_is_trained_alone_gives_what_it_gives_alone(op: str) -> None:
    for name in ("numpy", "torch"):
        backend, (inputs, settings, above) = load_backend(name), case(op)
        one = alone_by_training(backend, op, inputs, settings, above)
        for arrived, asked in zip(one.above, above, strict=True):
            np.testing.assert_array_equal(arrived, asked)
        check_same(one, backend, op, inputs, settings)


def only(*names: str) -> ModuleType:
    """PyTorch's backend with these ops and rules alone, and its train."""
    module = ModuleType("few")
    module.__dict__.update({name: getattr(torch_autograd, name) for name in ("train", *names)})
    return module


def test_a_squared_error_makes_the_loss_where_nothing_else_can() -> None:
    few = LoadedBackend("few", only("softmax", "mean_squared_error", "sgd"))
    inputs, settings, above = case("softmax")
    one = alone_by_training(few, "softmax", inputs, settings, above)
    np.testing.assert_allclose(one.above[0], above[0], rtol=1e-12, atol=1e-12)
    check_same(one, load_backend("torch"), "softmax", inputs, settings)


@pytest.mark.parametrize(
    ("op", "names", "says"),
    [
        ("softmax", ("softmax", "sgd"), "softmax alone: that needs multiply and reduce_sum, or mean_squared_error"),
        ("softmax", ("softmax", "mean_squared_error"), "softmax alone: that needs sgd"),
        ("lstm", ("lstm", "mean_squared_error", "sgd"), "lstm alone: that needs add"),
    ],
)
def test_what_a_backend_lacks_is_the_reason_to_skip(op: str, names: tuple[str, ...], says: str) -> None:
    with pytest.raises(pytest.skip.Exception) as skipped:
        alone_by_training(LoadedBackend("few", only(*names)), op, *case(op))
    assert f"backend few can't train {says}" in str(skipped.value)


def test_a_backend_that_shows_no_values_is_skipped_not_passed() -> None:
    def train(ops: Any, program: Any, weights: Any, batches: Any, *, trace: bool = False) -> Any:
        return numpy_manual.train(ops, program, weights, batches, trace=False)

    with pytest.raises(pytest.skip.Exception, match="does not show the outputs of softmax"):
        alone_by_training(LoadedBackend("mine", with_changes(train=train)), "softmax", *case("softmax"))


def test_a_program_without_data_is_given_some() -> None:
    inputs, settings, above = case("mean_squared_error")
    one = one_op(lambda name: name != "multiply", "mean_squared_error", inputs, settings, above)
    assert list(one.weights) == ["x_0", "x_1"]
    assert one.program.data == ("unused",)
