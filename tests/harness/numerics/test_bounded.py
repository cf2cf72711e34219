"""The bound of every function, alone and after others, against exact arithmetic and against float32 and float64."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backends import special
from backends.contract import Array
from harness.certifying.check import Check
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Unsupported, above, below
from harness.numerics.rounding import arithmetic
from tests.harness.numerics.test_bounded_oracle import check, erf

Formula = Callable[..., Any]

SHAPES = [((), ()), ((3,), ()), ((), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((2, 3), (2, 3))]
"""Of two operands that broadcast."""


def _in_place(x: Any, y: Any) -> Any:
    result = np.zeros_like(x + y)
    result += x
    result -= y
    return result


def _added_at(x: Any, y: Any) -> Any:
    result = np.reshape(x + y, -1)
    np.add.at(result, np.array([0, 0, 0]), np.reshape(y, -1)[:1])
    return result


def _cancelling_product(x: Any, y: Any) -> Any:
    terms = np.concatenate([np.reshape(x, -1), np.reshape(y, -1), np.reshape(-x, -1)])
    return np.reshape(terms, (1, -1)) @ np.reshape(np.ones_like(terms), (-1, 1))


def _cut(x: Any, y: Any) -> Any:
    return np.concatenate(np.split(np.reshape(x + y, -1), [1]))


def _put(x: Any, y: Any) -> Any:
    result = np.reshape(x + y, (1, -1))
    np.put_along_axis(result, np.array([[0]]), np.reshape(y, (1, -1))[:, -1:] * 3, 1)
    return result


def _compared(compare: Any) -> list[Formula]:
    return [lambda x, y: np.where(compare(x, y), x, y), lambda x, y: np.where(compare(x + y - y, x), x, y)]


def _each(function: Any, *arguments: Any, **named: Any) -> Formula:
    """A function of one array, after a sum that gives it two axes."""
    return lambda x, y: function(np.reshape(x + y, (1, -1)), *arguments, **named)


BINARY = (np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum)
UNARY = (np.negative, np.absolute, np.square, np.reciprocal, np.exp, np.expm1, np.tanh, np.sqrt, np.log, np.log1p)
COMPARISONS = (np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal)
SLIDING = np.lib.stride_tricks.sliding_window_view

UFUNC_FORMULAS: dict[Any, list[Formula]] = {
    **{(f, "__call__"): [f, lambda x, y, f=f: f(x, 0.1), lambda x, y, f=f: f(2.0, y)] for f in BINARY},
    **{(f, "__call__"): [lambda x, y, f=f: f(x)] for f in (*UNARY, np.sign, np.sin, np.cos)},
    **{(compare, "__call__"): _compared(compare) for compare in COMPARISONS},
    (np.power, "__call__"): [lambda x, y, p=p: x**p for p in (-2, -1, -0.7, 0, 0.3, 0.5, 1, 1.5, 2, 3)],
    (np.matmul, "__call__"): [
        _cancelling_product,
        lambda x, y: np.reshape(x + 0 * y, (1, -1)) @ np.reshape(y + 0 * x, (-1, 1)),
        lambda x, y: np.reshape(x, (-1, 1)) @ np.reshape(y, (1, -1)),
        lambda x, y: np.reshape(x, (-1, 1)) @ np.reshape(y, (1, -1)) + np.reshape(y, -1),
    ],
    (np.add, "at"): [_added_at],
}
UFUNC_FORMULAS[np.multiply, "__call__"] += [
    lambda x, y: 0.5 * (x + y),
    lambda x, y: (x > y) * y,
    lambda x, y: -2.0 * (x - y) + x,
]
UFUNC_FORMULAS[np.subtract, "__call__"] += [_in_place, lambda x, y: 0 - y, lambda x, y: x + y - x - y]

FUNCTION_FORMULAS: dict[Any, list[Formula]] = {
    np.sum: [
        lambda x, y: np.sum(x + y),
        lambda x, y: np.sum(x * np.ones_like(x + y), axis=-1) if np.ndim(x) else x,
        lambda x, y: np.sum(np.reshape(x - y, (-1, 1)), axis=0, keepdims=True),
    ],
    np.cumsum: [
        lambda x, y: np.cumsum(np.reshape(x + y, -1)),
        lambda x, y: np.cumsum(np.stack([x + 0 * y, y + 0 * x, -x + 0 * y]), axis=0),
        lambda x, y: np.cumsum(np.cumsum(np.stack([x + y, x - y]), axis=0), axis=-2 if np.ndim(x + y) else 0),
    ],
    np.mean: [lambda x, y: np.mean(x * y), lambda x, y: np.mean(np.reshape(x, (1, -1)), axis=0, keepdims=True) - 1],
    np.max: [_each(np.max), _each(np.max, axis=1), _each(np.max, axis=0, keepdims=True), lambda x, y: np.max(x)],
    np.min: [_each(np.min), _each(np.min, axis=1), _each(np.min, axis=0, keepdims=True), lambda x, y: np.min(x)],
    np.where: [lambda x, y: np.where(x > y, x, y * y), lambda x, y: np.where(x - y <= 0, 0, x)],
    np.clip: [lambda x, y: np.clip(x, -0.1, 2), lambda x, y: np.clip(x + y, 0, 1)],
    np.einsum: [
        lambda x, y: np.einsum("i,j->ij", np.reshape(x, -1), np.reshape(y, -1)),
        lambda x, y: np.einsum("ij,kj->k", np.reshape(x + 0 * y, (1, -1)), np.reshape(y + 0 * x, (1, -1))),
        lambda x, y: np.einsum("ij,ij->", np.reshape(x, (1, -1)), np.reshape(y, (-1, 1))),
        lambda x, y: np.einsum("ij->j", np.stack([np.reshape(x + y, -1), np.reshape(x - y, -1)])),
        lambda x, y: np.einsum("ij->ji", np.reshape(x + y, (1, -1))),
    ],
    np.concatenate: [lambda x, y: np.concatenate([np.reshape(x, -1), np.reshape(y, -1)]), _cut],
    np.stack: [lambda x, y: np.stack([x + y, x - y])],
    np.vstack: [lambda x, y: np.vstack([np.reshape(x + y, -1), np.reshape(x - y, -1)])],
    np.hstack: [lambda x, y: np.hstack([np.reshape(x + y, (1, -1)), np.reshape(x, (1, -1))])],
    np.pad: [
        _each(np.pad, 1),
        _each(np.pad, ((0, 0), (2, 1)), mode="edge"),
        _each(np.pad, 1, constant_values=0.1),
        lambda x, y: np.max(np.pad(np.reshape(x + y, (1, -1)), 1, constant_values=-np.inf), axis=0)[1:-1],
    ],
    np.split: [_cut],
    np.array_split: [lambda x, y: np.array_split(np.reshape(x + y, -1), 2)[0]],
    np.put_along_axis: [_put],
    special.erf: [lambda x, y: erf(x), lambda x, y: erf(x + y), lambda x, y: 1 + erf(x - y)],
    np.zeros_like: [lambda x, y: np.zeros_like(x) + y],
    np.ones_like: [lambda x, y: np.ones_like(x) + y],
    np.reshape: [_each(np.reshape, -1)],
    np.ravel: [_each(np.ravel)],
    np.transpose: [_each(np.transpose), _each(np.transpose, (1, 0)), _each(lambda a: a.T)],
    np.swapaxes: [_each(np.swapaxes, 0, 1)],
    np.moveaxis: [_each(np.moveaxis, 0, 1)],
    np.rollaxis: [_each(np.rollaxis, 1)],
    np.expand_dims: [_each(np.expand_dims, 0)],
    np.squeeze: [_each(np.squeeze, axis=0)],
    np.broadcast_to: [lambda x, y: np.broadcast_to(x, (2, *np.shape(x)))],
    np.copy: [_each(np.copy)],
    np.flip: [_each(np.flip, 1)],
    np.flipud: [_each(np.flipud)],
    np.fliplr: [_each(np.fliplr)],
    np.rot90: [_each(np.rot90)],
    np.roll: [_each(np.roll, 1)],
    np.repeat: [_each(np.repeat, 2, axis=1)],
    np.tile: [_each(np.tile, 2)],
    np.resize: [_each(np.resize, (2, 2))],
    np.take: [_each(np.take, [0, 0], axis=1)],
    np.take_along_axis: [_each(np.take_along_axis, np.array([[0, 0]]), axis=1)],
    np.diagonal: [_each(np.diagonal)],
    np.diag: [_each(np.diag), lambda x, y: np.diag(np.reshape(x + y, -1))],
    np.delete: [_each(np.delete, 0, axis=1)],
    np.atleast_1d: [lambda x, y: np.atleast_1d(x + y)],
    np.atleast_2d: [lambda x, y: np.atleast_2d(x + y)],
    np.tril: [_each(np.tril)],
    np.triu: [_each(np.triu)],
    SLIDING: [_each(SLIDING, 1, axis=1)],
    np.shape: [lambda x, y: np.shape(x + y)],
    np.size: [lambda x, y: np.size(x + y)],
    np.ndim: [lambda x, y: np.ndim(x + y)],
}
EXACT_INPUTS_ONLY: dict[Any, Formula] = {
    np.argmax: lambda x, y: np.argmax(x),
    np.argmin: lambda x, y: np.argmin(x),
    np.argsort: lambda x, y: np.argsort(x),
    np.any: lambda x, y: np.any(x),
    np.all: lambda x, y: np.all(x),
    np.count_nonzero: lambda x, y: np.count_nonzero(x),
    np.nonzero: lambda x, y: np.nonzero(np.reshape(x, -1)),
    np.flatnonzero: lambda x, y: np.flatnonzero(x),
}

PREPARED: dict[str, Callable[[Any, Array], Any]] = {
    "as it is": lambda x, c: x,
    "a sum": lambda x, c: x + c,
    "three terms": lambda x, c: x - c + 0.1,
    "a product": lambda x, c: x * c,
    "scaled": lambda x, c: x * 0.1,
    "halved sum": lambda x, c: (x + c) * 0.5,
    "a quotient": lambda x, c: x / c,
    "a power": lambda x, c: np.exp(x),
    "rectified": lambda x, c: np.maximum(x + c, 0),
    "selected": lambda x, c: np.where(x + c > 0.5, x, x * c),
    "cancelled": lambda x, c: (x + c) - x,
}
"""What may be done to an operand first, so that it carries a radius."""

FOLLOWED: dict[str, Callable[[Any, Array], Any]] = {
    "nothing": lambda x, c: x,
    "a sum": lambda x, c: x + c,
    "a product": lambda x, c: x * c,
    "a quotient": lambda x, c: c / x,
    "a power": lambda x, c: np.exp(-x),
    "rectified": lambda x, c: np.maximum(x, 0),
}

FORMULAS = {**UFUNC_FORMULAS, **FUNCTION_FORMULAS}
SUPPORTED = [pytest.param(key, id=getattr(key, "__name__", "") or f"{key[0].__name__} {key[1]}") for key in FORMULAS]


def test_no_implementation_is_untested() -> None:
    assert set(UFUNC_FORMULAS) == set(Bounded.ufuncs)
    assert set(FUNCTION_FORMULAS) | set(EXACT_INPUTS_ONLY) == set(Bounded.functions)


def numbers(dtype: str) -> st.SearchStrategy[float]:
    """Any finite number of a dtype, most of them ordinary, with ties and the edges of its range."""
    width: Literal[32, 64] = 32 if dtype == "float32" else 64
    limits = np.finfo(dtype)
    edges = [limits.tiny, limits.smallest_subnormal, limits.max, limits.eps, 1 + limits.eps, 1 / limits.eps]
    return st.one_of(
        st.floats(-4, 4, width=width),
        st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0]),
        st.floats(allow_nan=False, allow_infinity=False, width=width),
        st.sampled_from([float(edge) for edge in edges]).flatmap(lambda e: st.sampled_from([e, -e])),
    )


@st.composite
def operands(draw: st.DrawFn, dtype: str) -> list[Array]:
    """Two arrays that broadcast and a number."""
    shapes = draw(st.sampled_from(SHAPES))
    arrays = []
    for shape in (*shapes, ()):
        size = int(np.prod(shape))
        arrays.append(np.array(draw(st.lists(numbers(dtype), min_size=size, max_size=size)), dtype).reshape(shape))
    return arrays


def hold_bound(key: Any, dtype: str, examples: int) -> None:
    """Raise BoundPassed if hypothesis finds a counterexample to the bound of one function."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        arrays=operands(dtype),
        formula=st.sampled_from(FORMULAS[key]),
        first=st.sampled_from(sorted(PREPARED)),
        second=st.sampled_from(sorted(PREPARED)),
        then=st.sampled_from(sorted(FOLLOWED)),
    )
    def held(arrays: list[Array], formula: Formula, first: str, second: str, then: str) -> None:
        def composed(x: Any, y: Any, c: Any) -> Any:
            result = formula(PREPARED[first](x, c), PREPARED[second](y, c))
            return result if isinstance(result, (tuple, int)) else FOLLOWED[then](result, c)

        check(composed, arrays)

    held()


