"""A tensor that is wrong in places, and whether what a mistake would make is what was recorded, everywhere."""

from __future__ import annotations

import numpy as np

from backends.contract import Array

ENOUGH = 20
"""From so many right elements on that are off at all, their errors say how large rounding is here."""

MARGIN = 4.0
"""The rounding of a mistaken formula may be larger than theirs by this factor."""

NEGLIGIBLE = 1e-6
"""So small a part of the largest rounding is none."""

MOST_LEFT = 0.25
"""The share of the difference that a cause may leave."""


class Observation:
    """What was recorded of a tensor, what it should be, and how far rounding may take each element."""

    def __init__(self, got: Array, want: Array, allowed: Array, dtype: str) -> None:
        self.got = np.asarray(got, dtype=np.float64)
        self.want = want
        self.unit = float(np.finfo(dtype).eps) / 2
        self._allowed = np.broadcast_to(allowed, self.got.shape)
        self._difference = np.abs(self.got - want)
        self.wrong = ~(self._difference <= self._allowed)
        """Which elements are out of bounds; NaN is."""
        self._likely = self._likely_share()
        self._exact = self._allowed <= NEGLIGIBLE * np.max(self._allowed, initial=0)
        """Which elements hardly round where they are right, as a gradient of 0; where they are mistaken they may."""
        self._usual = 0.0 if self._exact.all() else float(np.median(self._allowed[~self._exact]))

    def _likely_share(self) -> float:
        """How much of what is allowed rounding really takes, as far as the right elements tell."""
        right = ~self.wrong & (self._difference > 0)
        if np.count_nonzero(right) < ENOUGH:
            return 1.0
        return min(1.0, MARGIN * float(np.max(self._difference[right] / self._allowed[right])))

    def tolerance(self, prediction: Array) -> Array:
        """How far rounding may take `got` from what a mistake predicts, which may be larger than what is right."""
        ratio = np.abs(prediction / self.want)
        scale = np.where(np.isfinite(ratio), np.maximum(ratio, 1), 1)
        allowed = np.where(self._exact, self._usual, self._allowed * self._likely * scale)
        tolerance: Array = allowed + 2 * self.unit * np.abs(prediction)
        return tolerance

    def is_explained_by(self, prediction: Array) -> bool:
        """Whether a prediction is `got` but for rounding, at every element, and far nearer to it than `want` is.

        A tensor of which nothing is finite tells nothing.
        """
        if prediction.shape != self.got.shape or not np.isfinite(self.got).any():
            return False
        with np.errstate(all="ignore"):
            same = (prediction == self.got) | (np.isnan(prediction) & np.isnan(self.got))
            error = np.where(same, 0, np.abs(prediction - self.got))
            tolerance = self.tolerance(prediction) + np.where(self.wrong, 0, self._allowed)
            left = np.sum(error[self.wrong]) / np.nansum(self._difference[self.wrong])
        return bool(np.all((error == 0) | (error <= tolerance)) and not left > MOST_LEFT)
