"""Whether a recorded tensor is, to the last bit, what the hand-written ops make of what was recorded before it.

Then it is right, without a bound: every bound holds for what its own formula computes in the run's dtype.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from backends.contract import Array, Node
from harness.certifying.evaluated import EvaluatedUpdate
from harness.certifying.expectations import Evaluation, OnDemand
from harness.numerics.bounds import largest_size

FEW_BYTES = 2**16
"""Up to so many, copying and comparing bytes takes less time than comparing numbers."""


class Replay(Evaluation):
    """Evaluates updates of one program with the recorded arrays themselves in place of bounds."""

    def exact(self, arrays: Mapping[str, Any]) -> OnDemand:
        """Recorded arrays, which no op may write to."""
        return OnDemand(arrays, _read_only)

    def exact_data(self, data: Mapping[str, Array]) -> dict[str, Any]:
        """The batch, which is exact as it is."""
        return {}

    def of_terms(self, total: Any, count: int) -> Any:
        """The sum itself."""
        return total

    def array_of(self, bound: Any) -> Array:
        """The array itself."""
        return np.asarray(bound)

    def constant(self, value: Any, radius: Array | None = None) -> Any:
        """A number in the run's dtype."""
        return np.asarray(value, self.dtype)


class ReplayedUpdate(EvaluatedUpdate):
    """One update, computed again in the run's dtype."""

    def yields(self, node: Node, got: Array) -> bool:
        """Whether a tensor comes out to the last bit, and all of it is finite."""
        computed = np.asarray(self.expectation(node).bound)  # of None where an op has raised an error
        return computed.dtype == got.dtype and is_same(computed, got) and _is_finite(got)


def is_same(one: Array, other: Array) -> bool:
    """Whether two arrays of one dtype have the same numbers; by their bytes where NumPy would take longer."""
    if other.nbytes <= FEW_BYTES:
        return one.shape == other.shape and one.tobytes() == other.tobytes()
    return np.array_equal(one, other)


def _is_finite(array: Array) -> bool:
    """Whether all numbers are finite, and small enough to be added up."""
    return math.isfinite(array.sum() if array.nbytes <= FEW_BYTES else largest_size(array))


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view
