"""Computes the coefficients of backends.special.erf: run it with `python -m tools.erf_coefficients`.

Each polynomial goes through its function at Chebyshev points, which is all but the best one of its degree (Trefethen,
Approximation Theory and Approximation Practice, 2013, chapters 3 and 4). The degrees are the lowest at which its error
adds nothing to float64's.
"""

from collections.abc import Callable
from typing import Any

import mpmath  # type: ignore[import-untyped]

CONTEXT = mpmath.MPContext()
CONTEXT.dps = 60
SMALL_TERMS, LARGE_TERMS = 13, 17


def small(square: Any) -> Any:
    """erf(x)/x − 1, of x² from 0 to 1."""
    x = CONTEXT.sqrt(square)
    return CONTEXT.erf(x) / x - 1


def large(u: Any) -> Any:
    """e^(x²)·erfc(x), of u = (48 / (x + 2) − 11) / 5 from −1 to 1."""
    x = 48 / (5 * u + 11) - 2
    return CONTEXT.exp(x * x) * CONTEXT.erfc(x)


def interpolated(function: Callable[[Any], Any], low: int, high: int, terms: int) -> list[float]:
    """The polynomial through the function at Chebyshev points, by rising powers, rounded to float64."""
    middle, half = CONTEXT.mpf(low + high) / 2, CONTEXT.mpf(high - low) / 2
    points = [middle + half * CONTEXT.cos(CONTEXT.pi * (2 * k + 1) / (2 * terms)) for k in range(terms)]
    powers = CONTEXT.matrix([[point**k for k in range(terms)] for point in points])
    values = CONTEXT.matrix([function(point) for point in points])
    return [float(coefficient) for coefficient in CONTEXT.lu_solve(powers, values)]


def coefficients() -> dict[str, list[float]]:
    """By the names that they have in backends.special."""
    return {
        "SMALL": interpolated(small, 0, 1, SMALL_TERMS),
        "LARGE": interpolated(large, -1, 1, LARGE_TERMS),
    }


if __name__ == "__main__":
    for name, numbers in coefficients().items():
        print(f"{name} = (")
        for number in numbers:
            print(f"    {number!r},")
        print(")")
