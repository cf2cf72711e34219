"""The rounding bounds of NumPy's element-wise functions and of matmul."""

from collections.abc import Callable
from typing import Any

import numpy as np

from backends.contract import Array
from harness.numerics.bounded import Bounded, Magnitude, Mask, Undecided, Unsupported, bounded, hull, interval
from harness.numerics.rounding import CHARGES, DIVISION, DOUBLE, SLACK

EXACT_FACTORS = (0.5, 1.0, 2.0)
"""Multiplying by these, or by their negatives, rounds nothing (but for underflow)."""


def add(x: Bounded, y: Bounded) -> Bounded:
    """x + y: one more node of a sum that may be taken in any order."""
    return _added(x, y, x.midpoint + y.midpoint)


def subtract(x: Bounded, y: Bounded) -> Bounded:
    """x − y, a sum too."""
    return _added(x, y, x.midpoint - y.midpoint)


def _added(x: Bounded, y: Bounded, midpoint: Array) -> Bounded:
    for zero, other in ((x, y), (y, x)):
        if zero.exact and zero.ndim == 0 and zero.midpoint == 0:
            return Bounded(midpoint, x.arithmetic, other.inherited, other.sizes, other.depth)
    inherited = plus(x.inherited, y.inherited)
    if inherited is not None and inherited.shape != midpoint.shape:
        inherited = np.broadcast_to(inherited, midpoint.shape)
    a, b = x.sizes, y.sizes
    return Bounded(midpoint, x.arithmetic, inherited, Magnitude(lambda: a() + b()), x.depth + y.depth + 1)


def plus(a: Array | None, b: Array | None) -> Array | None:
    """The sum of two radii, either of which may be None for 0."""
    if a is None or b is None:
        return b if a is None else a
    return a + b


def multiply(x: Bounded | Mask, y: Bounded | Mask) -> Bounded:
    """x·y: one rounding; none by a mask or a power of two, which a sum survives as a sum."""
    if not isinstance(x, Bounded):
        return _masked(y, x)
    if not isinstance(y, Bounded):
        return _masked(x, y)
    for factor, other in ((x, y), (y, x)):
        if factor.exact and factor.ndim == 0 and abs(float(factor.midpoint)) in EXACT_FACTORS:
            return _scaled(other, float(factor.midpoint))
        if factor.ndim == 0 and other.exact and factor.midpoint != 0:
            return _multiplied_by_number(factor, other)
    x, y = x.settled(), y.settled()
    return _rounded(x.midpoint * y.midpoint, product_radius(np.multiply, x, y), x, roundings=1)


def _multiplied_by_number(factor: Bounded, x: Bounded) -> Bounded:
    """An exact array times one number: all errors are relative, so that one pass over the array bounds them."""
    constants = x.arithmetic
    relative = 0.0 if factor.exact else float(factor.radius / np.abs(factor.midpoint))
    midpoint = x.midpoint * factor.midpoint
    radius = np.abs(midpoint)
    radius *= relative * SLACK + constants.unit * (1 + relative)
    radius += constants.smallest * (1 + relative)
    return Bounded(midpoint, constants, constants.bounding(radius, constants.unit))


def _scaled(x: Bounded, factor: float) -> Bounded:
    size, midpoint = abs(factor), x.midpoint * factor
    inherited = None if x.inherited is None else x.inherited * size
    if size < 1:
        underflow = np.full(x.shape, x.arithmetic.smallest)
        if x.depth:  # the sum may overflow before it is halved
            underflow[~(_or_zero(x.radius) < np.inf)] = np.inf
        inherited = plus(inherited, underflow)
    if size > 1 and not np.max(np.abs(midpoint), initial=0) <= x.arithmetic.largest:
        inherited = np.where(np.abs(midpoint) <= x.arithmetic.largest, _or_zero(inherited), np.inf)
    sizes = x.sizes
    return Bounded(midpoint, x.arithmetic, inherited, Magnitude(lambda: sizes() * size), x.depth)


