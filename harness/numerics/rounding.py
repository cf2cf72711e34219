"""What rounding in float32 or float64 may do: the standard model of floating-point arithmetic, and its constants.

    fl(x ∘ y) = (x ∘ y)(1 + δ),  |δ| ≤ u        one rounded operation
    γₙ = n·u / (1 − n·u)                        n of them, and a sum of n + 1 terms in any order

(Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 2002, sections 2.2 and 3.1.) Here u is the run's unit
roundoff plus that of float64, in which the midpoint itself is computed, so that the bounds hold for float64 runs too.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from backends.contract import Array

DOUBLE = 2.0**-53
"""The unit roundoff of float64."""

SLACK = 1.0 + 2.0**-30
"""Radii are computed in floating point too, which loses less than this on up to a million terms."""

UNDERFLOW = 4 * 2.0**-1074
"""What underflow in float64 may cost a midpoint and its radius, which are products too."""

CHARGES = {
    "exp": 6.0,
    "expm1": 6.0,
    "log": 6.0,
    "log1p": 6.0,
    "tanh": 4.0,
    "sin": 4.0,
    "cos": 4.0,
    "erf": 4.0,
    "sqrt": 2.0,
    "power": 8.0,
}
"""The largest error of a function in units of u, over NumPy's and PyTorch's float32 and float64, with room to spare.

No standard bounds these, so they were measured: exp 3.4, log 4.6, tanh 2.7, expm1 and log1p 3.3, sin and cos 2.0,
erf 1.6, sqrt 1.5, power 5.6, in float32 over every instruction set that NumPy dispatches to.
"""

ERF_BESIDE_ONE = 12.0
"""What erf may lose on top of its charge, in units of u itself: in float32 PyTorch has gelu computed by oneDNN, whose
erf is there to be added to 1, and right to 10 of these.
"""

DIVISION = 2
"""A division may be a multiplication with the rounded reciprocal: two roundings."""

CONFIDENCE = 8.0
"""λ of the probabilistic bound λ·√n·u, which rounding hardly ever passes (Higham & Mary 2019, SIAM J. Sci. Comput.)."""


@dataclass(frozen=True)
class Arithmetic:
    """The constants of one dtype."""

    dtype: np.dtype[np.floating]
    unit: float
    """u, that of the midpoint and the slack included."""
    smallest: float
    """What underflow may cost a product or a quotient: the smallest subnormal number, and what it costs the bound."""
    smallest_normal: float
    """What underflow may cost exp and the like, which some libraries flush to 0."""
    largest: float

    @property
    def likely_from(self) -> float:
        """From how many roundings on the probabilistic bound is the smaller one."""
        return CONFIDENCE**2

    def gamma(self, n: float) -> float:
        """γₙ, infinite where n roundings say nothing any more."""
        product = n * self.unit
        return product / (1 - product) if product < 1 else float("inf")

    def bounding(self, radius: Array, growth: float) -> Array:
        """The radius that n roundings leave, γₙ being `growth`; infinite where the value may overflow."""
        most = self.largest * growth
        if np.max(radius, initial=0) <= most:
            return radius
        return np.where(radius <= most, radius, np.inf)  # of NaN too

    def likely(self, n: float) -> float:
        """λ·√n·u or γₙ, whichever is smaller."""
        return min(CONFIDENCE * math.sqrt(n) * self.unit, self.gamma(n))


@cache
def arithmetic(dtype: str) -> Arithmetic:
    """The constants of float32 or float64."""
    limits = np.finfo(dtype)
    return Arithmetic(
        dtype=np.dtype(dtype),
        unit=(float(limits.eps) / 2 + DOUBLE) * SLACK,
        smallest=float(limits.smallest_subnormal) + UNDERFLOW,
        smallest_normal=float(limits.tiny),
        largest=float(limits.max),
    )
