"""The numbers that a page keeps for its formulas beside the elements that it shows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backends.contract import Array
from harness.explaining.every_element.further import FurtherNumbers
from reports.page.run.numbers import Number, exact

ROOM = 24_000
"""About how many further numbers a page may keep; those of one epoch it keeps in any case."""
DIGITS = {"float32": 9, "float64": 17}


@dataclass
class PageFurther:
    """Collects them, epoch by epoch; the name of another backend stands for its numbers."""

    asked: Mapping[int, FurtherNumbers]
    """By epoch: those of the formulas of its update."""
    dtype: str
    epochs: Collection[int]
    """Those that have room."""
    by_epoch: dict[int, dict[str, list[Number] | str]] = field(default_factory=dict)
    """Of each backend: elements in the order of the leaves that are asked for, then what is computed from them."""
    smaller: set[int] = field(default_factory=set)
    """Epochs of which an update on fewer rows is kept, for which no formula holds."""
    changed: dict[int, list[str]] = field(default_factory=dict)
    """By epoch: the labels that are not those of the first update, for which the formulas are written."""

    def keep(self, backend: str, epoch: int, tensors: Mapping[str, Array]) -> None:
        """Take in what the formulas need of one backend at one epoch."""
        asked = self.asked[epoch]
        if not asked.fit(tensors):
            self.smaller.add(epoch)
            return
        changed = asked.changed_integers(tensors)
        if changed:
            self.changed[epoch] = changed
        found = asked.of(tensors) if epoch in self.epochs and asked.count else None
        if found is None:
            return
        elements, computed = found
        numbers = [*map(exact, elements), *(self._rounded(value) for value in computed)]
        kept = self.by_epoch.setdefault(epoch, {})
        same = next((name for name, other in kept.items() if other == numbers), None)
        kept[backend] = numbers if same is None else same

    def _rounded(self, value: float) -> Number:
        return exact(float(f"{value:.{DIGITS[self.dtype]}g}")) if np.isfinite(value) else exact(value)

    def as_data(self) -> dict[str, Any]:
        """What the page's scripts read."""
        return {
            "byEpoch": self.by_epoch,
            "changed": self.changed,
            "smaller": sorted(self.smaller),
        }


def epochs_with_room(epochs: Sequence[int], count: int, backends: int, first: Collection[int]) -> set[int]:
    """The epochs of which a page keeps so many further numbers: those that are to be `first`, the last, then all."""
    ranked = list(dict.fromkeys([epochs[0], *first, epochs[-1], *epochs]))
    return set(ranked[: max(ROOM // max(count * backends, 1), 1)])