def _masked(x: Bounded | Mask, mask: Mask) -> Bounded:
    """x or 0, unless x may be infinite: infinity times 0 is NaN."""
    if not isinstance(x, Bounded):
        raise Unsupported("np.multiply of two undecided comparisons has no rounding bound")
    x = x.settled()
    finite = np.isfinite(x.midpoint) & (_or_zero(x.inherited) < np.inf)
    zero = Bounded(np.zeros(()), x.arithmetic, None if finite.all() else np.where(finite, 0, np.inf))
    return select(mask, x, zero)


def product_radius(product: Callable[..., Array], x: Bounded, y: Bounded) -> Array | None:
    """What the radii of two settled factors do to their product: |x|·ry + rx·|y| + rx·ry."""
    if x.inherited is None and y.inherited is None:
        return None
    if x.inherited is None:
        return product(x.magnitude, y.inherited)
    if y.inherited is None:
        return product(x.inherited, y.magnitude)
    return product(x.magnitude + x.inherited, y.inherited) + product(x.inherited, y.magnitude)


def _rounded(midpoint: Array, propagated: Array | None, like: Bounded, *, roundings: float) -> Bounded:
    """A value that was rounded so many times, after what it has from its operands."""
    constants = like.arithmetic
    growth = constants.gamma(roundings)
    radius = np.abs(midpoint)
    if propagated is None:
        radius *= growth
    else:
        radius *= growth / (SLACK + growth)
        radius += propagated
        radius *= SLACK + growth
    radius += constants.smallest * roundings
    return Bounded(midpoint, constants, constants.bounding(radius, growth))


def divide(x: Bounded, y: Bounded) -> Bounded:
    """x/y; infinite where y may be 0, or so small or large that its reciprocal over- or underflows."""
    x, y = x.settled(), y.settled()
    midpoint = x.midpoint / y.midpoint
    nearest = farthest = np.abs(y.midpoint)
    propagated = None
    if y.inherited is not None:
        nearest, farthest = nearest - y.inherited, nearest + y.inherited
        propagated = np.abs(midpoint) * (y.inherited / nearest)
    if x.inherited is not None:
        propagated = plus(propagated, x.inherited / nearest)
    least = 8 * x.arithmetic.smallest_normal
    if not (np.min(nearest, initial=1) >= least and np.max(farthest, initial=1) <= 1 / least):
        harmless = (nearest >= least) & (farthest <= 1 / least)
        propagated = np.where(harmless, _or_zero(propagated), np.full(midpoint.shape, np.inf))
    return _rounded(midpoint, propagated, x, roundings=DIVISION)


def negative(x: Bounded) -> Bounded:
    """−x, exactly; of a sum, the sum of its negated terms."""
    return Bounded(-x.midpoint, x.arithmetic, x.inherited, x.sizes, x.depth)


def absolute(x: Bounded) -> Bounded:
    """|x|, exactly; it moves no further than x."""
    x = x.settled()
    return Bounded(np.abs(x.midpoint), x.arithmetic, x.inherited)


def square(x: Bounded) -> Bounded:
    """x·x."""
    return multiply(x, x)


def reciprocal(x: Bounded) -> Bounded:
    """1/x."""
    return divide(bounded(1.0, x.arithmetic), x)


def matmul(x: Bounded, y: Bounded) -> Bounded:
    """x·y: sums of products, through as many roundings as the inner dimension is long."""
    x, y = x.settled(), y.settled()
    inner = max(x.shape[-1], 2)  # one product is rounded like a sum here, as its underflow is in the magnitude
    sizes = product_of_sizes(np.matmul, x, y, inner)
    return Bounded(x.midpoint @ y.midpoint, x.arithmetic, product_radius(np.matmul, x, y), sizes, inner)


def product_of_sizes(product: Callable[..., Array], x: Bounded, y: Bounded, inner: int) -> Magnitude:
    """|x|·|y|, computed in the run's dtype, which is fast, and rounded up.

    Each product may lose the smallest subnormal number to underflow, n of them n; γₙ times what is added is more.
    """
    constants, a, b = x.arithmetic, x.sizes, y.sizes

    def computed() -> Array:
        sizes = product(a().astype(constants.dtype), b().astype(constants.dtype)).astype(np.float64)
        sizes *= 1 + constants.gamma(2 * inner + 4)
        sizes += 2 * constants.smallest / constants.unit
        return sizes

    return Magnitude(computed)


