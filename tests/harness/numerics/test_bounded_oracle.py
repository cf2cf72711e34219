"""The oracle for bounds: exact arithmetic, and arithmetic in the run's dtype with sums in several orders."""

from collections.abc import Callable, Iterator
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest
import torch

from backends import special
from backends.contract import Array
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import arithmetic

BITS = 2400
"""Enough for sums and products of float64 numbers to be exact."""


class BoundPassed(AssertionError):
    """A value lies outside its bound."""


def _exact_numbers() -> Any:
    """An mpmath context whose numbers have the methods that NumPy's functions call on objects."""
    context = mpmath.MPContext()
    context.prec = BITS
    number = context.mpf
    divide, raised = number.__truediv__, number.__pow__

    def within(limit: float, name: str, beyond: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda x: x if x != x else getattr(context, name)(x) if abs(x) < limit else beyond(x)

    def big(x: Any) -> Any:
        return context.inf if x > 0 else context.mpf(0)

    number.exp = within(1e6, "exp", big)
    number.expm1 = within(1e6, "expm1", lambda x: context.inf if x > 0 else context.mpf(-1))
    number.erf = within(1e3, "erf", lambda x: context.sign(x))
    number.tanh = within(1e6, "tanh", lambda x: context.sign(x))
    for name in ("sin", "cos"):
        setattr(number, name, within(1e310, name, lambda x: context.nan))
    for name in ("log", "log1p", "sqrt"):
        setattr(number, name, within(np.inf, name, lambda x: context.nan))
    number.__truediv__ = lambda x, y: divide(x, y) if y != 0 else context.nan
    number.__pow__ = lambda x, p: raised(x, p) if x != 0 or p >= 0 else context.nan
    number.__rtruediv__ = lambda y, x: divide(context.mpf(x), y) if y != 0 else context.nan
    return context


EXACT = _exact_numbers()


class Exact(np.ndarray):
    """An array of such numbers."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **settings: Any) -> Any:
        plain = [x.view(np.ndarray) if isinstance(x, Exact) else x for x in inputs]
        plain = [x if i and method == "at" else _as_numbers(x) for i, x in enumerate(plain)]
        settings.pop("dtype", None)
        if ufunc is np.sign:  # which refuses objects that are not a number
            ufunc = np.frompyfunc(EXACT.sign, 1, 1)
        result = getattr(ufunc, method)(*plain, **settings)
        if method == "at":
            inputs[0].view(np.ndarray)[...] = plain[0]
            return None
        result = np.asarray(result)
        if result.dtype == bool:
            return result
        if out is not None and out[0] is not None:
            out[0].view(np.ndarray)[...] = result
            return out[0]
        return _as_numbers(result).view(Exact)

    def __array_function__(self, *arguments: Any) -> Any:
        result = super().__array_function__(*arguments)
        objects = isinstance(result, np.ndarray) and result.dtype.kind == "O"
        return _as_numbers(result).view(Exact) if objects else result


def _number(x: Any) -> Any:
    """An exact number; NaN if x is complex, such as the root of a negative number."""
    if x is None:  # in a buffer that is yet to be filled
        return x
    if isinstance(x, (np.generic, float, int)):
        x = float(x)
    return EXACT.nan if hasattr(x, "imag") and x.imag != 0 else EXACT.mpf(x)


def _as_numbers(x: Any) -> Any:
    array = np.asarray(x)
    if array.dtype == bool:
        return array
    numbers = np.empty(array.shape, dtype=object)
    numbers.reshape(-1)[:] = [_number(element) for element in array.ravel()]
    return numbers


def exactly(array: Array) -> Any:
    """The same numbers as objects that compute without rounding."""
    return _as_numbers(array).view(Exact)


def erf(x: Any) -> Any:
    """special.erf, of exact numbers by mpmath."""
    if not isinstance(x, Exact):
        return special.erf(x)
    return _as_numbers(np.frompyfunc(lambda number: number.erf(), 1, 1)(x.view(np.ndarray))).view(Exact)


def _forward(terms: Array) -> Array:
    result = np.zeros(terms.shape[:-1], terms.dtype)
    for i in range(terms.shape[-1]):
        result = result + terms[..., i]
    return result


def _in_halves(terms: Array) -> Array:
    n = terms.shape[-1]
    return _forward(terms) if n < 3 else _in_halves(terms[..., : n // 2]) + _in_halves(terms[..., n // 2 :])


def _permuted(terms: Array) -> Array:
    return _forward(terms[..., np.random.RandomState(terms.shape[-1]).permutation(terms.shape[-1])])


def _widely(terms: Array) -> Array:
    total: Array = np.sum(terms, axis=-1, dtype=np.longdouble).astype(terms.dtype)
    return np.asarray(total)


ORDERS: dict[str, Callable[[Array], Array]] = {
    "forward": _forward,
    "backward": lambda terms: _forward(terms[..., ::-1]),
    "pairwise": _in_halves,
    "permuted": _permuted,
    "wide": _widely,
}


def _reduce(order: Callable[[Array], Array]) -> Callable[..., Array]:
    def applied(x: Array, axis: Any = None, keepdims: bool = False, **_: Any) -> Array:
        axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
        chosen = sorted(a % x.ndim for a in axes)
        kept = [a for a in range(x.ndim) if a not in chosen]
        moved = x.transpose(*kept, *chosen).reshape([x.shape[a] for a in kept] + [-1 if x.size else 0])
        return order(moved).reshape([1 if a in chosen else x.shape[a] for a in range(x.ndim) if keepdims or a in kept])

    return applied


def _multiplied(order: Callable[[Array], Array]) -> Callable[..., Array]:
    def applied(x: Array, y: Array) -> Array:
        return order(np.einsum("...ij,...jk->...ikj", x, y)) if min(x.ndim, y.ndim) > 1 else np.matmul(x, y)

    return applied


def _by_torch(name: str) -> Callable[..., Array]:
    def applied(*arrays: Any, **_: Any) -> Array:
        dtype = next(x.dtype for x in arrays if isinstance(x, np.ndarray) and x.dtype.kind == "f")
        tensors = [torch.tensor(np.array(x, dtype)) for x in arrays]
        return np.asarray(getattr(torch, name)(*tensors).numpy())

    return applied


def _by_reciprocal(x: Any, y: Any, **_: Any) -> Array:
    dtype = next(a.dtype for a in (x, y) if isinstance(a, np.ndarray))
    product: Array = np.asarray(x, dtype) * (np.ones((), dtype) / np.asarray(y, dtype))
    return product


_TORCH = (
    "add",
    "subtract",
    "multiply",
    "divide",
    "exp",
    "expm1",
    "log",
    "log1p",
    "tanh",
    "sqrt",
    "sin",
    "cos",
    "matmul",
)

STYLES: dict[str, dict[Any, Callable[..., Any]]] = {
    "numpy": {},
    "torch": {(getattr(np, name), "__call__"): _by_torch(name) for name in _TORCH},
    "reciprocal": {(np.divide, "__call__"): _by_reciprocal},
    **{
        name: {(np.add, "reduce"): _reduce(order), (np.matmul, "__call__"): _multiplied(order)}
        for name, order in ORDERS.items()
    },
}
"""Ways to compute, each given by the ufuncs, by ufunc and method, that differ from NumPy's."""


class Computed(np.ndarray):
    """An array of the run's dtype that computes in one of these styles."""

    ufuncs: dict[Any, Callable[..., Any]]

    def __array_finalize__(self, parent: Any) -> None:
        self.ufuncs = getattr(parent, "ufuncs", {})

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **settings: Any) -> Any:
        plain = [x.view(np.ndarray) if isinstance(x, Computed) else x for x in inputs]
        result = self.ufuncs.get((ufunc, method), getattr(ufunc, method))(*plain, **settings)
        if method == "at":
            return None
        if out is not None and out[0] is not None:
            out[0].view(np.ndarray)[...] = result
            return out[0]
        return computed(np.asarray(result), self.ufuncs)

    def __array_function__(self, *arguments: Any) -> Any:
        result = super().__array_function__(*arguments)
        return computed(result, self.ufuncs) if isinstance(result, np.ndarray) else result


