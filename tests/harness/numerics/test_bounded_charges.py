"""The errors of NumPy's and PyTorch's functions stay within their charges."""

from collections.abc import Callable

import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest
import torch

from backends import special
from backends.contract import Array
from harness.numerics.rounding import CHARGES

CONTEXT = mpmath.MPContext()
CONTEXT.prec = 200
EXPONENTS = (0.5, 1.5, 2.0, 3.0, -1.0, -2.5, 10.0)
RANGES = {
    "exp": (-87.0, 88.0),
    "expm1": (-20.0, 88.0),
    "log": (1e-30, 1e30),
    "log1p": (-0.999, 1e6),
    "tanh": (-10.0, 10.0),
    "sin": (-1000.0, 1000.0),
    "cos": (-1000.0, 1000.0),
    "erf": (-6.0, 6.0),
    "sqrt": (1e-30, 1e30),
    "power": (1e-3, 1e3),
}
"""Where neither the function nor its error underflows."""


def sample(name: str, count: int, dtype: str) -> Array:
    """Numbers from the whole range, uniform and log-uniform, and more near 1."""
    low, high = RANGES[name]
    draws = np.random.RandomState(0)
    by_size = draws.uniform(low, high, count)
    magnitudes = np.exp(draws.uniform(np.log(1e-30), np.log(high), count))
    negative = -np.exp(draws.uniform(np.log(1e-30), np.log(-low), count)) if low < 0 else magnitudes
    return np.concatenate([by_size, magnitudes, negative, draws.uniform(max(low, 0.5), 2, count)]).astype(dtype)


def by_numpy(name: str) -> Callable[..., Array]:
    """NumPy's function, or the one that it lacks."""
    return getattr(special if name == "erf" else np, name)  # type: ignore[no-any-return]


def by_torch(name: str) -> Callable[..., Array]:
    def applied(x: Array, *exponent: float) -> Array:
        function = torch.pow if name == "power" else getattr(torch, name)
        return np.asarray(function(torch.from_numpy(x), *exponent).numpy())

    return applied


def worst(got: Array, want: Array, dtype: str) -> float:
    """The largest error in units of u, where the right value is normal."""
    limits = np.finfo(dtype)
    normal = (np.abs(want) >= float(limits.tiny)) & (np.abs(want) <= float(limits.max) / 2)
    assert normal.mean() > 0.5
    error = np.abs(got[normal] - want[normal]) / np.abs(want[normal])
    return float(error.max()) / (float(limits.eps) / 2)


def exactly(name: str, x: Array, *exponent: float) -> Array:
    """The right values, as mpmath's numbers."""
    function = CONTEXT.power if name == "power" else getattr(CONTEXT, name)
    return np.array([function(CONTEXT.mpf(float(element)), *exponent) for element in x], dtype=object)


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize("name", CHARGES)
def test_float32_stays_within_its_charge(name: str, library: str) -> None:
    x = sample(name, 100_000, "float32")
    function = by_torch(name) if library == "torch" else by_numpy(name)
    for exponent in [(p,) for p in EXPONENTS] if name == "power" else [()]:
        with np.errstate(all="ignore"):
            got = np.asarray(function(x, *exponent))
            want = by_numpy(name)(x.astype(np.float64), *exponent)
            assert got.dtype == np.float32
            assert worst(got, want, "float32") <= CHARGES[name]


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize("name", CHARGES)
def test_float64_stays_within_its_charge(name: str, library: str) -> None:
    x = sample(name, 400, "float64")
    function = by_torch(name) if library == "torch" else by_numpy(name)
    for exponent in [(p,) for p in EXPONENTS] if name == "power" else [()]:
        got, want = np.asarray(function(x, *exponent)), exactly(name, x, *exponent)
        lost = [abs(CONTEXT.mpf(float(g)) - w) / abs(w) for g, w in zip(got, want, strict=True) if w != 0]
        assert float(max(lost)) * 2.0**53 <= CHARGES[name]


def test_a_charge_too_small_is_noticed() -> None:
    x = sample("exp", 100_000, "float32")
    assert worst(np.exp(x), np.exp(x.astype(np.float64)), "float32") > 0.5
    assert worst(x * np.float32(1.0001), x.astype(np.float64), "float32") > max(CHARGES.values())
