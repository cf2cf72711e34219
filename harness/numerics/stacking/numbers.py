"""Several numbers as one, such as the number of a step at several updates: Python code computes with all of them."""

import operator
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import numpy as np

from backends.contract import Array


class Numbers:
    """One number of Python for each of several computations, with the operators of Python's numbers.

    Where it meets an array, each is rounded to the dtype of the array, as Python's numbers are.
    """

    __slots__ = ("each",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, each: Iterable[Any]) -> None:
        self.each = tuple(each)

    def rounded(self, dtype: np.dtype[Any]) -> Array:
        """An array of these numbers in a dtype of floats. Raises TypeError where they are not Python's."""
        if not all(type(number) in (float, int, bool) for number in self.each):
            raise TypeError("only Python's own numbers take the dtype of an array")
        return np.array(self.each, dtype)

    def common(self) -> Any:
        """The number that all of them are. Raises TypeError where they differ."""
        first, *others = self.each
        if any(other != first for other in others):
            raise TypeError("the numbers differ, so they are no one number, and neither true nor false")
        return first

    def __bool__(self) -> bool:
        return bool(Numbers(map(bool, self.each)).common())

    def __float__(self) -> float:
        return float(self.common())

    def __int__(self) -> int:
        return int(self.common())

    def __index__(self) -> int:
        return operator.index(self.common())

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("numbers for several computations are no array of one of them")

    def __repr__(self) -> str:
        return f"Numbers({', '.join(map(repr, self.each))})"


def _between(compute: Callable[[Any, Any], Any]) -> Callable[[Numbers, Any], Any]:
    """An operator between numbers; NotImplemented beside an array, which has its own."""

    def computed(numbers: Numbers, other: Any) -> Any:
        if isinstance(other, Numbers):
            return Numbers(map(compute, numbers.each, other.each))
        if isinstance(other, int | float):
            return Numbers(compute(number, other) for number in numbers.each)
        return NotImplemented

    return computed


def _of_each(compute: Callable[[Any], Any]) -> Callable[[Numbers], Numbers]:
    return lambda numbers: Numbers(map(compute, numbers.each))


def _swapped(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda number, other: compute(other, number)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    setattr(Numbers, f"__{_name}__", _between(getattr(operator, _name)))
    setattr(Numbers, f"__r{_name}__", _between(_swapped(getattr(operator, _name))))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Numbers, f"__{_name}__", _between(getattr(operator, _name)))
for _name in ("neg", "pos", "abs"):
    setattr(Numbers, f"__{_name}__", _of_each(getattr(operator, _name)))
