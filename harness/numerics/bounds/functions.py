"""The rounding bounds of exp, log, sin and the like, whose own error is at most their charge (Arithmetic.charges)."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from backends import special
from backends.contract import Array
from harness.numerics.bounds.bounds import Bounds, Unsupported, interval, or_zero, plus
from harness.numerics.rounding import DOUBLE, ERF_BESIDE_ONE, SLACK
from harness.numerics.stacking.stacked import all_of

SMALL = 2.0**-4
"""Radii up to this are small."""


Spread = Callable[[Array, Array, Array], Array]
"""How far a function moves at most, from its value, its argument and the radius of that."""


def increasing(
    function: Callable[[Array], Array], name: str, least: float = -np.inf, spread: Spread | None = None
) -> Callable[[Bounds], Bounds]:
    """The bound of an increasing function, which is charged by its name, from its values at both ends of an interval.

    Ends below `least`, where the function is not defined, are moved there: otherwise √(x·x) would have no bound at 0.
    Where all radii are small, `spread` gives in less time how far the function moves.
    """

    def by_ends(midpoint: Array, x: Bounds) -> Bounds:
        return _charged(midpoint, [function(np.maximum(end, least)) for end in interval(x)], x, name)

    def applied(x: Bounds) -> Bounds:
        x = x.settled()
        midpoint, radius = function(x.midpoint), x.inherited
        if radius is None:
            return _charged(midpoint, None, x, name)
        if spread is None:
            return by_ends(midpoint, x)
        small = _are_small(radius, x.midpoint, least)
        if not np.any(all_of(small)):
            return by_ends(midpoint, x)
        moved = _moved(midpoint, spread(midpoint, x.midpoint, radius), x, name)
        if np.all(all_of(small)):
            return moved
        # Of several arrays each is bounded as it would be alone.
        radii = or_zero(moved.radius), or_zero(by_ends(midpoint, x).radius)
        return x.like(midpoint, np.where(small, *radii), share=moved.share)

    return applied


def _are_small(radius: Array, x: Array, least: float) -> Any:
    """Whether all radii of an array are small, and below half of the distance to where a function begins."""
    if least == -np.inf:
        return np.all(radius <= SMALL)
    return np.all((radius <= SMALL) & (radius * 2 < x - least))


def _moved(midpoint: Array, spread: Array, like: Bounds, name: str) -> Bounds:
    """A function's value with its own rounding error, where it moves by no more than `spread`."""
    constants = like.arithmetic
    own = constants.charges[name] * constants.unit
    radius = np.abs(midpoint)
    radius *= own
    radius += spread * ((1 + own) * SLACK)
    radius += constants.smallest_normal
    return like.like(midpoint, constants.bounding(radius, own), share=own)


def _spread_of_exp(y: Array, x: Array, radius: Array) -> Array:
    """eˣ·(eʳ − 1), and eʳ − 1 ≤ r + r² for r ≤ 1."""
    spread = radius + 1
    spread *= radius
    return spread * y


def _spread_of_log(y: Array, x: Array, radius: Array) -> Array:
    """−log(1 − r/x) ≤ r/(x − r)."""
    spread: Array = radius / (x - radius)
    return spread


def _spread_of_sqrt(y: Array, x: Array, radius: Array) -> Array:
    """√x − √(x − r) = r/(√x + √(x − r)) ≤ √x·t/(2 − t) with t = r/x, since √(1 − t) ≥ 1 − t."""
    share = radius / x
    return y * share / (2 - share)


exp = increasing(np.exp, "exp", spread=_spread_of_exp)
log = increasing(np.log, "log", 0, _spread_of_log)
sqrt = increasing(np.sqrt, "sqrt", 0, _spread_of_sqrt)


def _charged(midpoint: Array, ends: list[Array] | None, like: Bounds, name: str) -> Bounds:
    """A function's value with its own rounding error, and as far as it moves between these ends.

    `like` is its settled argument. Where that has no bound there is none, even for sin: the argument may be NaN.
    """
    constants = like.arithmetic
    charge = constants.charges[name]
    radius = charge * constants.unit * np.abs(midpoint) + constants.smallest_normal
    if ends is not None:
        spread = reduce(np.maximum, [np.abs(end - midpoint) for end in ends])
        spread = np.where(or_zero(like.inherited) < np.inf, spread, np.inf)
        size = reduce(np.maximum, [np.abs(end) for end in (midpoint, *ends)])
        radius = radius + spread * (1 + charge * constants.unit) * SLACK + 2 * charge * DOUBLE * size
    return like.like(midpoint, constants.bounding(radius, charge * constants.unit), share=charge * constants.unit)


def circular(function: Callable[[Array], Array], name: str) -> Callable[[Bounds], Bounds]:
    """The bound of sin and cos, which change by no more than their argument does, and by no more than 2."""

    def applied(x: Bounds) -> Bounds:
        x = x.settled()
        midpoint = function(x.midpoint)
        spread = None if x.inherited is None else np.minimum(x.inherited, 2.0)
        return _charged(midpoint, None if spread is None else [midpoint - spread, midpoint + spread], x, name)

    return applied


def power(x: Bounds, exponent: Bounds) -> Bounds:
    """x**p for a single p, a number in the source."""
    if exponent.depth or exponent.midpoint.ndim:
        raise Unsupported("np.power with anything but one number as exponent has no rounding bound")
    if not exponent.exact:
        return _power_of_positive(x.settled(), exponent)
    x, p = x.settled(), float(exponent.midpoint)
    midpoint = x.midpoint**p
    if x.exact:
        return _charged(midpoint, None, x, "power")
    low, high = interval(x)
    if not p.is_integer():
        low = np.maximum(low, 0)
        high = np.maximum(high, 0)
    ends = [low**p, high**p]
    if p < 0:
        ends.append(np.where((low <= 0) & (high > 0), np.inf, ends[0]))
    # An even power is 0 within an interval around 0; that is nearer to the midpoint than the farther end is.
    return _charged(midpoint, ends, x, "power")


def _power_of_positive(x: Bounds, exponent: Bounds) -> Bounds:
    """x**p for a p that was rounded and so is not an integer: xᵖ lies between its values at the corners."""
    exponents = interval(exponent)
    bases = [np.maximum(end, 0) for end in interval(x)]
    return _charged(x.midpoint**exponent.midpoint, [base**p for base in bases for p in exponents], x, "power")


_erf = increasing(special.erf, "erf")


def erf(x: Bounds) -> Bounds:
    """special.erf, charged for libraries, too, that compute it only to add 1 to it."""
    y = _erf(x)
    beside_one = np.full(y.midpoint.shape, ERF_BESIDE_ONE * y.arithmetic.unit)
    return y.like(y.midpoint, plus(y.radius, beside_one), share=y.share)
