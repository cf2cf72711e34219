"""A look at one recorded tensor in the run's own dtype, which mostly shows at a fraction of the cost that it is right.

It never says so of what a Check would not pass: it takes less than a bound where computing the bound takes longer.
"""

import numpy as np

from backends.contract import Array
from harness.numerics.blocks import blocks
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Magnitude, SizesOfProducts, largest_size

MANY = 16384
"""From so many elements on, a look costs less than it saves."""
MANY_PRODUCTS = 2**18
"""From so many products on that are added up in sums, a look costs less, too."""
FEW = 4
"""One in so many elements may differ from the midpoint that is rounded to the dtype; else a Check is faster."""
ROUNDINGS = 3
"""More than the roundings of a midpoint and of its difference from what is looked at."""


def is_surely_right(bound: Bounded, got: Array) -> bool:
    """Whether all elements are finite and within their bound, no error is suspect, and the bound says something."""
    if got.dtype != bound.dtype:
        return False
    if bound.unasked is None and isinstance(bound.sizes, SizesOfProducts) and got.size * bound.depth > MANY_PRODUCTS:
        return _is_sum_of_products(bound, bound.sizes, got)
    if got.size < MANY:
        return False
    if bound.exact:
        return np.array_equal(got, _rounded(bound)) and bool(np.isfinite(largest_size(got)))
    if bound.depth == 1:
        return _is_rounded_once(bound, got)
    return False


def _is_rounded_once(bound: Bounded, got: Array) -> bool:
    """Whether nearly all is the midpoint rounded to the run's dtype, and the rest is within its radius."""
    apart = got != _rounded(bound)
    if np.count_nonzero(apart) > apart.size // FEW:
        return False
    places = np.unravel_index(np.flatnonzero(apart), apart.shape)
    midpoints = bound.midpoint[places]
    within = np.abs(got[places] - midpoints) <= bound.radius_at(places)
    size, constants = largest_size(got), bound.arithmetic
    # Elsewhere what was computed is the nearest number to the midpoint.
    largest = max(size * (1 + 2 * constants.unit) + constants.smallest, largest_size(midpoints))
    return bool(within.all()) and bool(np.isfinite(size)) and bound.no_radius_above(largest) <= size


def _is_sum_of_products(bound: Bounded, sizes: SizesOfProducts, got: Array) -> bool:
    """Whether no error is larger than is likely of a sum of products of these sizes."""
    constants = bound.arithmetic
    share = (constants.likely(bound.depth) - ROUNDINGS * constants.unit) * (1 - 2**-20)

    def are_allowed(of: Magnitude) -> bool:
        for its, midpoint, terms in blocks(got, bound.midpoint, of()):
            error = np.subtract(its, midpoint.astype(bound.dtype, copy=False))
            np.abs(error, out=error)
            if not np.all(error <= terms * constants.dtype.type(share)):
                return False
        return True

    if not (sizes.some is not None and are_allowed(sizes.some)) and not are_allowed(sizes.computed):
        return False
    size, growth = largest_size(got), constants.gamma(bound.depth)
    return bool(np.isfinite(size)) and (growth * sizes.at_most() <= size or growth * sizes.largest() <= size)


def _rounded(bound: Bounded) -> Array:
    return bound.midpoint.astype(bound.dtype, copy=False)