def computed(array: Array, ufuncs: dict[Any, Callable[..., Any]]) -> Computed:
    """The array, computing these ufuncs in another way."""
    view: Computed = np.array(array).view(Computed)
    view.ufuncs = ufuncs
    return view


def evaluations(formula: Callable[..., Any], inputs: list[Array]) -> Iterator[tuple[str, Any]]:
    """Yield what a formula gives exactly and in each style, in the dtype of its inputs."""
    yield "exact", formula(*map(exactly, inputs))
    for name, ufuncs in STYLES.items():
        yield name, formula(*[computed(x, ufuncs) for x in inputs])


def check(formula: Callable[..., Any], inputs: list[Array]) -> Bounded | None:
    """Raise BoundPassed unless the exact value and all computed ones are within the bound; return it."""
    constants = arithmetic(inputs[0].dtype.name)
    with np.errstate(all="ignore"):
        bound = formula(*[Bounded(x.astype(np.float64), constants) for x in inputs])
        for name, got in evaluations(formula, inputs):
            if isinstance(bound, Bounded):
                hold(name, got, bound)
            elif not np.array_equal(np.asarray(bound), np.asarray(got)):
                raise BoundPassed(f"{name}: {got!r} is not {bound!r}")
    return bound if isinstance(bound, Bounded) else None


