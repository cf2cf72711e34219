"""Compares a recorded tensor with its correct value and with what a mistake would produce."""

from __future__ import annotations

import numpy as np

from backends.contract import Array

ENOUGH = 20
"""With at least this many inexact but correct elements, their errors measure the actual rounding."""

MARGIN = 4.0
"""A mistaken formula may round this many times more than the correct elements do."""

NEGLIGIBLE = 1e-6
"""An element counts as exact if its allowed rounding is at most this share of the tensor's largest."""

MOST_LEFT = 0.25
"""The largest share of the difference that a cause may leave unexplained."""

MOST_LEFT_OF_ONE = 1e-4
"""The same of an unlikely cause where one element alone is wrong, which one of many numbers is near to by chance."""


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
    def is_of_one(self) -> bool:
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

    def is_explained_by(self, prediction: Array, *, is_likely: bool = True) -> bool:
        """Whether a prediction equals `got` up to rounding at every element, and is much closer to it than `want` is.

        A tensor without finite elements is never explained. What is not likely has to be closer to a lone element.
        """
        if prediction.shape != self.got.shape or not np.isfinite(self.got).any():
            return False
        with np.errstate(all="ignore"):
            same = (prediction == self.got) | (np.isnan(prediction) & np.isnan(self.got))
            error = np.where(same, 0, np.abs(prediction - self.got))
            tolerance = self.tolerance(prediction) + np.where(self.is_wrong, 0, self._allowed)
            left = np.sum(error[self.is_wrong]) / np.nansum(self._difference[self.is_wrong])
        most_left = MOST_LEFT_OF_ONE if self.is_of_one and not is_likely else MOST_LEFT
        return bool(np.all((error == 0) | (error <= tolerance)) and not left > most_left)