@pytest.mark.parametrize("decide", EXACT_INPUTS_ONLY.values(), ids=[f.__name__ for f in EXACT_INPUTS_ONLY])
def test_positions_and_truths_are_read_off_exact_inputs_only(decide: Formula, dtype: str) -> None:
    x = np.array([3.0, 0.0, 4.0], dtype)
    bound = Bounded(x.astype(np.float64), arithmetic(dtype))
    np.testing.assert_array_equal(decide(bound, bound), decide(x, x))
    with pytest.raises(Unsupported, match="undecided"):
        decide(bound * 3, bound)


@pytest.mark.parametrize("function", [np.sin, np.cos, np.tanh, lambda x: np.clip(x, 0, 1)])
def test_what_may_be_nan_has_no_bound(function: Formula, dtype: str) -> None:
    largest = np.array(np.finfo(dtype).max, dtype)
    check(lambda x: function(2 * x - 2 * x), [largest])
    check(lambda x: function(x * x - x * x), [largest])
    check(lambda x: function((x + x) * 0.5 - x), [largest])


def test_infinity_is_not_masked_by_a_product(dtype: str) -> None:
    largest = np.array([np.finfo(dtype).max], dtype)
    check(lambda x: 2 * x * (x < 0), [largest])
    check(lambda x: 2 * x * (x * x - x * x > 1), [largest])


