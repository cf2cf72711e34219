"""What rounding may change in float32 or float64: the standard model of floating-point arithmetic, and its constants.

    fl(x ∘ y) = (x ∘ y)(1 + δ),  |δ| ≤ u        one rounded operation
    γₙ = n·u / (1 − n·u)                        n of them, or a sum of n + 1 terms in any order

(Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 2002, sections 2.2 and 3.1.) Here u is the run's unit
roundoff plus that of float64. The midpoint itself is computed in float64, so the bounds hold for float64 runs, too.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from backends.contract import Array
from harness.numerics.stacking.stacked import all_of

DOUBLE = 2.0**-53
"""The unit roundoff of float64."""

SLACK = 1.0 + 2.0**-30
"""A factor that covers the rounding of the radii themselves, for sums of up to a million terms."""

UNDERFLOW = 4 * 2.0**-1074
"""The most that underflow in float64 may take from a midpoint and its radius, if they are products."""

ORDERS = 4
"""How many smallest numbers a product may lose by underflow: one, or more where factors come in another order."""

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
"""The largest error of a function in units of u, over NumPy's and PyTorch's float32 and float64, with a margin.

No standard limits these errors. Measured in float32, over every instruction set that NumPy dispatches to: exp 3.4, log
4.6, tanh 2.7, expm1 and log1p 3.3, sin and cos 2.0, erf 1.6, sqrt 1.5, power 5.6.
"""

ERF_BESIDE_ONE = 12.0
"""The absolute error, in units of u, that erf may have on top of its charge.

PyTorch's float32 gelu is oneDNN's, whose erf is only meant to be added to 1 and is off by up to 10 u.
"""

DIVISION = 2
"""The roundings of a division, which may be a multiplication by the rounded reciprocal."""

CONFIDENCE = 8.0
"""λ of the probabilistic bound λ·√n·u, rarely ever exceeded (Higham & Mary 2019, SIAM J. Sci. Comput.)."""


FEW_ELEMENTS = 1024
"""Up to so many, NumPy finds the place of the largest element in less time than its value."""


def largest_element(array: Array) -> float:
    """The largest element; NaN if there is one, 0 if there is none."""
    array = all_of(array)
    if array.size > FEW_ELEMENTS:
        return float(array.max())
    return float(array.item(array.argmax())) if array.size else 0.0


@dataclass(frozen=True)
class Arithmetic:
    """The constants of one dtype, and how accurate the functions of whoever computes in it are."""

    dtype: np.dtype[np.floating]
    unit: float
    """u, including the unit roundoff of float64 and the slack."""
    smallest: float
    """The most that underflow may change a product or a quotient: ORDERS subnormal numbers, plus float64's."""
    smallest_normal: float
    """The most that underflow may change exp and the like, which some libraries flush to 0."""
    largest: float
    charges: Mapping[str, float]
    """The largest error of each function of CHARGES, in units of u."""

    def charging(self, accuracy: Mapping[str, float]) -> "Arithmetic":
        """The same with functions that are only so accurate: for each name, the larger of the two charges."""
        return replace(
            self, charges={name: max(charge, accuracy.get(name, 0)) for name, charge in self.charges.items()}
        )

    def less_accurate(self, functions: float, roundings: float) -> "Arithmetic":
        """The same with so many times the errors of functions, and with roundings so many times as large."""
        charges = {name: charge * functions / roundings for name, charge in self.charges.items()}
        return replace(self, unit=self.unit * roundings, charges=charges)

    @property
    def cubable(self) -> float:
        """The largest number with a finite cube: formulas of ops multiply up to three of the numbers that are given."""
        return float(self.largest ** (1 / 3))

    @property
    def likely_from(self) -> float:
        """The number of roundings above which the probabilistic bound is the smaller one."""
        return CONFIDENCE**2

    def gamma(self, n: float) -> float:
        """γₙ; infinite if n is so large that there is no bound."""
        product = n * self.unit
        return product / (1 - product) if product < 1 else float("inf")

    def bounding(self, radius: Array, growth: float) -> Array:
        """The radius after n roundings, where γₙ is `growth`: as it is, or infinite where the value may overflow."""
        most = self.largest * growth
        if largest_element(radius) <= most:
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
        smallest=ORDERS * float(limits.smallest_subnormal) + UNDERFLOW,
        smallest_normal=float(limits.tiny),
        largest=float(limits.max),
        charges=CHARGES,
    )
