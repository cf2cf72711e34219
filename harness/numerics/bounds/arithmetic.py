"""The rounding bounds of products, quotients and changes of sign, element by element."""

import numpy as np

from backends.contract import Array
from harness.numerics.blocks import in_blocks
from harness.numerics.bounds.bounds import Bounds, Magnitude, Radius, or_zero, plus
from harness.numerics.bounds.selections import Mask, masked
from harness.numerics.bounds.sums import product_radius
from harness.numerics.rounding import DIVISION, SLACK
from harness.numerics.stacking.stacked import Stacked, all_of, as_array

EXACT_FACTORS = (0.5, 1.0, 2.0)
"""Multiplying by one of these, or its negative, rounds nothing unless it underflows."""


def multiply(x: Bounds | Mask, y: Bounds | Mask) -> Bounds:
    """x·y: one rounding; none by a mask, or by a power of two, which leaves a sum a sum."""
    if not isinstance(x, Bounds):
        return masked(y, x)
    if not isinstance(y, Bounds):
        return masked(x, y)
    for factor, other in ((x, y), (y, x)):
        if factor.midpoint.ndim == 0:
            if factor.exact and _is_exact_factor(factor.midpoint):
                return _scaled(other, float(factor.midpoint))
            if other.exact and factor.midpoint != 0:
                return _multiplied_by_number(factor, other)
    x, y = x.settled(), y.settled()
    midpoint, share = x.midpoint * y.midpoint, _share_of_product(x, y)
    return _rounded(midpoint, product_radius(np.multiply, x, y), x, roundings=1, share=share)


def _is_exact_factor(number: Array) -> bool:
    """Whether a number is one of the exact factors or its negative; of several numbers, whether any is."""
    if isinstance(number, Stacked):
        return any(abs(each) in EXACT_FACTORS for each in number.stack.tolist())
    return abs(float(number)) in EXACT_FACTORS


def _share_of_product(x: Bounds, y: Bounds) -> float:
    """The share of a product of settled factors; a number among them may at some updates be an exact factor."""
    if x.midpoint.ndim and y.midpoint.ndim:
        return x.share + y.share + x.arithmetic.unit
    return x.share if x.midpoint.ndim else y.share if y.midpoint.ndim else min(x.share, y.share)


def _multiplied_by_number(factor: Bounds, x: Bounds) -> Bounds:
    """An exact array times one number: all errors are relative, so that one pass over the array bounds them."""
    constants = x.arithmetic
    radius_of_factor = factor.radius
    relative = 0.0 if radius_of_factor is None else radius_of_factor / np.abs(factor.midpoint)
    midpoint = x.midpoint * factor.midpoint

    def radius_of(numbers: Array) -> Array:
        radius = np.abs(numbers)
        radius *= relative * SLACK + constants.unit * (1 + relative)
        radius += constants.smallest * (1 + relative)
        return constants.bounding(radius, constants.unit)

    return x.like(midpoint, Radius(radius_of, midpoint), share=_share_of_product(factor, x))


def _scaled(x: Bounds, factor: float) -> Bounds:
    """x times one of the exact factors or its negative."""
    size, midpoint = abs(factor), x.midpoint * factor
    inherited = None if x.inherited is None else x.inherited * size
    if size < 1:
        underflow = np.full_like(midpoint, x.arithmetic.smallest)
        if x.depth:  # the sum may overflow before it is halved
            underflow = np.where(or_zero(x.radius) < np.inf, underflow, np.inf)
        inherited = plus(inherited, underflow)
    if size > 1 and not np.all(np.abs(midpoint) <= x.arithmetic.largest):
        inherited = np.where(np.abs(midpoint) <= x.arithmetic.largest, or_zero(inherited), np.inf)
    return x.like(midpoint, inherited, Magnitude(lambda sizes: sizes * size, x.sizes), x.depth, x.share)


def _rounded(midpoint: Array, propagated: Array | None, like: Bounds, *, roundings: float, share: float) -> Bounds:
    """A value rounded so many times, whose operands' radii alone would make it off by `propagated`."""
    constants = like.arithmetic
    growth = constants.gamma(roundings)

    def radius_of(size: Array, propagated: Array | None = None) -> Array:
        if propagated is None:
            size *= growth
        else:
            size *= growth / (SLACK + growth)
            size += propagated
            size *= SLACK + growth
        size += constants.smallest * roundings
        return size

    radius = in_blocks(radius_of, as_array(np.abs(midpoint)), *(() if propagated is None else (propagated,)))
    return like.like(midpoint, constants.bounding(radius, growth), share=share)


def divide(x: Bounds, y: Bounds) -> Bounds:
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
    if not (np.min(all_of(nearest), initial=1) >= least and np.max(all_of(farthest), initial=1) <= 1 / least):
        harmless = (nearest >= least) & (farthest <= 1 / least)
        propagated = np.where(harmless, or_zero(propagated), np.full(midpoint.shape, np.inf))
    share = x.share + y.share + DIVISION * x.arithmetic.unit
    return _rounded(midpoint, propagated, x, roundings=DIVISION, share=share)


def reciprocal(x: Bounds) -> Bounds:
    """1/x."""
    return divide(x.like(np.ones(())), x)


def square(x: Bounds) -> Bounds:
    """x·x."""
    return multiply(x, x)


def negative(x: Bounds) -> Bounds:
    """−x, which rounds nothing and leaves a sum a sum."""
    return x.like(-x.midpoint, x.inherited, x.sizes, x.depth, x.share)


def absolute(x: Bounds) -> Bounds:
    """|x|, which rounds nothing and is off by no more than x is."""
    x = x.settled()
    return x.like(np.abs(x.midpoint), x.inherited, share=x.share)
