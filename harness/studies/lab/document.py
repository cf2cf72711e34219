"""What a student's file came to as one JSON document, `lockstep.lab/1`; text and page are drawn from it."""

from typing import Literal

import msgspec

from harness.results import ArithmeticStep, Leaf, Number, Phase
from harness.studies.lab.complaints import Kind

SCHEMA = "lockstep.lab/1"


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One tensor in one case and one dtype: a point, given or not."""

    case: str
    dtype: str
    tensor: str
    """An output, such as `y`, or a gradient, such as `grad_x`."""
    phase: Phase
    """`forward` or `backward`."""
    right: bool


class WrongElement(msgspec.Struct, frozen=True, kw_only=True):
    """The first wrong element of a tensor."""

    index: tuple[int, ...]
    wrong: int
    """How many elements of the tensor are wrong."""
    of: int
    """How many it has."""
    got: Number
    want: Number
    allowed: Number
    """How far rounding may take it from `want`."""
    arithmetic: list[ArithmeticStep]
    """The student's own, by the names and lines of the file; empty if it can't be written out."""
    source: list[str]
    """The student's lines that compute it."""
    want_arithmetic: list[ArithmeticStep]
    """How `want` comes about: in numbers alone, without names, unless a hint or the solution was asked for."""
    inputs: list[Leaf]
    """The inputs that `want` depends on, from hint 2 on."""


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, with all the points that it costs."""

    tensor: str
    """The output or the gradient; empty where the whole function is wrong."""
    phase: Phase
    kind: Kind | Literal["value"]
    """`value` for wrong numbers; else what is wrong before any number can be judged, such as `shape` or `raised`."""
    text: str
    """What is wrong, in one sentence."""
    line: int | None
    source: str
    """The line of the student's file, and what stands there."""
    shape_expected: tuple[int, ...] | None
    shape_got: tuple[int, ...] | None
    case: str
    dtype: str
    """Where it was seen first."""
    cases: list[str]
    """All cases in which it was seen."""
    dtypes: list[str]
    points: int
    """The points that it costs."""
    element: WrongElement | None
    """For wrong numbers."""
    cause: str
    """What would give these numbers; empty if they were not judged."""
    ruling: str
    """What numerical differentiation says of a gradient; empty if it was not asked."""
    hints: list[str]
    """As many as were asked for, from a push to the formula."""


class GradedOp(msgspec.Struct, frozen=True, kw_only=True):
    """One op of the file."""

    op: str
    line: int | None
    """Where the file defines it; None if it doesn't."""
    points: int
    of: int
    cells: list[Cell]
    mistakes: list[Mistake]
    notes: list[str]
    """What costs no point."""
    solution: str
    """The hand-written op, if it was asked for."""


class LabDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file."""

    schema: str
    versions: dict[str, str]
    file: str
    points: int
    of: int
    ops: list[GradedOp]
    notes: list[str]


def to_json(document: LabDocument) -> str:
    """Return the document as JSON, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"
