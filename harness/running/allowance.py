"""How far a backend may be from the reference: as far as rounding moves the reference itself.

The allowance is measured on runs of the reference whose starting weights are nudged by an ulp:

    allowed_e = C · max over e' ≤ e and k of f^(e−e')·‖reference − nudged_k‖∞  +  8u · max over e' ≤ e of ‖reference‖∞

with the unit roundoff u and f = ½^(1/8), which halves old measurements every 8 epochs.

- The maximum over earlier epochs is kept because two nudged runs may cross the reference by chance.
- It decays because, in a run that converges, the early effect of a nudge would excuse any error at the end.
- The second term is needed because the first is zero at the first epoch and in a dead network. It does not decay for
  weights, gradients and state: near an optimum a gradient is a difference of numbers that do not shrink. Only the loss
  term decays: a loss may fall by thirty orders of magnitude.
- C covers what an ulp in the weights does not: every op of every backend rounds in its own way. It was set from runs of
  correct backends. `tests/harness/judging/test_false_alarms.py` checks on other seeds that it holds: CI runs six per
  network and dtype (`-m slow`), and a hundred are run by hand (`-m exhaustive`).
"""

from dataclasses import dataclass

import numpy as np

from backends.contract import Array, Node
from harness.running.deviations import HORIZON

NUDGED_RUNS = 2
MANY_NUDGED_RUNS = 8
"""How many tell whether training amplifies rounding as much as a backend parts."""
FLOOR_FACTOR = {"float32": 16.0, "float64": 64.0}
BASE_ULPS = 8.0
HALF_LIFE = 8.0
"""In epochs."""


def nudged(weights: dict[str, Array], random: np.random.RandomState) -> dict[str, Array]:
    """Move each element one ulp up, one down or not at all, with probabilities ¼, ¼ and ½."""
    moved = {}
    for name, array in weights.items():
        drawn = np.asarray(random.random_sample(array.shape))
        neighbour = np.nextafter(array, np.where(drawn < 0.25, -np.inf, np.inf).astype(array.dtype))
        moved[name] = np.where(drawn < 0.5, neighbour, array)
    return moved


class MeasuredFloor:
    """The allowance as measured on the reference, by the formula above."""

    def __init__(self, dtype: str, points_per_epoch: int) -> None:
        self._factor = FLOOR_FACTOR[dtype]
        self._base = BASE_ULPS * float(np.finfo(dtype).eps) / 2
        self._smallest = float(np.finfo(dtype).smallest_normal)
        self._forget = 0.5 ** (1 / (HALF_LIFE * points_per_epoch))
        self._moved: dict[Node, float] = {}
        self._size: dict[Node, float] = {}
        self.horizon: int | None = None
        """The first epoch at which rounding may move a weight by HORIZON of its tensor's largest element."""
        self.loss_untested_from: int | None = None
        """From this epoch to the end, rounding may move the loss by as much as its size."""

    def observe(self, epoch: int, node: Node, size: float, moved: float) -> None:
        """Note a tensor's largest element and how far a nudge moved it; values that are not finite are ignored."""
        is_loss = node.kind == "loss"
        remembered = self._size.get(node, 0.0) * (self._forget if is_loss else 1.0)
        self._size[node] = max(remembered, size if np.isfinite(size) else 0.0)
        self._moved[node] = max(self._forget * self._moved.get(node, 0.0), moved if np.isfinite(moved) else 0.0)
        # A weight of zeros, which is not trained yet, moves by its nudge alone: the least number that there is.
        passed = self._smallest < self._factor * self._moved[node] > HORIZON * self._size[node]
        if self.horizon is None and node.kind == "weight" and passed:
            self.horizon = epoch
        if is_loss:
            if self.allowed(node) < size:
                self.loss_untested_from = None
            elif self.loss_untested_from is None:
                self.loss_untested_from = epoch

    def allowed(self, node: Node) -> float:
        """The largest error that rounding explains, for any element of this tensor."""
        return self._factor * self._moved.get(node, 0.0) + self._base * self._size.get(node, 0.0)


@dataclass
class Tolerances:
    """The allowance as a user sets it: atol + rtol·|reference|, element by element as in NumPy's own checks."""

    rtol: float
    atol: float
    horizon: None = None
    loss_untested_from: None = None

    def observe(self, epoch: int, node: Node, size: float, moved: float) -> None:
        """Measure nothing: a user has set the tolerances."""

    def allowed(self, node: Node) -> float:
        """Nothing but the tolerance of the element, which its difference says."""
        return 0.0

    def of_elements(self, reference: Array) -> Array:
        """The tolerance of every element; `atol` alone where the reference is not finite, or all would be within it."""
        sizes = np.abs(reference.astype(np.float64))
        return np.asarray(self.atol + self.rtol * np.where(np.isfinite(sizes), sizes, 0.0))


Allowance = MeasuredFloor | Tolerances
