"""Numerical derivatives: their values, their stated errors, and their intervals at kinks."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.numerics.differentiation import derivative

ONE = [np.ones(1)]


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: np.exp(x) * np.log(1 + x * x),
        lambda x: np.sqrt(np.where(x > 0, x, -x) + 1),
        lambda x: np.tanh(x) / (1 + np.exp(-np.abs(x))),
        lambda x: np.mean(x * x, axis=1, keepdims=True) - x,
        lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0),
        lambda x: np.logaddexp(x, 0),
        lambda x: np.var(x, axis=0),
        lambda x: np.max(x, axis=1),
        lambda x: np.concatenate([np.sort(x, axis=1), np.cumsum(x, axis=1)], axis=1),
        lambda x: (np.einsum("ij,kj->ik", x, x), np.clip(x, -1, 1)),
        lambda x: np.linalg.norm(x, axis=1),
        lambda x: np.real(x * 2.0),
        lambda x: np.stack([float(value) ** 3 for value in x.ravel()]),
    ],
)
def test_derivatives_agree_with_central_differences(forward: Callable[..., Any]) -> None:
    """The plain central difference shares no code with the tables and is right to about 1e-8."""
    random = np.random.RandomState(5)
    x, direction = random.standard_normal((3, 4)), random.standard_normal((3, 4))

    def outputs(step: float) -> list[Array]:
        y = forward(x + step * direction)
        return list(y) if isinstance(y, tuple) else [y]

    above = [random.standard_normal(np.shape(y)) for y in outputs(0)]
    want = sum(np.sum(c * (a - b)) for c, a, b in zip(above, outputs(1e-6), outputs(-1e-6), strict=True)) / 2e-6
    result = derivative(forward, [x], {}, above, 0, direction)
    assert result.interval is None
    assert result.value == pytest.approx(want, rel=1e-7, abs=1e-8)
    assert result.error < 1e-9


@pytest.mark.parametrize(
    ("forward", "x", "want"),
    [
        (np.exp, 1.0, math.e),
        (np.logaddexp2, 0.5, None),
        (np.cbrt, 2.0, 2 ** (-2 / 3) / 3),
        (np.tanh, 12.0, 1 / math.cosh(12.0) ** 2),
        (np.tanh, 40.0, 1 / math.cosh(40.0) ** 2),
        (np.log, 1e-3, 1e3),
        (np.abs, -1e-9, -1.0),
        (np.sin, 1e3, math.cos(1e3)),
    ],
)
def test_the_error_estimate_holds(forward: Any, x: float, want: float | None) -> None:
    if want is None:
        want, forward = 2**x / (2**x + 1), lambda x: np.logaddexp2(x, 0)
    result = derivative(forward, [np.array([x])], {}, ONE, 0, np.ones(1))
    assert abs(result.value - want) <= result.error + 1e-14 * abs(want)
    assert result.error <= 1e-8 * max(1, abs(want))


@pytest.mark.parametrize(
    ("forward", "x", "interval"),
    [
        (lambda x: np.maximum(x, 0), 0.0, (0, 1)),
        (np.abs, 0.0, (-1, 1)),
        (lambda x: np.where(x > 2, 3 * x, x + 4), 2.0, (1, 3)),
        (lambda x: np.log(1 + np.abs(np.sin(x))), 0.0, (-1, 1)),
    ],
)
def test_kinks_have_an_interval(forward: Any, x: float, interval: tuple[float, float]) -> None:
    result = derivative(forward, [np.array([x])], {}, ONE, 0, np.ones(1))
    assert result.interval == pytest.approx(interval, abs=1e-6)
    assert result.error >= (interval[1] - interval[0]) / 2 - 1e-6


@pytest.mark.parametrize("x", [5e-324, -1e-300, 1e-12, -1e-8])
def test_beside_a_kink_there_is_no_interval(x: float) -> None:
    result = derivative(lambda x: np.maximum(x, 0), [np.array([x])], {}, ONE, 0, np.ones(1))
    assert result.interval is None
    assert result.value == pytest.approx(float(x > 0), abs=1e-12)
    assert result.error < 1e-12


@pytest.mark.parametrize("x", [0.0, -1.0, math.nan, math.inf])
def test_a_missing_derivative_is_nan(x: float) -> None:
    result = derivative(np.sqrt, [np.array([x])], {}, ONE, 0, np.ones(1))
    assert math.isnan(result.value)
    assert result.error == math.inf


def test_an_op_that_refuses_numbers_has_no_derivative_beyond_them() -> None:
    """As the logarithm, which gives NaN there: the steps that stay inside decide."""

    def logarithm(x: Array) -> Array:
        if np.any(x <= 0):
            raise ValueError("x must be above 0")
        return np.log(x)

    x = np.array([0.01, 3.0])
    value, error, _ = derivative(logarithm, [x], {}, [np.ones(2)], 0, np.array([1.0, 0.0]))
    assert abs(value - 100) <= error < 1e-6
    with pytest.raises(ValueError, match="x must be above 0"):
        derivative(logarithm, [-x], {}, [np.ones(2)], 0, np.ones(2))


@pytest.mark.parametrize("seed", range(10))
def test_the_error_covers_what_a_cancellation_leaves(seed: int) -> None:
    """1 − cos of an angle of 0 is 0 or a few units of the last place of 1, however small it is itself."""
    random = np.random.RandomState(seed)
    x = random.standard_normal(4)

    def distance(x: Array, y: Array) -> Array:
        each: Array = 1 - np.sum(x / np.sqrt(np.sum(x * x)) * (y / np.sqrt(np.sum(y * y))), keepdims=True)
        return each

    for i in range(4):
        found = derivative(distance, [x, x.copy()], {}, [random.standard_normal(1)], 0, np.eye(4)[i])
        assert abs(found.value) <= found.error < 1e-6