def hold(name: str, got: Any, bound: Bounded) -> None:
    """Raise BoundPassed unless what a computation got is within the bound."""
    values = np.asarray(got.view(np.ndarray) if isinstance(got, np.ndarray) else got)
    if values.shape != bound.shape:
        raise BoundPassed(f"{name}: shape {values.shape}, not {bound.shape}")
    radii = np.zeros(bound.shape) if bound.radius is None else bound.radius
    if radii.shape != bound.shape:
        raise BoundPassed(f"{name}: radius of shape {radii.shape}, not {bound.shape}")
    for value, midpoint, radius in zip(values.ravel(), bound.midpoint.ravel(), radii.ravel(), strict=True):
        if not radius < np.inf or (name == "exact" and EXACT.isnan(_number(value))):
            continue
        value = _number(value)
        same = value == midpoint or (midpoint != midpoint and value != value)
        if not (same or abs(value - EXACT.mpf(float(midpoint))) <= EXACT.mpf(float(radius))):
            raise BoundPassed(f"{name}: {float(value)!r} is not within {radius!r} of {midpoint!r}")


def test_the_oracle_is_exact() -> None:
    (x,) = exactly(np.array([1e300]))
    assert (x + 1e-300) - x == EXACT.mpf(1e-300)
    assert float(np.exp(exactly(np.array([1.0])))[0]) == np.exp(1.0)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_computes_what_numpy_does_but_for_rounding(style: str) -> None:
    draws = np.random.RandomState(0)
    x, y = draws.randn(3, 40), draws.randn(40, 2)

    def formula(a: Any, b: Any) -> Any:
        c = np.exp(np.tanh(a @ b)) / np.sum(a * a, axis=1, keepdims=True)
        return np.mean(c, axis=0) - 3

    got = formula(computed(x, STYLES[style]), computed(y, STYLES[style]))
    assert isinstance(got, Computed)
    np.testing.assert_allclose(np.asarray(got), formula(x, y), rtol=1e-13)


def test_the_orders_differ() -> None:
    terms = np.random.RandomState(0).randn(1000).astype(np.float32)
    assert len({float(order(terms)) for order in ORDERS.values()}) > 2
