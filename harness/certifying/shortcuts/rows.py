"""At which of several updates a stacked tensor is right. A row is what a stack has of one update."""

import math

import numpy as np

from backends.contract import Array
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.stacking.stacked import Stacked, all_of


def rows_same(computed: Array | Stacked, got: Stacked) -> Array:
    """At which updates two tensors have the same numbers, which are finite, and one dtype."""
    if computed.dtype != got.dtype or computed.shape != got.shape:
        return np.zeros(len(got.stack), bool)
    return _in_rows((all_of(computed) == got.stack) & np.isfinite(got.stack))


def rows_within(bound: Bounded, got: Stacked) -> Array:
    """At which updates a Check of a tensor passes: within its bound, which says something, and not suspect."""
    constants = bound.arithmetic
    if bound.shape != got.shape:
        return np.zeros(len(got.stack), bool)
    error = np.abs(np.subtract(got.stack, all_of(bound.midpoint), dtype=np.float64))
    allowed = _in_shape(bound.radius, error.shape)
    used = _largest_ratio(error, allowed)
    widest, size = _largest(allowed), _largest(np.abs(got.stack))
    right = (used <= 1) & (widest <= np.maximum(size, constants.smallest_normal))
    unlikely = used * constants.gamma(bound.depth) > constants.likely(bound.depth)
    if bound.depth > constants.likely_from and unlikely.any():
        right &= ~unlikely | (_largest_ratio(error, _in_shape(bound.likely_radius, error.shape)) <= 1)
    return np.asarray(right)


def _in_shape(radius: Array | None, shape: tuple[int, ...]) -> Array:
    return np.broadcast_to(0.0 if radius is None else all_of(radius), shape)


def _in_rows(holds: Array) -> Array:
    """In which rows all elements hold."""
    return np.asarray(holds.reshape(len(holds), math.prod(holds.shape[1:])).all(axis=1))


def _largest(array: Array) -> Array:
    """The largest element of each row; NaN if there is one, 0 of no elements."""
    return np.asarray(np.max(array.reshape(len(array), math.prod(array.shape[1:])), axis=1, initial=0))


def _largest_ratio(error: Array, allowed: Array) -> Array:
    """In each row the largest error in units of its own allowance, where 0/0 counts as 0; NaN if any is NaN."""
    return _largest(error / (allowed + np.finfo(np.float64).tiny))
