"""What a maker is, and choices that several families share."""

from collections.abc import Callable

from harness.fuzzing.choices import Choices
from harness.fuzzing.draft import Draft
from harness.fuzzing.numbers import Shape

Maker = Callable[[Draft], object]
"""Adds a call of one op to a draft. Raises Unfit where what it chose does not fit."""


def axis_of(choose: Choices, axes: int) -> int:
    """One of so many axes, counted from the front or from the end."""
    return choose.below(2 * axes) - axes


def broadcast(choose: Choices, shape: Shape) -> Shape:
    """A shape that fills another one: the same, with axes of length 1, or without axes in front."""
    kind = choose.of(("same", "behind", "ones", "one number"))
    match kind:
        case "behind":
            return shape[choose.between(0, len(shape)) :]
        case "ones":
            return tuple(1 if choose.one_in(2) else length for length in shape)
        case "one number":
            return ()
    return shape


def one_or_two(choose: Choices, low: int, high: int, axes: int = 2) -> int | tuple[int, ...]:
    """A setting of windows: one number for all axes, or one for each."""
    if axes == 1 or not choose.one_in(3):
        return choose.between(low, high)
    return tuple(choose.between(low, high) for _ in range(axes))


def each_of(setting: int | tuple[int, ...], axes: int = 2) -> tuple[int, ...]:
    """The number of each axis."""
    return setting if isinstance(setting, tuple) else (setting,) * axes
