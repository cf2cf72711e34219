"""Shapes and axes, as both frameworks' functions take them."""

import math
from collections.abc import Callable, Sequence
from typing import Any

Tensor = Any
"""A tensor of a scenario: it has a name and a shape."""
Translation = Callable[..., Any]
"""`translation(op, *arguments, **named)` returns a tensor, or a tuple with one for each output of the call."""


def from_front(axis: int, count: int) -> int:
    """An axis counted from the front, of an array of so many."""
    return axis % count


def swapped(x: Tensor, one: int, other: int) -> tuple[int, ...]:
    """The order of x's axes in which two of them have changed places."""
    order = list(range(len(x.shape)))
    one, other = from_front(one, len(order)), from_front(other, len(order))
    order[one], order[other] = order[other], order[one]
    return tuple(order)


def flattened(x: Tensor, first: int, last: int) -> tuple[int, ...]:
    """x's shape with the axes from the first to the last joined to one."""
    shape = x.shape or (1,)
    first, last = from_front(first, len(shape)), from_front(last, len(shape))
    return (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :])


def pair(value: int | Sequence[int]) -> int | tuple[int, ...]:
    """A setting for the height and the width: one number where both are the same."""
    if isinstance(value, int):
        return value
    sizes = tuple(value)
    return sizes[0] if len(set(sizes)) == 1 else sizes


def one_number(value: int | Sequence[int]) -> int:
    """A setting for one axis."""
    return value if isinstance(value, int) else int(value[0])


def positions(sizes: Sequence[int]) -> tuple[int, ...]:
    """Where parts of these sizes begin, without the first."""
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return tuple(ends[:-1])
