"""The arrays of a batch in float64, made once for all that certify updates which have the same arrays."""

import numpy as np

from backends.contract import Array
from harness.numerics.bounds.bounds import Magnitude
from harness.numerics.stacking.stacked import read_only


class Widened:
    """The last array of each name of the data, in float64 and with its sizes."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Array, Array, Magnitude]] = {}

    def of(self, name: str, array: Array) -> tuple[Array, Magnitude]:
        """An array of floats in float64, which nobody may write to, and its sizes, which are computed on demand."""
        known = self._known.get(name)
        if known is None or known[0] is not array:
            wide = read_only(array.astype(np.float64, copy=False))
            known = self._known[name] = array, wide, Magnitude(np.abs, array)
        return known[1], known[2]
