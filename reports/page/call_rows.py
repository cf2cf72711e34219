"""The two-column map of a comparison: the calls of both sides as rows of texts."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.comparing.document.outcome import Outcome
from harness.comparing.document.side_by_side import CapturedCall, Row
from harness.results import Number
from reports.page.folding import Part, folded


@dataclass(frozen=True)
class ShownCall:
    """One side of a row."""

    function: str
    layer: str
    shapes: str
    place: str
    short_place: str
    """Without the folder, if no other file in the map has the same name."""
    line: str
    """The user's line of code; empty if it could not be read."""
    settings: tuple[tuple[str, str, bool], ...]
    """Name, value, and whether the other side has another value."""


@dataclass(frozen=True)
class ShownRow:
    """A row of the map."""

    number: int
    left: ShownCall | None
    right: ShownCall | None
    apart: str
    gradient: str
    equal_in: int | None
    """The number of the row that holds the equal of a call that stands alone."""
    is_unequal: bool
    """Whether a result has no equal on the other side, though that side can be watched."""
    is_parting: bool
    is_gradient_wrong: bool
    has_differing: bool
    size: float
    """The larger of how far results and gradients are apart; NaN counts as infinite."""

    @property
    def classes(self) -> str:
        """The row's classes in the page."""
        told = {
            "parting": self.is_parting,
            "differing": self.has_differing,
            "gradient-wrong": self.is_gradient_wrong,
            "unequal": self.is_unequal,
            "alone": self.left is None or self.right is None,
        }
        return " ".join(name for name, holds in told.items() if holds)

    @property
    def is_marked(self) -> bool:
        """Whether it is among the rows that matter: where the sides part or have other settings."""
        return self.is_parting or self.has_differing or self.is_gradient_wrong

    @property
    def look(self) -> tuple[object, ...]:
        """What makes it the same as the row of another step of a loop: everything but numbers and shapes."""
        calls = tuple(
            call and (call.function, call.layer, call.place, call.settings) for call in (self.left, self.right)
        )
        return (*calls, self.classes)


def call_rows(outcome: Outcome) -> list[Part[ShownRow]]:
    """The rows of a comparison's map in their order, steps that repeat in parts of their own."""
    watched = all(calls for calls in (outcome.side_by_side.left, outcome.side_by_side.right))
    short = _short_places(outcome)
    rows = [_row(outcome, i, row, short, watched=watched) for i, row in enumerate(outcome.side_by_side.rows, 1)]
    return folded(rows, lambda row: row.look)


def _short_places(outcome: Outcome) -> dict[str, str]:
    """Every place without its folder, unless files of one name stand in several folders."""
    places = {call.place for call in (*outcome.side_by_side.left, *outcome.side_by_side.right)}
    names = Counter(_without_folder(file) for file in {place.rpartition(":")[0] for place in places})
    short = {place: _without_folder(place) for place in places}
    return {place: each if names[each.rpartition(":")[0]] == 1 else place for place, each in short.items()}


def _without_folder(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def _row(outcome: Outcome, number: int, row: Row, short: Mapping[str, str], *, watched: bool) -> ShownRow:
    beside = outcome.side_by_side
    left = None if row.left is None else beside.left[row.left]
    right = None if row.right is None else beside.right[row.right]
    return ShownRow(
        number=number,
        left=None if left is None else _call(left, row.differing, beside.sources, short),
        right=None if right is None else _call(right, row.differing, beside.sources, short),
        apart=share(row.apart),
        gradient=share(row.gradient),
        equal_in=None if row.equal_in is None else row.equal_in + 1,
        is_unequal=watched and not all(call.has_equal for call in (left, right) if call is not None),
        is_parting=row.is_parting,
        is_gradient_wrong=row.is_gradient_wrong,
        has_differing=bool(row.differing),
        size=max(_size(row.apart), _size(row.gradient)),
    )


def _call(
    call: CapturedCall, differing: Sequence[str], sources: Mapping[str, str], short_places: Mapping[str, str]
) -> ShownCall:
    return ShownCall(
        function=call.function,
        layer=call.layer,
        shapes=", ".join(shape(each) for each in call.shapes),
        place=call.place,
        short_place=short_places[call.place],
        line=sources.get(call.place, ""),
        settings=tuple((name, value, name in differing) for name, value in call.settings.items()),
    )


def shape(sizes: Sequence[int]) -> str:
    """A shape in words: `8 × 20`; that of a number is `()`."""
    return " × ".join(map(str, sizes)) or "()"


def share(value: Number | None) -> str:
    """How far something is apart, in two digits; empty where that is unknown."""
    if value is None:
        return ""
    return f"{float(value):.2g}"


def largest(rows: Sequence[ShownRow]) -> str:
    """The largest distance in some rows."""
    size = max(row.size for row in rows)
    return share("inf" if math.isinf(size) else size)


def _size(value: Number | None) -> float:
    if value is None:
        return 0.0
    return math.inf if math.isnan(float(value)) else float(value)
