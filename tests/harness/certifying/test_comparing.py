"""What is taken for close enough to a float64 result, a Check passes, and finds neither suspect nor without a digit."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.certifying.certifier import formulas_of
from harness.certifying.check import Check
from harness.certifying.expectations import Evaluation
from harness.certifying.shortcuts.comparing import is_close, is_midpoint, is_same
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Magnitude, or_zero
from harness.numerics.rounding import arithmetic
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import load_backend
from harness.running.experiment import prepare
from harness.running.forms import Form, form_of
from harness.running.runner import Runner
from harness.running.updates import Updates

LARGEST = float(np.finfo(np.float32).max)
SHAPES = [(7,), (2, 40), (4, 4000)]


@pytest.fixture(autouse=True)
def _as_in_a_run() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def recorded(array: Array) -> Bounded:
    return Bounded(array.astype(np.float64), arithmetic("float32"), sizes=Magnitude(np.abs, array))


def product(x: Any, y: Any) -> Any:
    return x * y


def step_of_sgd(x: Any, y: Any) -> Any:
    return x - 0.1 * y


def gradient_of_error(x: Any, y: Any) -> Any:
    return 2 * (x - y) / 7


def mean_of_squares(x: Any, y: Any) -> Any:
    return np.sum((x - y) * (x - y)) / 3


def masked_exponential(x: Any, y: Any) -> Any:
    return np.where(y > 0, np.exp(x), 0)


def with_sign_of_sum(x: Any, y: Any) -> Any:
    return x * np.sign(0.9 * x + 0.1 * y)


FORMULAS = [product, step_of_sgd, gradient_of_error, mean_of_squares, masked_exponential, with_sign_of_sum]


def inputs(shape: tuple[int, ...]) -> tuple[Array, Array]:
    first, second = np.random.RandomState(0).standard_normal((2, *shape)).astype(np.float32)
    return first, second


def says_nothing_else(bound: Bounded, got: Array) -> bool:
    check = Check(bound, got, LARGEST)
    return check.failing is None and check.used <= 1 and check.widest <= check.size and not check.is_suspect(64)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("formula", FORMULAS)
def test_the_nearest_number_is_close_enough_and_what_is_far_off_is_not(
    formula: Callable[..., Any], shape: tuple[int, ...]
) -> None:
    one, other = inputs(shape)
    bound = formula(recorded(one), recorded(other))
    computed = np.asarray(formula(one.astype(np.float64), other.astype(np.float64)))
    assert 0 < bound.surely_allowed < 1
    assert is_midpoint(computed, bound)
    got = computed.astype(np.float32)
    assert is_close(computed, got, bound.surely_allowed, LARGEST)
    got.flat[got.argmax()] *= 1 + 3 * bound.surely_allowed + 2**-22
    assert not is_close(computed, got, bound.surely_allowed, LARGEST)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("ulps", [1, 2, 3, 5, 8, 100])
def test_nothing_passes_that_a_check_does_not(formula: Callable[..., Any], ulps: int, shape: tuple[int, ...]) -> None:
    one, other = inputs(shape)
    bound = formula(recorded(one), recorded(other))
    computed = np.asarray(formula(one.astype(np.float64), other.astype(np.float64)))
    right = computed.astype(np.float32)
    for place in np.random.RandomState(ulps).choice(right.size, 20):
        got = np.array(right)
        got.flat[place] += ulps * np.spacing(got.flat[place])
        assert says_nothing_else(bound, got) or not is_close(computed, got, bound.surely_allowed, LARGEST)


@pytest.mark.parametrize("formula", [np.exp, np.sum])
def test_beside_a_number_that_is_0_a_tensor_has_no_share_of_its_own(formula: Callable[..., Any]) -> None:
    """Beside another one, at the next update, its errors may be as nothing."""
    one, _ = inputs((4, 3))
    bound, next_bound = formula(recorded(one)) + 0.0, formula(recorded(one)) + 1e6
    assert bound.surely_allowed <= (or_zero(next_bound.radius) / next_bound.midpoint).min() * (1 + 1e-6)
    assert (formula(recorded(one)) + 0).surely_allowed > 0  # a 0 that the code itself has


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_close_to_nothing(wrong: float, shape: tuple[int, ...]) -> None:
    computed = np.ones(shape)
    got = computed.astype(np.float32)
    got.flat[-1] = wrong
    assert not is_close(computed, got, 0.5, LARGEST)
    assert not is_same(got, got.copy())
    computed.flat[-1] = wrong
    assert not is_close(computed, got, 0.5, LARGEST)
    computed.flat[-1] = 2 * LARGEST
    assert not is_close(computed, got, 0.5, LARGEST)


def test_another_midpoint_is_none() -> None:
    shape = (5,)
    bound = recorded(np.ones(shape, np.float32)) + recorded(np.ones(shape, np.float32))
    assert is_midpoint(np.full(shape, 2.0), bound)
    assert not is_midpoint(np.full(shape, 2 + 1e-9), bound)
    assert not is_midpoint(np.full(shape, 2, np.float32), bound)
    assert not is_midpoint(np.full((1, *shape), 2.0), bound)


@pytest.mark.parametrize(
    "name",
    [
        "two_layer_tiny",
        "xor",
        "digits",
        "layer_norm_adamw",
        "transformer_block",
        "lstm_adding",
        "clipped_by_norm",
        "word_embeddings",
        "accumulated_gradients",
        "trained_by_lion",
        "gradual_unfreezing",
    ],
)
def test_no_radius_is_below_its_share_which_all_updates_of_its_form_have(name: str, dtype: str) -> None:
    numpy = load_backend("numpy")
    experiment = prepare(built_in_scenarios()[name].vary(epochs=2), [numpy, numpy], dtype)
    program, epoch = experiment.program, experiment.program.epoch
    evaluation = Evaluation(program, arithmetic(dtype))
    formulas = formulas_of(program, experiment.find_op)
    runner = Runner(numpy, program, experiment.draws, 2, dtype, trace=True)
    updates = Updates(program, experiment.draws, 2)
    shares: dict[Form, list[list[float]]] = {}
    for number in range(1, max(2 * min(len(epoch.rows), 8), 2) + 1):
        of_update: list[float] = []
        shares.setdefault(form_of(program, number), []).append(of_update)
        for expectation in evaluation.expectations(updates.follow(runner.advance), formulas):
            bound = expectation.bound
            assert bound is not None
            share = bound.surely_allowed
            of_update.append(share)
            if math.isfinite(share):
                assert (or_zero(bound.radius) >= share * np.abs(bound.midpoint) * (1 - 1e-6)).all(), expectation.node
                assert (or_zero(bound.likely_radius) >= share * np.abs(bound.midpoint) * (1 - 1e-6)).all()
            else:
                assert not bound.midpoint.any()
    for alike in shares.values():
        assert all(other == alike[0] for other in alike[1:])
        assert max(alike[0]) > 0
