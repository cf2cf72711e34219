"""How far two arrays of live models are apart, in float64."""

import numpy as np

from backends.contract import Array
from harness.numerics.bounds.bounds import largest_size


def difference(left: Array, right: Array) -> Array:
    """left − right in float64; 0 where both are the same infinity, NaN where either is NaN."""
    mine, theirs = left.astype(np.float64), right.astype(np.float64)
    with np.errstate(all="ignore"):
        return np.where(mine == theirs, 0.0, mine - theirs)


def share_apart(left: Array, right: Array) -> float:
    """‖left − right‖∞ relative to the left array's largest finite element, or itself where that is 0.

    NaN if either holds one; infinite where one alone is infinite.
    """
    size, off = largest_finite(left), largest_size(difference(left, right))
    return off / size if size else off


def largest_finite(array: Array) -> float:
    """‖a‖∞ over the elements that are neither NaN nor infinite; 0 if there is none."""
    values = np.abs(array.astype(np.float64))
    return float(np.max(values, where=np.isfinite(values), initial=0.0))
