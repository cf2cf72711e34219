"""The gradient check: every hand-written backward is the derivative, and wrong ones are caught."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array
from backends.numpy_manual.constants import CONSTANT, with_constants
from backends.numpy_manual.gradients import DETACHED, Detached
from backends.op_inputs import MAKERS, inputs_of
from harness.recording.loading import LoadedBackend
from tests.backends.computing import op_of
from tests.backends.gradient_check import gradient_check
from tests.harness import broken

OPS: dict[str, Callable[..., Any]] = {name: getattr(numpy_manual, name) for name in MAKERS}
WRONG = {
    name: (max((op for op in OPS if name.startswith(op)), key=len), function)
    for name, function in vars(broken).items()
    if any(name.startswith(op) for op in OPS) and "grad_w" not in inspect.signature(function).parameters
}
"""By name, the op that each is a broken copy of, and the copy."""
INSIDE = {"binary_cross_entropy": (0.5,)}
"""What inputs are put at, for the ops that refuse a 0 there."""
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(1, 20))]
"""Of inputs; the convolutions take seconds for each."""


def without_detached(
    op: str, function: Callable[..., Any], inputs: list[Array]
) -> tuple[Callable[..., Any], list[Array]]:
    """An op as a function of the inputs that it has gradients for, or that are labels, and these inputs.

    What it takes for constants stays as it is in `inputs`.
    """
    detached = DETACHED.get(op, Detached())
    if op in CONSTANT:
        return lambda *given, **settings: function(*with_constants(op, given, inputs, settings), **settings), inputs
    if detached == Detached():
        return function, inputs
    kept = [i for i in range(len(inputs)) if i not in detached.inputs]

    def attached(*given: Array, **settings: Any) -> Any:
        every = list(inputs)
        for i, array in zip(kept, given, strict=True):
            every[i] = array
        result, backward = function(*every, **settings)
        outputs = result if isinstance(result, tuple) else (result,)
        reports = [np.zeros_like(outputs[i]) for i in detached.outputs if i < len(outputs)]
        return outputs[: len(outputs) - len(reports)], lambda *above: [backward(*above, *reports)[i] for i in kept]

    return attached, [inputs[i] for i in kept]


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_hand_written_backward_is_the_derivative(hand_written: LoadedBackend, op: str, seed: int) -> None:
    random = np.random.RandomState(seed)
    inputs, settings = inputs_of(op, random)
    function, attached = without_detached(op, op_of(hand_written, op), inputs)
    with hand_written.guest.stay():
        assert gradient_check(function, attached, settings, random, kinks=INSIDE.get(op, (0.0,))) == []


@pytest.mark.parametrize("name", WRONG)
def test_every_broken_backward_is_caught(name: str) -> None:
    op, function = WRONG[name]
    random = np.random.RandomState(3)
    discrepancies = []
    for _ in range(3):
        inputs, settings = inputs_of(op, random)
        settings = {name: value for name, value in settings.items() if name in inspect.signature(function).parameters}
        if not np.array_equal(function(*inputs, **settings)[0], OPS[op](*inputs, **settings)[0]):
            return  # its forward is wrong, which other backends' forwards show
        discrepancies += gradient_check(function, inputs, settings, random)
    assert discrepancies
    assert "numerical differentiation" in discrepancies[0].text


def test_an_error_at_the_kink_alone_is_caught() -> None:
    def relu(x: Array) -> Any:
        return np.maximum(x, 0), lambda grad_y: (np.where(x > 0, grad_y, np.where(x == 0, 2 * grad_y, 0)),)

    discrepancies = gradient_check(
        relu, [np.random.RandomState(0).standard_normal((3, 4))], {}, np.random.RandomState(1)
    )
    assert [one.where for one in discrepancies] == ["at kinks"]
    assert discrepancies[0].derivative.interval is not None
    assert " between " in discrepancies[0].text


def test_an_error_at_ties_alone_is_caught() -> None:
    """Of two that are the largest, both get the whole gradient: no subgradient along both, yet one along each."""

    def larger(x: Array, y: Array) -> Any:
        def backward(grad: Array) -> Any:
            return np.where(x >= y, grad, 0), np.where(x < y, grad, np.where(x == y, -grad, 0))

        return np.maximum(x, y), backward

    random = np.random.RandomState(0)
    discrepancies = gradient_check(larger, [random.standard_normal(6), random.standard_normal(6)], {}, random)
    assert {(one.position, one.where) for one in discrepancies} == {(1, "at kinks"), (1, "with ties")}


@pytest.mark.parametrize(
    ("backward", "sentence"),
    [
        (lambda grad: (grad,), "backward hands back 1 gradients for 2 inputs"),
        (lambda grad: (grad, np.zeros(7)), "its gradient is (7,), the input (3,)"),
        (lambda grad: (grad, None), "the backward has 0, numerical differentiation"),
        (lambda grad: (grad, np.full(3, np.nan)), "the backward has nan, numerical differentiation"),
    ],
)
def test_gradients_of_the_wrong_form_are_said(backward: Any, sentence: str) -> None:
    discrepancies = gradient_check(
        lambda x, b: (x + b, backward), [np.ones(3), np.arange(3.0)], {}, np.random.RandomState(0)
    )
    assert sentence in discrepancies[-1].text


def test_a_forward_that_is_not_finite_was_not_tested() -> None:
    def logarithm(x: Array) -> Any:
        return np.log(x), lambda grad: (grad / x,)

    assert gradient_check(logarithm, [np.array([0.5, 2.0])], {}, np.random.RandomState(0)) == []
    discrepancies = gradient_check(logarithm, [np.array([0.0, 2.0])], {}, np.random.RandomState(0))
    assert "nothing was tested" in discrepancies[0].text