@pytest.mark.parametrize("key", SUPPORTED)
def test_bound_holds(key: Any, dtype: str) -> None:
    hold_bound(key, dtype, examples=15)


@pytest.mark.slow
@pytest.mark.parametrize("key", SUPPORTED)
def test_bound_holds_for_many(key: Any, dtype: str) -> None:
    hold_bound(key, dtype, examples=60)


def test_two_sums_may_be_added_up_as_one() -> None:
    """From the first term to the last, float32 loses each of the small ones."""
    constants = arithmetic("float32")
    small = 0.99 * 2.0**-24
    parts = np.array([1.0, *[small] * 7]), np.array([small] * 8)
    one, other = (np.sum(Bounded(part.astype(np.float32).astype(np.float64), constants)) for part in parts)
    as_one = np.float32(0)
    for term in np.concatenate(parts).astype(np.float32):
        as_one += term
    assert (one + other).holds(as_one)
    assert (one - (-other)).holds(as_one)


@pytest.mark.parametrize("radius", [np.inf, np.nan])
def test_what_has_no_bound_holds_nothing(radius: float) -> None:
    bound = Bounded(np.array([1.0, 2.0]), arithmetic("float32"), np.array([0.5, radius]))
    assert not bound.holds(np.array([1.0, 2.0], np.float32))
    within = Bounded(np.array([1.0, 2.0]), arithmetic("float32"), np.array([0.5, 0.5]))
    assert within.holds(np.array([1.25, 2.0], np.float32))
    assert not within.holds(np.array([1.75, 2.0], np.float32))
    assert not within.holds(np.array([np.nan, 2.0], np.float32))