def maximum(x: Bounded, y: Bounded) -> Bounded:
    """The larger one; selecting rounds nothing."""
    return _extreme(np.maximum, x, y)


def minimum(x: Bounded, y: Bounded) -> Bounded:
    """The smaller one; selecting rounds nothing."""
    return _extreme(np.minimum, x, y)


def _extreme(function: Callable[[Array, Array], Array], x: Bounded, y: Bounded) -> Bounded:
    if x.exact and y.exact:
        return Bounded(function(x.midpoint, y.midpoint), x.arithmetic)
    (x_low, x_high), (y_low, y_high) = interval(x), interval(y)
    return hull(function(x_low, y_low), function(x_high, y_high), x.arithmetic)


def select(condition: Mask, x: Bounded, y: Bounded) -> Bounded:
    """np.where: x, y, or the hull of both where the condition is undecided."""
    x, y = x.settled(), y.settled()
    true = condition.true if isinstance(condition, Undecided) else condition
    midpoint = np.where(true, x.midpoint, y.midpoint)
    radius = None
    if x.inherited is not None or y.inherited is not None:
        radius = np.where(true, _or_zero(x.inherited), _or_zero(y.inherited))
    if isinstance(condition, Undecided):
        apart = np.abs(x.midpoint - y.midpoint) + _or_zero(x.inherited) + _or_zero(y.inherited)
        radius = np.where(condition.known, _or_zero(radius), apart * SLACK)
    return Bounded(midpoint, x.arithmetic, None if radius is None else np.broadcast_to(radius, midpoint.shape))


def _or_zero(radius: Array | None) -> Array:
    return np.zeros(()) if radius is None else radius


def _comparison(compare: Callable[[Array, Array], Array]) -> Callable[[Bounded, Bounded], Array | Undecided]:
    def compared(x: Bounded, y: Bounded) -> Array | Undecided:
        true = compare(x.midpoint, y.midpoint)
        if x.exact and y.exact:
            return true
        (x_low, x_high), (y_low, y_high) = interval(x), interval(y)
        known = (x_high < y_low) | (y_high < x_low)
        return true if known.all() else Undecided(true, known)

    return compared


def increasing(
    function: Callable[[Array], Array], charge: float, least: float = -np.inf
) -> Callable[[Bounded], Bounded]:
    """The bound of an increasing function, from its values at both ends.

    What it is not defined for, below `least`, is taken for that: otherwise √(x·x) would have no bound at 0.
    """

    def applied(x: Bounded) -> Bounded:
        x = x.settled()
        ends = None if x.exact else [function(np.maximum(end, least)) for end in interval(x)]
        return _charged(function(x.midpoint), ends, x, charge)

    return applied


def _charged(midpoint: Array, ends: list[Array] | None, like: Bounded, charge: float) -> Bounded:
    """A function's value with its own rounding error, and as far as it moves between these ends.

    `like` is its settled argument; of one without a bound, which may be NaN, not even a sine has any.
    """
    constants = like.arithmetic
    radius = charge * constants.unit * np.abs(midpoint) + constants.smallest_normal
    if ends is not None:
        spread = np.maximum.reduce([np.abs(end - midpoint) for end in ends])
        spread = np.where(_or_zero(like.inherited) < np.inf, spread, np.inf)
        size = np.maximum.reduce([np.abs(end) for end in (midpoint, *ends)])
        radius = radius + spread * (1 + charge * constants.unit) * SLACK + 2 * charge * DOUBLE * size
    return Bounded(midpoint, constants, constants.bounding(radius, charge * constants.unit))


