"""What two models called in one update, side by side: part of what came of a comparison."""

import msgspec

from harness.results import Number


class CapturedCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a framework's function, as a model made it."""

    function: str
    """As the framework names it."""
    layer: str
    """The path of the link or the module that made it; empty if none did."""
    place: str
    """The user's `file:line`; empty if it is unknown."""
    settings: dict[str, str]
    """What it was told besides its tensors, under names that both frameworks share, as messages show it."""
    shapes: list[list[int]]
    """Of its results."""
    has_equal: bool
    """Whether all its results have an equal on the other side."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of both models that belong together, or a call of one that stands alone."""

    left: int | None
    """The position of the left model's call among its calls; None if there is none."""
    right: int | None
    apart: Number | None
    """How far the results are apart, relative to the left one's largest element; None if their shapes don't fit."""
    gradient: Number | None
    """How far the gradients are apart that arrived at the results, likewise; None where that tells nothing."""
    is_gradient_wrong: bool
    """Whether they are farther apart than allowed, and so is some weight's gradient."""
    differing: list[str]
    """The settings that differ."""
    is_parting: bool
    """Whether the two sides first part here, on the way to the loss, or else on the way back."""
    equal_in: int | None
    """Of a call that stands alone: the position of the row with its equal; None if there is none."""


class SideBySide(msgspec.Struct, frozen=True, kw_only=True):
    """All calls of the first update in float64, in the order in which they were made, and which belong together."""

    left: list[CapturedCall]
    right: list[CapturedCall]
    rows: list[Row]
    """In the order of both sides."""
    sources: dict[str, str]
    """The line of code at every place that is named, without its indentation, by `file:line`."""


class Losses(msgspec.Struct, frozen=True, kw_only=True):
    """The losses of both trainings in one dtype, update by update."""

    dtype: str
    left: list[Number]
    right: list[Number]


class CatalogueEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of `lockstep differences`, in words."""

    name: str
    title: str
    chainer: str
    torch: str
