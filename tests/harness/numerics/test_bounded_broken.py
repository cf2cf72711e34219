"""The properties catch a broken bound: each of these forgets one thing that rounding does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.numerics.bounds.arithmetic import divide, multiply
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Bounds, Magnitude, interval, plus
from harness.numerics.bounds.selections import Undecided
from harness.numerics.bounds.sums import add, matmul, subtract
from tests.harness.numerics.test_bounded import hold_bound
from tests.harness.numerics.test_bounded_oracle import BoundPassed

EXAMPLES = 400
LOG = Bounded.ufuncs[np.log, "__call__"]
SUM, CUMSUM, EINSUM, WHERE = (Bounded.functions[each] for each in (np.sum, np.cumsum, np.einsum, np.where))


def _sum_without_rounding(x: Bounded, y: Bounded) -> Bounded:
    right = add(x, y)
    return Bounded(right.midpoint, x.arithmetic, plus(x.radius, y.radius))


def _difference_of_uncounted_terms(x: Bounded, y: Bounded) -> Bounded:
    right = subtract(x, y)
    return Bounded(right.midpoint, x.arithmetic, right.inherited, None, min(right.depth, 1))


def _forgetting(implementation: Callable[..., Bounds], operand: int) -> Callable[..., Bounds]:
    def broken(*operands: Any) -> Bounds:
        x = operands[operand]
        forgotten = Bounded(x.midpoint, x.arithmetic) if isinstance(x, Bounded) else x
        return implementation(*[forgotten if i == operand else other for i, other in enumerate(operands)])

    return broken


def _middle(x: Bounded, y: Bounded) -> Bounded:
    return Bounded(np.maximum(x.midpoint, y.midpoint), x.arithmetic)


def _uncharged(x: Bounded) -> Bounded:
    ends = [np.exp(end) for end in interval(x)]
    return Bounded(np.exp(x.midpoint), x.arithmetic, np.abs(ends[1] - ends[0]))


def _at_depth_one(implementation: Callable[..., Bounds]) -> Callable[..., Bounds]:
    def broken(*arguments: Any, **settings: Any) -> Bounded:
        right = implementation(*arguments, **settings)
        return Bounded(right.midpoint, right.arithmetic, right.inherited, right.sizes, 1)

    return broken


def _always_decided(x: Bounded, y: Bounded) -> Any:
    return x.midpoint > y.midpoint


def _first_where_undecided(condition: Any, x: Any, y: Any) -> Bounded:
    decided = condition.true if isinstance(condition, Undecided) else condition
    return WHERE(decided, x, y)  # type: ignore[no-any-return]


def _with_sizes_of_its_own_later(x: Bounded, y: Bounded) -> Bounds:
    right = add(x, y)
    right.sizes = Magnitude(lambda: x.magnitude + 0 * y.magnitude)
    return right


def _without_underflow(x: Bounded, y: Bounded) -> Bounds:
    right = multiply(x, y)
    if right.inherited is None:
        return right
    return Bounded(right.midpoint, right.arithmetic, np.maximum(right.inherited - 2 * right.arithmetic.smallest, 0))


BROKEN = {
    "a sum without its own rounding": ((np.add, "__call__"), _sum_without_rounding),
    "a difference that counts one rounding for all": ((np.subtract, "__call__"), _difference_of_uncounted_terms),
    "a sum that forgets a term's size": ((np.add, "__call__"), _with_sizes_of_its_own_later),
    "a product that forgets a radius": ((np.multiply, "__call__"), _forgetting(multiply, 1)),
    "a product that does not underflow": ((np.multiply, "__call__"), _without_underflow),
    "a quotient that forgets the divisor's radius": ((np.divide, "__call__"), _forgetting(divide, 1)),
    "a maximum that forgets the hull": ((np.maximum, "__call__"), _middle),
    "exp without its charge": ((np.exp, "__call__"), _uncharged),
    "log that forgets a radius": ((np.log, "__call__"), _forgetting(LOG, 0)),
    "a product of matrices at depth 1": ((np.matmul, "__call__"), _at_depth_one(matmul)),
    "a comparison that is always decided": ((np.greater, "__call__"), _always_decided),
    "einsum at depth 1": (np.einsum, _at_depth_one(EINSUM)),
    "np.sum at depth 1": (np.sum, _at_depth_one(SUM)),
    "np.cumsum at depth 1": (np.cumsum, _at_depth_one(CUMSUM)),
    "np.where that takes the midpoint's side": (np.where, _first_where_undecided),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_bound_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key, broken = BROKEN[name]
    monkeypatch.setitem(Bounded.ufuncs if isinstance(key, tuple) else Bounded.functions, key, broken)
    with pytest.raises(BoundPassed):
        hold_bound(key, "float32", EXAMPLES)
