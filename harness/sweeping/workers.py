"""Whoever does tasks: this process, one after the other, or a cluster of others."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Workers(Protocol):
    """Do tasks of one kind."""

    def map(self, do: Callable[[T], R], tasks: Iterator[T], lost: Callable[[T, str], R]) -> Iterator[R]:
        """What `do` returns for each task, in the order in which they are finished.

        Tasks are taken from the iterator as they are needed, so that what is in flight is finished once it ends. Where
        a task ends every process that tries it, `lost` says what becomes of it; its second argument is why.
        """
        ...


class ThisProcess:
    """Does one task after the other in this process."""

    def map(self, do: Callable[[T], R], tasks: Iterator[T], lost: Callable[[T, str], R]) -> Iterator[R]:
        """What `do` returns for each task, in their order."""
        return map(do, tasks)