@pytest.mark.parametrize("number", [0.0, 1.0, -1.5, 5e-324, -2.2e-308, 1.7976931348623157e308, np.inf, -np.inf])
def test_numbers_are_moved_outward_by_a_unit_or_two(number: float) -> None:
    """Infinities stay, and so are no NaN, which no check would fail for."""
    at = np.array([number])
    with np.errstate(over="ignore"):
        lower, upper = below(at), above(at)
        assert lower <= np.nextafter(at, -np.inf) or (np.isinf(number) and lower == number)
        assert upper >= np.nextafter(at, np.inf) or (np.isinf(number) and upper == number)
        if np.isfinite(number):
            assert not lower < number - 2 * np.spacing(abs(number))
            assert not upper > number + 2 * np.spacing(abs(number))


def test_a_wrong_element_beside_an_infinite_bound_fails() -> None:
    x: Any = Bounded(np.array([0.1, 0.2, 0.9]), arithmetic("float32"))
    clipped: Any = np.minimum(np.maximum(x, -np.inf), 0.3)
    checked = Check(clipped, np.array([7, 8, 9], np.float32), arithmetic("float32").largest)
    assert checked.failing is not None
    assert checked.failing.all()
    assert np.isfinite(np.max(np.pad(x, 1, constant_values=-np.inf)).midpoint)
