"""How a recorded tensor is held against what the hand-written ops compute from what was recorded before it."""

import math

import numpy as np

from backends.contract import Array
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import largest_size

FEW_BYTES = 2**16
"""Up to so many, copying and comparing bytes takes less time than comparing numbers."""
ROUNDINGS = 1 - 2**-20
"""What is left of an allowance after the roundings that are made where it is asked for."""


def is_same(one: Array, other: Array) -> bool:
    """Whether two arrays have one dtype and the same numbers, which are finite."""
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if other.nbytes <= FEW_BYTES and one.tobytes() == other.tobytes():  # NumPy would take longer
        return math.isfinite(other.sum())
    return np.array_equal(one, other) and math.isfinite(largest_size(other))


def places_apart(computed: Array, got: Array, at_most: int) -> Array | None:
    """The flat positions at which two arrays differ; None if there are more than so many, or other shapes or dtypes."""
    if computed.dtype != got.dtype or computed.shape != got.shape:
        return None
    places = np.flatnonzero(computed != got)
    return places if places.size <= at_most else None


def is_close(computed: Array, got: Array, share: float, largest: float) -> bool:
    """Whether each element is finite and, but for this share of its size, what was computed in float64.

    `largest` is the largest number of the dtype of `got`.
    """
    if computed.dtype != np.float64 or computed.shape != got.shape or not largest_size(computed) <= largest:
        return False
    return bool((np.abs(got - computed) <= np.abs(computed) * (share * ROUNDINGS)).all())


def is_midpoint(computed: Array, bound: Bounded) -> bool:
    """Whether an array in float64 is the midpoint of a bound, but for roundings in float64."""
    return (
        computed.dtype == np.float64
        and computed.shape == bound.shape
        and is_close(computed, bound.midpoint, 2**-40, math.inf)
    )
