"""What is wrong with an op before any of its numbers can be judged, in plain words."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Literal

import numpy as np

from backends.contract import Phase
from harness.errors import Ended, deed
from harness.guarding.guest import Guest
from harness.studies.lab.submission import Submission

SIGNS = {ast.MatMult: "@", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


Kind = Literal[
    "not written",
    "nothing returned",
    "array for a tuple",
    "count",
    "no backward",
    "parameters",
    "None",
    "no array",
    "shape",
    "dtype",
    "shapes",
    "shapes of a product",
    "raised",
]


@dataclass(frozen=True)
class Complaint:
    """One plain mistake."""

    kind: Kind
    text: str
    tensor: str = ""
    """The output or the gradient that is wrong; empty where it is the whole function."""
    line: int | None = None
    """The line in the student's file; None where it is the line of the return."""
    expected: tuple[int, ...] | None = None
    got: tuple[int, ...] | None = None
    """Both shapes, where they differ."""
    phase: Phase = "forward"
    """`backward` where the op's backward did it, or what the op returned as such."""


def complaint_of(error: BaseException, submission: Submission) -> Complaint:
    """What a student's code did that raised this, with its own line and, for a product, the shapes of both factors."""
    last = _last_in(error.__traceback__, submission.file)
    line = None if last is None else last.tb_lineno
    if isinstance(error, NotImplementedError):
        return Complaint("not written", "is not written yet", line=line)
    shapes = "" if last is None or isinstance(error, Ended) else _shapes(last, submission)
    if shapes and isinstance(error, ValueError):
        return Complaint("shapes of a product" if " @ " in shapes else "shapes", shapes, line=line)
    return Complaint("raised", deed(error), line=line)


def _last_in(traceback_: TracebackType | None, file: str) -> TracebackType | None:
    """The innermost part of a traceback that is in a file."""
    last = None
    while traceback_ is not None:
        if traceback_.tb_frame.f_code.co_filename == file:
            last = traceback_
        traceback_ = traceback_.tb_next
    return last


def _shapes(last: TracebackType, submission: Submission) -> str:
    """What does not fit in the product, or the elementwise operation, that a line failed in; empty if it is none."""
    operation = _operation(last, submission.tree)
    if operation is None:
        return ""
    shapes = [_shape_of(operand, last.tb_frame, submission.guest) for operand in (operation.left, operation.right)]
    left, right = shapes
    if left is None or right is None:
        return ""
    names = [ast.unparse(operand) for operand in (operation.left, operation.right)]
    sign = SIGNS[type(operation.op)]
    fits = f"{ast.unparse(operation)} does not fit: {names[0]} is {left} and {names[1]} is {right}"
    if sign != "@" or not left or not right:
        return fits
    inner = f"; in a product the last axis of the left, {left[-1]}, meets the axis before the last of the right, "
    fits += f"{inner}{right[-2] if len(right) > 1 else right[-1]}"
    ways = [
        side
        for side, one, other in (("left", left[::-1], right), ("right", left, right[::-1]))
        if len(left) == len(right) == 2 and one[-1] == other[0]
    ]
    return f"{fits}. One of them must be transposed" if ways else fits


def _operation(last: TracebackType, tree: ast.Module) -> ast.BinOp | None:
    """The binary operation that raised, found by the place of its instruction in the source."""
    code = last.tb_frame.f_code
    start, end, column, end_column = list(code.co_positions())[last.tb_lasti // 2]
    if start is None or column is None or end is None or end_column is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
            place = node.lineno, node.end_lineno, node.col_offset, node.end_col_offset
            if place == (start, end, column, end_column):
                return node
    return None


def _shape_of(operand: ast.expr, frame: FrameType, guest: Guest) -> tuple[int, ...] | None:
    """The shape of an operand, computed once more; None if it has none."""
    try:
        with guest.stay():
            value = eval(compile(ast.Expression(operand), "<operand>", "eval"), frame.f_globals, dict(frame.f_locals))
            return tuple(np.shape(value))
    except Exception:
        return None


def misfit_of_shape(name: str, got: Any, want: Any, of: str) -> str:
    """What is wrong with a tensor of another shape, and what would make it right where that is plain.

    `of` says whose shape it should have, such as `the shape of w`.
    """
    text = f"{name} is {got.shape}, and should be {want.shape}{of}"
    for says in _remedies(got, want):
        return f"{text}: {says}"
    return text


def _remedies(got: Any, want: Any) -> Iterator[str]:
    def equal(other: Any) -> bool:
        return other.shape == want.shape and bool(np.allclose(other, want, 1e-3, 1e-6))

    if got.ndim > 1 and equal(np.swapaxes(got, -1, -2)):
        yield "it is transposed"
    if got.size == want.size and equal(got.reshape(want.shape)):
        yield "its numbers are right, so reshape it"
    for axes in _axes(got.ndim):
        if equal(np.sum(got, axis=axes)):
            yield f"the sum over axis {_listed(axes)} is missing"
        if equal(np.sum(got, axis=axes, keepdims=True)):
            yield f"the sum over axis {_listed(axes)}, with keepdims, is missing"
    if got.ndim > 1 and got.shape[::-1] == want.shape:
        yield "it is the other way round, as where a product is transposed"


def _axes(count: int) -> Sequence[tuple[int, ...]]:
    """Every set of axes, the small ones first."""
    sets = [tuple(axis for axis in range(count) if number >> axis & 1) for number in range(1, 2**count)]
    return sorted(sets, key=len)


def _listed(axes: tuple[int, ...]) -> str:
    return " and ".join(map(str, axes))


def first_overflow(error: FloatingPointError, file: str) -> tuple[int, str] | None:
    """The line of a student's file where a number stopped being finite, and what NumPy says of it."""
    last = _last_in(error.__traceback__, file)
    return None if last is None else (last.tb_lineno, str(error))