def _between_minus_one_and_one(function: Callable[[Array], Array], charge: float) -> Callable[[Bounded], Bounded]:
    """The bound of sin and cos, which move no faster than their argument."""

    def applied(x: Bounded) -> Bounded:
        x = x.settled()
        midpoint = function(x.midpoint)
        spread = None if x.inherited is None else np.minimum(x.inherited, 2.0)
        return _charged(midpoint, None if spread is None else [midpoint - spread, midpoint + spread], x, charge)

    return applied


def power(x: Bounded, exponent: Bounded) -> Bounded:
    """x**p for a single p, a number of the source."""
    if exponent.depth or exponent.ndim:
        raise Unsupported("np.power with anything but one number as exponent has no rounding bound")
    if not exponent.exact:
        return _power_of_positive(x.settled(), exponent)
    x, p = x.settled(), float(exponent.midpoint)
    midpoint = x.midpoint**p
    if x.exact:
        return _charged(midpoint, None, x, CHARGES["power"])
    low, high = interval(x)
    if not p.is_integer():
        low = np.maximum(low, 0)
        high = np.maximum(high, 0)
    ends = [low**p, high**p]
    straddles = (low < 0) & (high > 0)
    if p < 0:
        ends.append(np.where(straddles | (low == 0), np.inf, ends[0]))
    elif p % 2 == 0:
        ends.append(np.where(straddles, 0, ends[0]))
    return _charged(midpoint, ends, x, CHARGES["power"])


def _power_of_positive(x: Bounded, exponent: Bounded) -> Bounded:
    """x**p for a p that is rounded, and so no whole number: xᵖ lies between its values at the corners."""
    exponents = interval(exponent)
    bases = [np.maximum(end, 0) for end in interval(x)]
    return _charged(x.midpoint**exponent.midpoint, [base**p for base in bases for p in exponents], x, CHARGES["power"])


def add_at(target: Bounded, indices: Any, values: Any) -> None:
    """np.add.at: sums as many terms as an index comes up."""
    new = bounded(values, target.arithmetic)
    midpoint, magnitude = target.midpoint.copy(), np.array(target.magnitude)
    inherited, uses = np.zeros(target.shape), np.zeros(target.shape)
    if target.inherited is not None:
        inherited += target.inherited
    np.add.at(midpoint, indices, new.midpoint)
    np.add.at(magnitude, indices, new.magnitude)
    np.add.at(inherited, indices, _or_zero(new.inherited))
    np.add.at(uses, indices, 1)
    target.depth += float(uses.max(initial=0)) * (new.depth + 1)
    target.midpoint, target.inherited, target.sizes = midpoint, inherited, Magnitude(lambda: magnitude)


UFUNCS: dict[Any, Callable[..., Any]] = {
    (np.add, "__call__"): add,
    (np.subtract, "__call__"): subtract,
    (np.multiply, "__call__"): multiply,
    (np.divide, "__call__"): divide,
    (np.negative, "__call__"): negative,
    (np.absolute, "__call__"): absolute,
    (np.square, "__call__"): square,
    (np.reciprocal, "__call__"): reciprocal,
    (np.matmul, "__call__"): matmul,
    (np.maximum, "__call__"): maximum,
    (np.minimum, "__call__"): minimum,
    (np.power, "__call__"): power,
    (np.add, "at"): add_at,
    (np.exp, "__call__"): increasing(np.exp, CHARGES["exp"]),
    (np.expm1, "__call__"): increasing(np.expm1, CHARGES["expm1"]),
    (np.tanh, "__call__"): increasing(np.tanh, CHARGES["tanh"]),
    (np.sqrt, "__call__"): increasing(np.sqrt, CHARGES["sqrt"], 0),
    (np.log, "__call__"): increasing(np.log, CHARGES["log"], 0),
    (np.log1p, "__call__"): increasing(np.log1p, CHARGES["log1p"], -1),
    (np.sin, "__call__"): _between_minus_one_and_one(np.sin, CHARGES["sin"]),
    (np.cos, "__call__"): _between_minus_one_and_one(np.cos, CHARGES["cos"]),
    **{
        (compare, "__call__"): _comparison(compare)
        for compare in (np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal)
    },
}
"""By (ufunc, method), as NumPy hands them over."""
