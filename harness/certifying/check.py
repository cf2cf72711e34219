"""One recorded tensor against its bound."""

from functools import cached_property

import numpy as np

from backends.contract import Array
from harness.numerics.blocks import blocks
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import largest_size
from harness.numerics.rounding import largest_element

SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)


class Check:
    """Compares one recorded tensor with its bound."""

    def __init__(self, bound: Bounded, got: Array, largest: float) -> None:
        self.bound = bound
        self.got = got
        radius = bound.radius
        self.allowed = np.zeros(got.shape) if radius is None else _of_shape(radius, got.shape)
        self.used = self._largest_ratio(self.allowed)
        """The largest error in units of its own allowance."""
        if not self.used <= 1 and not bound.exact:
            # Below the smallest normal number digits are lost: of some orders of three factors more than of others.
            self.allowed = np.maximum(self.allowed, bound.arithmetic.smallest_normal)
            self.used = self._largest_ratio(self.allowed)
        self.failing: Array | None = None
        """Which elements are outside; None if none is."""
        # Written so that NaN, which compares false with everything, is never within the bound.
        if not self.used <= 1:
            # What may overflow in the run's dtype has no bound.
            failing = ~(self.error <= self.allowed) & (np.abs(bound.midpoint) + self.allowed <= largest)
            self.failing = failing if failing.any() else None

    @cached_property
    def error(self) -> Array:
        """How far each element is from the midpoint, in float64; computed while what was recorded is there."""
        error: Array = np.asarray(np.subtract(self.got, self.bound.midpoint, dtype=np.float64))
        np.abs(error, out=error)
        return error

    @property
    def widest(self) -> float:
        """The largest radius."""
        return largest_element(self.allowed)

    @property
    def size(self) -> float:
        """The largest element that the backend computed."""
        return largest_size(self.got)

    @property
    def sharpness(self) -> float:
        """The largest radius as a share of the expected tensor's largest element; 0 where there is no such share."""
        size = float(np.max(np.abs(self.bound.midpoint), initial=0))
        share = self.widest / size if size else 0.0
        return share if np.isfinite(share) else 0.0

    def tells(self, share: float) -> bool:
        """Whether the tensor is within its bound, and the bound within this share of its largest element."""
        return self.used <= 1 and self.widest <= share * self.size

    def cancels(self, share: float) -> bool:
        """Whether it is a sum whose terms cancel, right to within this share of them by the probabilistic bound."""
        bound = self.bound
        if bound.depth <= 1 or not self._largest_ratio(bound.likely_radius) <= 1:
            return False
        return float(np.max(np.asarray(bound.likely_radius))) <= share * float(np.max(bound.magnitude))

    def is_suspect(self, likely_from: float) -> bool:
        """Whether an error within the rigorous bound exceeds the probabilistic bound, as rounding almost never does."""
        bound = self.bound
        if not bound.depth > likely_from:
            return False
        constants = bound.arithmetic
        # What the terms had already counts in full in both bounds, so their ratio is never below that of their growths.
        if self.used * constants.gamma(bound.depth) <= constants.likely(bound.depth):
            return False
        return not self._largest_ratio(bound.likely_radius) <= 1

    def _largest_ratio(self, allowed: Array | None) -> float:
        """The largest error in units of its own allowance, where 0/0 counts as 0; NaN if any is NaN."""
        if allowed is None:
            return 0.0
        largest = 0.0
        for got, midpoint, its in blocks(self.got, self.bound.midpoint, allowed):
            error = np.asarray(np.subtract(got, midpoint, dtype=np.float64))
            np.abs(error, out=error)
            np.divide(error, np.add(its, SMALLEST_NORMAL, dtype=np.float64), out=error)
            ratio = largest_element(error)
            if np.isnan(ratio):
                return ratio
            largest = max(largest, ratio)
        return largest


def _of_shape(radius: Array, shape: tuple[int, ...]) -> Array:
    return radius if radius.shape == shape else np.broadcast_to(radius, shape)


def is_finite(array: Array) -> bool:
    """Whether an array holds neither NaN nor infinity."""
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())
