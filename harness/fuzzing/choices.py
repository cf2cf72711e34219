"""Random choices by Hypothesis, each of which shrinks towards the first of its options."""

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@cache
def _below(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


class Choices:
    """Makes choices for one program. Whatever is first shrinks best, so the plainest option stands there."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def below(self, count: int) -> int:
        """A whole number from 0 to one less than `count`."""
        return self._draw(_below(count)) if count > 1 else 0

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        return low + self.below(high - low + 1)

    def of(self, options: Sequence[T]) -> T:
        """One of several options."""
        return options[self.below(len(options))]

    def one_in(self, count: int) -> bool:
        """True once in so many times; shrinks to False."""
        return self.below(count) == count - 1

    def order_of(self, count: int) -> tuple[int, ...]:
        """The whole numbers below `count` in any order; shrinks to the rising one."""
        left = list(range(count))
        return tuple(left.pop(self.below(len(left))) for _ in range(count))
