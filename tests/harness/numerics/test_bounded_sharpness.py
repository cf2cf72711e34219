"""No bound is blunter than it should be: an implementation ten times as wide fails here."""

import numpy as np
import pytest

from backends.contract import Array
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import CHARGES, DOUBLE, arithmetic

ROOM = 1.01


def drawn(dtype: str, *shape: int) -> tuple[Bounded, Array]:
    """Normal numbers of a dtype, as a Bounded and as float64."""
    array = np.random.RandomState(len(shape)).randn(*shape).astype(dtype).astype(np.float64)
    return Bounded(array, arithmetic(dtype)), array


def unit(dtype: str) -> float:
    """u, that of the midpoint included."""
    return float(np.finfo(dtype).eps) / 2 + DOUBLE


def radius(x: object) -> Array:
    assert isinstance(x, Bounded)
    assert x.radius is not None
    return x.radius


def test_one_rounding(dtype: str) -> None:
    x, a = drawn(dtype, 50)
    y, b = drawn(dtype, 10, 50)
    u, smallest = unit(dtype), 6 * float(np.finfo(dtype).smallest_subnormal)
    assert (radius(x + y) <= ROOM * u * np.abs(a + b) + smallest).all()
    assert (radius(x - y) <= ROOM * u * np.abs(a - b) + smallest).all()
    assert (radius(x * y) <= ROOM * u * np.abs(a * b) + smallest).all()
    assert (radius(x / y) <= ROOM * 2 * u * np.abs(a / b) + 2 * smallest).all()


@pytest.mark.parametrize("n", [2, 100, 1000])
def test_matmul(dtype: str, n: int) -> None:
    x, a = drawn(dtype, 5, n)
    y, b = drawn(dtype, n, 3)
    gamma = n * unit(dtype) / (1 - n * unit(dtype))
    assert (radius(x @ y) <= ROOM * gamma * (np.abs(a) @ np.abs(b))).all()
    assert (radius(np.einsum("ij,jk->ik", x, y)) <= ROOM * gamma * (np.abs(a) @ np.abs(b))).all()
    assert (radius(np.sum(x, axis=1)) <= ROOM * gamma * np.abs(a).sum(axis=1)).all()


def test_exact_where_nothing_is_rounded(dtype: str) -> None:
    x, _ = drawn(dtype, 20)
    selected = (np.where(x > 0, x, 0), x * (x > 0), (x > 0) * x)
    for result in (np.maximum(x, 0), -x, np.abs(x), 2 * x, x + 0, *selected, x[:3], np.max(x), x.T):
        assert isinstance(result, Bounded)
        assert result.radius is None or not result.radius.any()


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p", "tanh", "sin", "cos", "sqrt"])
def test_functions(dtype: str, name: str) -> None:
    x, a = drawn(dtype, 50)
    function = getattr(np, name)
    tiny = float(np.finfo(dtype).tiny)
    allowed = ROOM * CHARGES[name] * unit(dtype) * np.abs(function(np.abs(a))) + tiny
    assert (radius(function(np.abs(x))) <= allowed).all()


def test_what_operands_bring_along_is_passed_on_once(dtype: str) -> None:
    constants = arithmetic(dtype)
    x = Bounded(np.full(1, 3.0), constants, np.full(1, 1e-3))
    y = Bounded(np.full(1, 2.0), constants, np.full(1, 1e-4))
    assert radius(x + y)[0] <= ROOM * 1.1e-3
    assert radius(x * y)[0] <= ROOM * (2e-3 + 3e-4)
    assert radius(x / y)[0] <= ROOM * (1e-3 + 1.5e-4) / 2
    assert radius(np.maximum(x, y))[0] <= ROOM * 1e-3
    assert radius(np.maximum(x, 10))[0] <= 1e-300
    assert radius(np.exp(x))[0] <= ROOM * 1e-3 * np.exp(3.0)
    assert radius(np.log(x))[0] <= ROOM * 1e-3 / 3
    assert radius(np.sum(x))[()] <= ROOM * 1e-3


def test_a_sum_of_very_many_terms_has_a_bound(dtype: str) -> None:
    """Such as the gradient of a weight that is used a thousand times: no deeper than the interpreter's stack."""
    count = 2000
    x, a = drawn(dtype, 3, 2)
    total = x
    for _ in range(count - 1):
        total = total + x
    assert (radius(total) <= ROOM * count * unit(dtype) * count * np.abs(a)).all()
