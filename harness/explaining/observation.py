"""Compares a recorded tensor with its correct value and with what a mistake would produce."""

from __future__ import annotations

import numpy as np

from backends.contract import Array
from harness.explaining.solving import is_by_chance

ENOUGH = 20
"""With at least this many inexact but correct elements, their errors measure the actual rounding."""

MARGIN = 4.0
"""A mistaken formula may round this many times more than the correct elements do."""

NEGLIGIBLE = 1e-6
"""An element counts as exact if its allowed rounding is at most this share of the tensor's largest."""

MOST_LEFT = 0.25
"""The largest share of the difference that a cause may leave unexplained."""


class Observation:
    """A tensor as recorded (`got`) and as it should be (`want`), with the rounding allowed for each element."""

    def __init__(self, got: Array, want: Array, allowed: Array, dtype: str) -> None:
        self.got = np.asarray(got, dtype=np.float64)
        self.want = want
        self.unit = float(np.finfo(dtype).eps) / 2
        self._allowed = np.broadcast_to(allowed, self.got.shape)
        self._difference = np.abs(self.got - want)
        self.is_wrong = ~(self._difference <= self._allowed)
        """Where an element is out of bounds or NaN."""
        self._likely = self._likely_share()
        self._exact = self._allowed <= NEGLIGIBLE * np.max(self._allowed, initial=0)
        """Where correct elements hardly round, such as gradients of 0. Mistaken ones may round there as elsewhere."""
        self._usual = 0.0 if self._exact.all() else float(np.median(self._allowed[~self._exact]))

    @property
    def _is_of_one(self) -> bool:
        """Whether one element alone is wrong."""
        return int(np.count_nonzero(self.is_wrong)) == 1

    def _likely_share(self) -> float:
        """The share of the allowed rounding that actually occurs, measured on the correct elements."""
        right = ~self.is_wrong & (self._difference > 0)
        if np.count_nonzero(right) < ENOUGH:
            return 1.0
        return min(1.0, MARGIN * float(np.max(self._difference[right] / self._allowed[right])))

    def tolerance(self, prediction: Array) -> Array:
        """How far rounding may take `got` from a prediction, scaled up if the prediction is larger than `want`."""
        ratio = np.abs(prediction / self.want)
        scale = np.where(np.isfinite(ratio), np.maximum(ratio, 1), 1)
        allowed = np.where(self._exact, self._usual, self._allowed * self._likely * scale)
        tolerance: Array = allowed + 2 * self.unit * np.abs(prediction)
        return tolerance

    def is_explained_by(self, prediction: Array, *, among: int = 0) -> bool:
        """Whether a prediction equals `got` up to rounding at every element, and is much closer to it than `want` is.

        A tensor without finite elements is never explained. If one element alone is wrong, a prediction has to be so
        close that one `among` so many would not be by chance; 0 is for a cause that is likely by itself.
        """
        if prediction.shape != self.got.shape or not np.isfinite(self.got).any():
            return False
        with np.errstate(all="ignore"):
            same = (prediction == self.got) | (np.isnan(prediction) & np.isnan(self.got))
            error = np.where(same, 0, np.abs(prediction - self.got))
            tolerance = self.tolerance(prediction) + np.where(self.is_wrong, 0, self._allowed)
            left = np.sum(error[self.is_wrong]) / np.nansum(self._difference[self.is_wrong])
        is_near = left <= MOST_LEFT and not (self._is_of_one and is_by_chance(among, left))
        return bool(np.all((error == 0) | (error <= tolerance)) and (is_near or np.isnan(left)))
