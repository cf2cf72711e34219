"""Bounds of operands that are far from exact: every value that they may have stays within the result's bound."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import arithmetic

Function = Callable[[Any, Any], Any]
FUNCTIONS: dict[str, Function] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "reciprocal": lambda x, y: np.reciprocal(y),
    "square": lambda x, y: np.square(x),
    "even power": lambda x, y: x**2,
    "odd power": lambda x, y: x**3,
    "negative power": lambda x, y: y**-2,
    "matmul": lambda x, y: x @ y,
    "einsum": lambda x, y: np.einsum("i,i->", x, y),
    "maximum": lambda x, y: np.maximum(x, y),
    "minimum": lambda x, y: np.minimum(x, y),
    "where": lambda x, y: np.where(x > y, x, y * y),
    "absolute": lambda x, y: np.abs(x),
    "exp": lambda x, y: np.exp(x),
    "tanh": lambda x, y: np.tanh(x),
    "sqrt": lambda x, y: np.sqrt(y),
    "log": lambda x, y: np.log(y),
    "sin": lambda x, y: np.sin(x),
    "half": lambda x, y: x * 0.5,
    "by a number": lambda x, y: x * 0.3,
    "sum of sums": lambda x, y: np.sum(x) + np.sum(y),
}
X, X_RADIUS = np.array([1.0, -0.25]), np.array([0.5, 1.0])
Y, Y_RADIUS = np.array([1.5, 0.75]), np.array([0.25, 0.5])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_that_wide_operands_may_be_is_within_the_bound(name: str, dtype: str) -> None:
    constants, function = arithmetic(dtype), FUNCTIONS[name]
    bound = function(Bounded(X, constants, X_RADIUS), Bounded(Y, constants, Y_RADIUS))
    for share in product((-1.0, -0.5, 0.0, 0.5, 1.0), repeat=4):
        x, y = X + X_RADIUS * share[:2], Y + Y_RADIUS * share[2:]
        assert bound.holds(np.asarray(function(x, y))), (x, y)


def test_what_is_scattered_may_itself_be_a_sum() -> None:
    """Added up from the first term to the last, float32 loses each of the small ones."""
    constants = arithmetic("float32")
    small = float(np.float32(0.99 * 2.0**-24))
    values = np.sum(Bounded(np.full((2, 7), small), constants), axis=1)
    target = Bounded(np.array([1.0, 0.0]), constants)
    np.add.at(target, np.array([0, 0]), values)
    assert target.holds(np.array([1.0, 0.0], np.float32))


NO_BOUND: dict[str, Callable[[Any], Any]] = {
    "a negative power where 0 may be": lambda x: x**-2,
    "a quotient where 0 may be": lambda x: 1.0 / x,
    "infinity times a mask": lambda x: (x * np.inf) * np.array([True, False]),
}


@pytest.mark.parametrize("name", NO_BOUND)
def test_what_may_be_anything_has_no_bound(name: str, dtype: str) -> None:
    with np.errstate(all="ignore"):
        bound = NO_BOUND[name](Bounded(np.array([-0.25, 0.5]), arithmetic(dtype), np.array([1.0, 1.0])))
    assert bound.radius is not None
    assert not np.any(np.abs(bound.radius) < np.inf)


@pytest.mark.parametrize("function", [np.sin, np.cos, np.tanh])
def test_a_function_between_limits_has_no_bound_where_its_argument_has_none(function: Any, dtype: str) -> None:
    """The argument may be NaN."""
    bound = function(Bounded(np.array([0.5]), arithmetic(dtype), np.array([np.inf])))
    assert bound.radius.tolist() == [np.inf]
