"""The error function by hand: its coefficients are what they are said to be, and it is right to 2 ulp everywhere."""

import math
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest

from backends import numpy_manual, special
from backends.contract import Array
from harness.numerics.accuracy import declared_accuracy
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import arithmetic
from harness.recording.loading import LoadedBackend
from tests.backends.computing import alone
from tests.backends.test_equivalent_formulas import bounds, excess, formulas_of
from tools.erf_coefficients import coefficients

CONTEXT = mpmath.MPContext()
CONTEXT.dps = 50
MOST = 2.0
"""In ulp; 1.3 was measured."""


def everywhere(dtype: str, count: int) -> Array:
    """All over the line: the tails, both sides of where the formulas change, and next to nothing."""
    random = np.random.RandomState(0)
    tiny = np.finfo(dtype).tiny
    parts = [
        random.uniform(-7, 7, count),
        random.uniform(0.9, 1.1, count),
        random.uniform(5.5, 6.5, count // 10),
        np.exp(random.uniform(np.log(float(tiny)), np.log(7.0), count)),
        np.array([0.0, 1.0, -1.0, 6.0, -6.0, 100.0, float(np.finfo(dtype).max), float(tiny) / 4]),
    ]
    return np.concatenate(parts).astype(dtype)


def in_ulps(got: Array, exactly: Any, x: Array) -> float:
    """The largest error in units of the last place of the right value."""
    right = [exactly(element) for element in x.tolist()]
    places = np.spacing(np.abs(np.array([float(value) for value in right], x.dtype)))
    errors = [abs(value - element) for value, element in zip(right, got.tolist(), strict=True)]
    return max(float(error / float(place)) for error, place in zip(errors, places, strict=True))


def test_the_coefficients_are_those_that_are_computed() -> None:
    coefficients_now = coefficients()
    np.testing.assert_allclose(special.SMALL, coefficients_now["SMALL"], rtol=1e-14)
    np.testing.assert_allclose(special.LARGE, coefficients_now["LARGE"], rtol=1e-14)


def test_it_is_right_to_two_ulp(dtype: str) -> None:
    x = everywhere(dtype, 2000)
    got = special.erf(x)
    assert got.dtype == np.dtype(dtype)
    assert in_ulps(got, lambda element: CONTEXT.erf(CONTEXT.mpf(element)), x) <= MOST
    assert in_ulps(got, math.erf, x) <= MOST + 1


def test_it_is_odd_and_keeps_what_is_not_finite(dtype: str) -> None:
    x = everywhere(dtype, 200)
    np.testing.assert_array_equal(special.erf(-x), -special.erf(x))
    with np.errstate(all="raise", under="ignore"):
        got = special.erf(np.array([np.nan, np.inf, -np.inf, -0.0], dtype))
    np.testing.assert_array_equal(got, [np.nan, 1, -1, 0])
    assert np.signbit(got[3])


@pytest.mark.parametrize("shape", [(), (0,), (2, 3, 4)])
def test_it_takes_any_shape(shape: tuple[int, ...], dtype: str) -> None:
    x = np.full(shape, 0.5, dtype)
    assert special.erf(x).shape == shape
    np.testing.assert_allclose(special.erf(x), math.erf(0.5), rtol=1e-6)


def test_a_type_that_takes_numpys_functions_over_is_asked() -> None:
    class Asked:
        def __array_function__(self, function: Any, types: Any, arguments: Any, settings: Any) -> Any:
            return function, types, arguments, settings

    asked: Any = Asked()
    assert special.erf(asked) == (special.erf, (Asked,), (asked,), {})
    assert special.erf in Bounded.functions


def test_gelu_is_within_its_bound_all_over_the_line(any_backend: LoadedBackend, dtype: str) -> None:
    """PyTorch's float32 gelu is oneDNN's, whose erf is coarser than torch.erf."""
    x = np.concatenate([np.linspace(-6, 6, 4001), np.linspace(-1e-3, 1e-3, 500)]).astype(dtype)
    one = alone(any_backend, "gelu", [x], {}, [np.random.RandomState(0).standard_normal(x.shape).astype(dtype)])
    constants = arithmetic(dtype).charging(declared_accuracy(any_backend, dtype))
    formula = formulas_of(any_backend.module).get("gelu", numpy_manual.gelu)
    assert excess(bounds(formula, [x], one.above, [True], dtype, constants), one.results) <= 1
