"""What a quick look takes for right, a Check passes, and finds neither suspect nor without a digit."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.certifying.check import Check
from harness.certifying.shortcuts.quick_look import MANY, is_surely_right
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Magnitude
from harness.numerics.rounding import arithmetic

SHAPE = (128, MANY // 128)


@pytest.fixture(autouse=True)
def _as_in_a_run() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def recorded(array: Array) -> Bounded:
    """An array as it is recorded, without an error."""
    constants = arithmetic(str(array.dtype))
    return Bounded(array.astype(np.float64), constants, sizes=Magnitude(np.abs, array))


def product(x: Any, y: Any) -> Any:
    return x @ y.T


def step_of_sgd(x: Any, y: Any) -> Any:
    return x - 0.1 * y


def step_of_adam(x: Any, y: Any) -> Any:
    return 0.9 * x + (1 - 0.9) * (y * y)


def relu(x: Any, y: Any) -> Any:
    return np.maximum(x, y)


FORMULAS = [product, step_of_sgd, step_of_adam, relu]


def inputs(dtype: str, scale: float = 1.0) -> tuple[Array, Array]:
    random = np.random.RandomState(0)
    first, second = scale * random.standard_normal((2, *SHAPE))
    return first.astype(dtype), second.astype(dtype)


def says_nothing_else(bound: Bounded, got: Array) -> bool:
    check = Check(bound, got, float(np.finfo(got.dtype).max))
    return check.failing is None and check.used <= 1 and check.widest <= check.size and not check.is_suspect(64)


@pytest.mark.parametrize("formula", [product, step_of_sgd, relu])
def test_a_look_shows_that_what_numpy_computes_is_right(formula: Callable[..., Any], dtype: str) -> None:
    one, other = inputs(dtype)
    bound, got = formula(recorded(one), recorded(other)), formula(one, other)
    assert is_surely_right(bound, got)
    assert says_nothing_else(bound, got)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("ulps", [1, 2, 4, 16, 64, 100, 300])
def test_a_look_passes_no_element_that_a_check_does_not(formula: Callable[..., Any], ulps: int, dtype: str) -> None:
    one, other = inputs(dtype)
    bound, right = formula(recorded(one), recorded(other)), formula(one, other)
    for place in np.random.RandomState(ulps).choice(right.size, 100):
        got = right.copy()
        got.flat[place] += ulps * np.spacing(got.flat[place])
        assert says_nothing_else(bound, got) or not is_surely_right(bound, got)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 0.0])
def test_a_look_passes_no_number_that_is_missing(formula: Callable[..., Any], wrong: float, dtype: str) -> None:
    one, other = inputs(dtype)
    bound, got = formula(recorded(one), recorded(other)), formula(one, other)
    got[3, 5] = wrong
    assert not is_surely_right(bound, got)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_look_passes_nothing_that_overflows(formula: Callable[..., Any], dtype: str) -> None:
    one, other = inputs(dtype, float(np.finfo(dtype).max) ** 0.5)
    one[0, 0] = np.inf
    bound, got = formula(recorded(one), recorded(other)), formula(one, other)
    assert not is_surely_right(bound, got)
    one, other = inputs(dtype, float(np.finfo(dtype).max) / 2)
    bound = formula(recorded(one), recorded(other))
    got = bound.midpoint.astype(dtype)
    assert not is_surely_right(bound, got) or bool(np.isfinite(got).all())


def test_a_look_passes_no_sum_that_is_nothing_but_rounding(dtype: str) -> None:
    one, _ = inputs(dtype)
    ones = np.ones_like(one)
    cancelling = np.concatenate([one, -one], axis=1)
    bound = product(recorded(cancelling), recorded(np.concatenate([ones, ones], axis=1)))
    got = product(cancelling, np.concatenate([ones, ones], axis=1))
    assert not says_nothing_else(bound, got)
    assert not is_surely_right(bound, got)


def test_a_look_leaves_small_tensors_and_other_dtypes_to_checks() -> None:
    one, other = inputs("float32")
    few = step_of_sgd(recorded(one[:2]), recorded(other[:2]))
    assert not is_surely_right(few, step_of_sgd(one[:2], other[:2]))
    bound = step_of_sgd(recorded(one), recorded(other))
    assert not is_surely_right(bound, step_of_sgd(one, other).astype(np.float64))


@pytest.mark.parametrize("kept", [slice(0, None, 10), slice(1, None, 10), slice(0, 3)])
def test_a_look_at_some_of_the_products_of_a_long_sum_misses_none_of_the_others(kept: slice, dtype: str) -> None:
    """Whether those that it takes are all that there are, or none of them."""
    random = np.random.RandomState(0)
    one, other = random.standard_normal((2, 64, 1000)).astype(dtype)
    one[:, np.setdiff1d(np.arange(1000), np.arange(1000)[kept])] = 0
    bound, right = product(recorded(one), recorded(other)), product(one, other)
    assert is_surely_right(bound, right)
    for ulps in (1, 30, 300, 3000):
        for place in random.choice(right.size, 20):
            got = right.copy()
            got.flat[place] += ulps * np.spacing(got.flat[place])
            assert says_nothing_else(bound, got) or not is_surely_right(bound, got)
