"""Folds what repeats: the steps of a loop, which a long map shows once."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

LONGEST = 200
"""The most rows that one step of a loop may have."""
FEWEST_TIMES = 3
"""A step has to come this often, and this many rows have to be saved, to be worth a fold."""
FEWEST_ROWS = 4

T = TypeVar("T")


@dataclass(frozen=True)
class Part(Generic[T]):
    """Rows that are shown, or that repeat the rows before them and are folded away."""

    rows: tuple[T, ...]
    times: int = 0
    """How often the rows before come again in these; 0 for rows that are shown."""

    @property
    def length(self) -> int:
        """How many rows are repeated."""
        return len(self.rows) // self.times


def folded(rows: Sequence[T], look: Callable[[T], Hashable]) -> list[Part[T]]:
    """All rows in their order, in parts. Rows repeat others if they have the same look."""
    looks = [look(row) for row in rows]
    parts: list[Part[T]] = []
    shown: list[T] = []
    at = 0
    while at < len(rows):
        length, times = _repetition(looks, at)
        shown += rows[at : at + length]
        at += length
        if times > 1:
            end = at + length * (times - 1)
            parts += [Part(tuple(shown)), Part(tuple(rows[at:end]), times - 1)]
            shown, at = [], end
    return [*parts, Part(tuple(shown))] if shown else parts


def _repetition(looks: Sequence[Hashable], at: int) -> tuple[int, int]:
    """How many rows from here on repeat how often, so that the most rows are saved; one row, once, if none do."""
    best, saved = (1, 1), FEWEST_ROWS - 1
    for length in range(1, min(LONGEST, (len(looks) - at) // FEWEST_TIMES) + 1):
        step, times = looks[at : at + length], 1
        while looks[at + times * length : at + (times + 1) * length] == step:
            times += 1
        if times >= FEWEST_TIMES and length * (times - 1) > saved:
            best, saved = (length, times), length * (times - 1)
    return best
