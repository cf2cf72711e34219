"""Which one mistake accounts for a wrong element.

A hypothesis says of any element what a backend with that mistake would have; `best` tries all of them at the failed
element and at others of the same tensor, and keeps the simplest that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from backends.contract import Array
from harness.numerics.written_nodes import Index, unraveled

ENOUGH = 20
"""From so many right elements on, their own errors say what rounding does here."""

MARGIN = 4.0
"""A mistake's rounding may be larger than theirs by so much."""


class Rank(IntEnum):
    """How simple a hypothesis is; the first that fits is taken."""

    USES = 0
    BRANCH = 1
    WHOLE = 2
    COUNT = 3
    TERM = 4
    OPERAND = 5
    FACTOR = 6
    MOVED = 7
    REPLACED = 8
    ROUNDED = 9
    RATIO = 10


@dataclass(frozen=True)
class Hypothesis:
    """One possible mistake."""

    rank: Rank
    says: str
    predict: Callable[[Index], float | None]
    """What an element would be with this mistake; None where it makes no difference."""
    sure: bool = True
    """Whether it would be believed without other elements that confirm it."""


@dataclass(frozen=True)
class Evidence:
    """A failed tensor: what was recorded, what it should be and by how much it may be off."""

    got: Array
    want: Array
    allowed: Array
    unit: float
    index: Index
    others: tuple[Index, ...]
    noise: float
    """What rounding came to, from the elements that are right; infinite where these are few."""

    def off(self, index: Index) -> bool:
        """Whether an element is out of bounds."""
        return not abs(float(self.got[index]) - float(self.want[index])) <= float(self.allowed[index])

    def tolerance(self, index: Index, prediction: Any) -> Any:
        """How far rounding may take `got` from what a mistake predicts, which may be larger than what is right."""
        want, allowed = float(self.want[index]), float(self.allowed[index])
        scale = np.maximum(1, np.abs(prediction / want)) if want and allowed else 1.0
        return min(allowed, self.noise) * scale + 2 * self.unit * np.abs(prediction)

    def fits(self, index: Index, prediction: Any) -> Any:
        """Whether a prediction is `got` but for rounding, and nearer to it than what is right."""
        error = np.abs(prediction - float(self.got[index]))
        difference = abs(float(self.got[index]) - float(self.want[index]))
        return (error <= self.tolerance(index, prediction)) & (error <= difference / 4)


def evidence(got: Array, want: Array, allowed: Array, dtype: str, index: Index, samples: int = 12) -> Evidence:
    """Take the elements that are most off, and some from all over the tensor, as those to try hypotheses at."""
    got = np.asarray(got, dtype=np.float64)
    error = np.abs(got - want)
    right = error[error <= allowed]
    noise = MARGIN * float(right.max()) if right.size >= ENOUGH else np.inf
    excess = np.nan_to_num(error - allowed, nan=np.inf).ravel()
    largest = np.argsort(-excess, kind="stable")[:samples]
    spread = np.linspace(0, max(got.size - 1, 0), min(samples, got.size)).astype(int)
    flat = dict.fromkeys(int(i) for i in (*largest, *spread))
    indices = [unraveled(i, got.shape) for i in flat]
    others = tuple(other for other in indices if other != index)
    return Evidence(
        got, want, np.broadcast_to(allowed, got.shape), float(np.finfo(dtype).eps) / 2, index, others, noise
    )


def best(groups: Iterable[Iterable[Hypothesis]], found: Evidence) -> str:
    """Say the one simplest hypothesis that fits the failed element and the most others, or that there is none.

    A later group is not tried where an earlier one has a hypothesis that fits every wrong element, and only those.
    """
    tried: dict[tuple[float | None, ...], tuple[Score, Hypothesis]] = {}
    chance: dict[str, None] = {}
    failing = sum(found.off(index) for index in found.others)
    for group in groups:
        for hypothesis in group:
            prediction = hypothesis.predict(found.index)
            if prediction is None or not found.fits(found.index, prediction):
                continue
            score, predictions = _score(hypothesis, found)
            if hypothesis.sure or score[0]:
                tried.setdefault((float(f"{prediction:.10g}"), *predictions), (score, hypothesis))
            else:
                chance.setdefault(hypothesis.says)
        if failing and any(score[:2] == (-failing, 0) for score, _ in tried.values()):
            break
    if not tried:
        return _undecided(list(chance)) if chance else "no single term explains the difference"
    ordered = sorted(tried.values(), key=lambda entry: entry[0])
    score, chosen = ordered[0]
    equal = [hypothesis.says for other, hypothesis in ordered if other == score]
    if -score[0] < failing / 2:
        return f"no one mistake explains the wrong elements; at this one {equal[0]}" + (
            f", or {equal[1]}" if len(equal) > 1 else ""
        )
    return _undecided(equal) if len(equal) > 1 else chosen.says + _elsewhere(-score[0], failing)


Score = tuple[int, int, int]


def _score(hypothesis: Hypothesis, found: Evidence) -> tuple[Score, list[float | None]]:
    """What other elements say to a hypothesis, the better the smaller, and what it says of them."""
    confirmed = contradicted = 0
    predictions: list[float | None] = []
    for index in found.others:
        prediction = hypothesis.predict(index)
        predictions.append(None if prediction is None else float(f"{prediction:.10g}"))
        if prediction is None:
            continue
        if found.off(index):
            confirmed += bool(found.fits(index, prediction))
        else:
            error = abs(prediction - float(found.got[index]))
            contradicted += not error <= float(found.allowed[index]) + found.tolerance(index, prediction)
    return (-confirmed, contradicted, int(hypothesis.rank)), predictions


def _undecided(says: list[str]) -> str:
    more = f"; and {len(says) - 3} more" if len(says) > 3 else ""
    if len(says) == 1:
        return f"it may be by chance, as other terms nearly fit, but {says[0]}"
    return f"more than one single term explains the difference: {'; or '.join(says[:3])}{more}"


def _elsewhere(confirmed: int, failing: int) -> str:
    if not failing:
        return ""
    if confirmed == failing:
        others = "the other wrong element" if failing == 1 else f"all {failing} other wrong elements that were tried"
        return f"; it fits {others}"
    return f"; it fits {confirmed} of {failing} other wrong elements that were tried"
