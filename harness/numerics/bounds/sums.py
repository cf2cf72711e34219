"""The rounding bounds of sums and of sums of products, whose terms may be added in any order."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from backends.contract import Array
from harness.numerics.bounds.bounds import (
    ANY_SHARE,
    NO_SHARE,
    AnyBounds,
    Bounds,
    Magnitude,
    Radius,
    SizesOfProducts,
    or_zero,
    plus,
)
from harness.numerics.stacking.stacked import as_array


def add(x: Bounds, y: Bounds) -> Bounds:
    """x + y: one more addition in a sum."""
    return _added(x, y, x.midpoint + y.midpoint)


def subtract(x: Bounds, y: Bounds) -> Bounds:
    """x − y, which is a sum, too."""
    return _added(x, y, x.midpoint - y.midpoint)


def _added(x: Bounds, y: Bounds, midpoint: Array) -> Bounds:
    for zero, other in ((x, y), (y, x)):
        if zero.exact and zero.midpoint.ndim == 0 and zero.midpoint == 0:
            # Beside another number than 0, at another update, the other has no part in the size of the sum.
            share = other.share if zero.share == ANY_SHARE else min(0.0, other.share)
            return x.like(midpoint, other.unasked, other.sizes, other.depth, share)
    share = min(x.share, y.share) if x.midpoint.ndim and y.midpoint.ndim else NO_SHARE
    sizes, depth = Magnitude(np.add, x.sizes, y.sizes), x.depth + y.depth + 1
    return x.like(midpoint, _inherited(x, y, midpoint.shape), sizes, depth, share)


def _inherited(x: Bounds, y: Bounds, shape: tuple[int, ...]) -> Array | Radius | None:
    """The radii that the terms of a sum of this shape have."""
    for one, other in ((x, y), (y, x)):
        if one.unasked is None and other.midpoint.shape == shape:
            return other.unasked
    inherited = plus(x.inherited, y.inherited)
    return inherited if inherited is None else np.broadcast_to(inherited, shape)


def add_at(target: Bounds, indices: Any, values: Bounds) -> Bounds:
    """What np.add.at makes of its target: each element is a sum of as many terms as its index occurs.

    That is another number at other updates, so that nothing is known of their radii.
    """
    midpoint, magnitude = target.midpoint.copy(), target.magnitude.copy()
    inherited, uses = np.zeros_like(midpoint), np.zeros_like(midpoint)
    if target.inherited is not None:
        inherited += target.inherited
    np.add.at(midpoint, indices, values.midpoint)
    np.add.at(magnitude, indices, values.magnitude)
    np.add.at(inherited, indices, or_zero(values.inherited))
    np.add.at(uses, indices, 1)
    most = float(np.max(uses)) if uses.size else 0.0
    depth = target.depth + most * (values.depth + 1)
    return target.like(midpoint, inherited, Magnitude(as_array, magnitude), depth, NO_SHARE)


def total(x: AnyBounds, axis: Any, keepdims: bool) -> AnyBounds:
    """np.sum: one sum of all its terms."""
    add_up = partial(np.sum, axis=axis, keepdims=keepdims)
    midpoint = as_array(add_up(x.midpoint))
    return _sum_of_terms(x, add_up, midpoint, x.midpoint.size // max(midpoint.size, 1))


def accumulated(x: AnyBounds, axis: int) -> AnyBounds:
    """np.cumsum: sums of at most all elements along the axis."""
    add_up = partial(np.cumsum, axis=axis)
    return _sum_of_terms(x, add_up, add_up(x.midpoint), x.midpoint.shape[axis])


def _sum_of_terms(x: AnyBounds, add_up: Callable[[Array], Array], midpoint: Array, terms: int) -> AnyBounds:
    """What a function makes of x whose results are sums of at most so many elements."""
    inherited = None if x.inherited is None else as_array(add_up(x.inherited))
    magnitude = Magnitude(lambda sizes: as_array(add_up(sizes)), x.sizes)
    return x.like(midpoint, inherited, magnitude, max(terms * (x.depth + 1) - 1, 0), x.share)


ENOUGH = 24.0
"""Errors of sums of products are hardly ever larger than that, in units of u times the products' sizes."""


def matmul(x: Bounds, y: Bounds) -> Bounds:
    """x·y, for matrices."""
    terms = x.midpoint.shape[-1]
    every = int(x.arithmetic.likely(terms) / (ENOUGH * x.arithmetic.unit))
    has_some = every > 1 and x.midpoint.ndim > 1 and y.midpoint.ndim > 1
    return sum_of_products(np.matmul, x, y, terms, partial(_matmul_of_some, every=every) if has_some else None)


def _matmul_of_some(x: Array, y: Array, every: int) -> Array:
    """The matmul with only one in so many products left in its sums."""
    return np.asarray(np.matmul(x[..., ::every], y[..., ::every, :]))


def sum_of_products(
    product: Callable[..., Array],
    x: AnyBounds,
    y: AnyBounds,
    terms: int,
    of_some: Callable[[Array, Array], Array] | None = None,
) -> AnyBounds:
    """A bilinear `product`, such as np.matmul, whose elements are sums of so many products of elements.

    `of_some` is the same with some of the products left.
    """
    x, y = x.settled(), y.settled()
    depth = max(terms, 2)  # a single product needs two, as its underflow is part of the magnitude
    sizes = _product_of_sizes(product, of_some, x, y, depth)
    midpoint, share = product(x.midpoint, y.midpoint), x.share + y.share
    return x.like(midpoint, product_radius(product, x, y), sizes, depth, share)


def product_radius(product: Callable[..., Array], x: Bounds, y: Bounds) -> Array | None:
    """What the radii of two settled factors do to their product: |x|·ry + rx·|y| + rx·ry."""
    if x.inherited is None and y.inherited is None:
        return None
    if x.inherited is None:
        return product(x.magnitude, y.inherited)
    if y.inherited is None:
        return product(x.inherited, y.magnitude)
    return product(x.magnitude + x.inherited, y.inherited) + product(x.inherited, y.magnitude)


def _product_of_sizes(
    product: Callable[..., Array],
    of_some: Callable[[Array, Array], Array] | None,
    x: Bounds,
    y: Bounds,
    terms: int,
) -> Magnitude:
    """|x|·|y|, computed in the run's dtype, which is fast, and rounded up.

    Underflow may cost each of the products the smallest subnormal number; γ of the number of terms times what is added
    for it covers them all.
    """
    constants = x.arithmetic

    def computing(product: Callable[..., Array]) -> Magnitude:
        return Magnitude(lambda a, b: product(narrow(a), narrow(b)), x.sizes, y.sizes)

    def narrow(sizes: Array) -> Array:
        return sizes.astype(constants.dtype, copy=False)

    def round_up(sizes: Array) -> Array:
        sizes = sizes.astype(np.float64)
        sizes *= 1 + constants.gamma(2 * terms + 4)
        sizes += 2 * constants.smallest / constants.unit
        return sizes

    some = None if of_some is None else computing(of_some)
    return SizesOfProducts(round_up, computing(product), some, (x.sizes, y.sizes), terms)
