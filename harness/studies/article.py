"""Runs the article's pieces in two arithmetics, and compares what comes out with its numbers.

Strict: float32, where a matrix product adds up in the order of k and rounds every product and every sum. This gives
every digit that the article prints. Here: the matrix product of this installation, whose BLAS may add up in another
order and fuse a product with a sum.
"""

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import msgspec
import numpy as np

from backends.contract import Array
from backends.correct.strict_numpy import strict_product
from backends.patching import replace_once
from harness.results import Number, number
from harness.studies.article_numbers import has_the_digits, significant_digits
from harness.studies.article_session import MISTAKES, PROGRAM, PROMPT, SOURCE, Piece, Source

TELLS_EVERY_FLOAT32 = 9
"""So many digits tell one float32 from the next."""

Equal = Literal["bit for bit", "in every digit", "the same", "off", "otherwise"]
"""What is no number is the same or otherwise; so is a matrix of another shape."""
EQUAL: tuple[Equal, ...] = ("bit for bit", "in every digit", "the same")


PIECES = [
    (part, piece)
    for part, pieces in (("prompt", PROMPT), ("program", PROGRAM), ("mistakes", MISTAKES))
    for piece in pieces
]
"""Every piece with the part that it is of, in the order in which they are run."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a piece gave in one arithmetic."""

    rows: list[list[str]]
    """With as many digits as the article prints."""
    equal: Equal
    ulps: Number
    """By how much it is off, in units of the last place; 0 where it is equal."""


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """A piece with what it gave."""

    part: str
    """prompt, program or mistakes."""
    typed: list[str]
    changes: list[tuple[str, str]]
    """Of the program's lines."""
    source: Source
    number: list[list[str]]
    """The article's, or what it should be, by rows."""
    strict: Outcome
    here: Outcome
    why: str
    fused: bool
    """The number has the digits of a BLAS that fuses, so that strict arithmetic is a few ulp off."""
    as_expected: bool


class Strict(np.ndarray[Any, np.dtype[Any]]):
    """An array whose product rounds after every multiplication and every addition, in a fixed order."""

    def __matmul__(self, other: Array) -> "Strict":  # type: ignore[override]
        return strict_product(np.asarray(self), np.asarray(other)).view(Strict)


def replay() -> list[Replayed]:
    """Run every piece of the article, in its order."""
    strict, here = (Session(arithmetic).run() for arithmetic in (Strict, np.ndarray))
    return [
        _replayed(part, piece, _outcome(piece, in_strict), _outcome(piece, in_blas))
        for (part, piece), in_strict, in_blas in zip(PIECES, strict, here, strict=True)
    ]


class Session:
    """One prompt, in one arithmetic: the class of its arrays."""

    def __init__(self, arrays: type[Array]) -> None:
        self._arrays = arrays
        self._names: dict[str, Any] = {"np": np}

    def run(self, pieces: Sequence[tuple[str, Piece]] = PIECES) -> list[Any]:
        """The value of every piece; of one that raises, the name of the exception."""
        values, part_before = [], ""
        with _own_random_numbers():
            for part, piece in pieces:
                if part == "program" != part_before:
                    self._type(SOURCE)
                values.append(self._value(piece))
                part_before = part
        return values

    def _value(self, piece: Piece) -> Any:
        if piece.changes:
            self._type(replace_once(SOURCE, piece.changes, "the article's program"))
        try:
            return np.array(self._type(piece.code))
        except Exception as error:
            return f"raises {type(error).__name__}"

    def _type(self, code: str) -> Any:
        """Run statements one by one, and return the value of the last, if it is an expression."""
        *statements, last = ast.parse(code).body
        for statement in statements:
            self._run(statement)
        if isinstance(last, ast.Expr):
            return eval(compile(ast.Expression(last.value), "<article>", "eval"), self._names)
        return self._run(last)

    def _run(self, statement: ast.stmt) -> None:
        exec(compile(ast.Module([statement], []), "<article>", "exec"), self._names)
        for name, value in self._names.items():
            if isinstance(value, np.ndarray):
                self._names[name] = value.view(self._arrays)


@contextmanager
def _own_random_numbers() -> Iterator[None]:
    """Let the article seed NumPy's global random numbers, and put them back as they were."""
    state = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(state)


def _replayed(part: str, piece: Piece, strict: Outcome, here: Outcome) -> Replayed:
    strictly = strict.equal in EQUAL or (piece.fused and float(strict.ulps) <= piece.ulps)
    return Replayed(
        part=part,
        typed=piece.code.split("\n"),
        changes=list(piece.changes),
        source=piece.source,
        number=rows_of(piece.number),
        strict=strict,
        here=here,
        why=piece.why,
        fused=piece.fused,
        as_expected=strictly and here.equal != "otherwise" and float(here.ulps) <= piece.ulps,
    )


def rows_of(text: str) -> list[list[str]]:
    """A printed matrix as rows of texts; what is no number is one text."""
    if text.startswith("raises"):
        return [[text]]
    return [row.split() for row in text.split(" / ")]


def _outcome(piece: Piece, value: Any) -> Outcome:
    expected = rows_of(piece.number)
    if isinstance(value, str) or value.dtype == bool:
        rows = [[value]] if isinstance(value, str) else [[str(item) for item in row] for row in np.atleast_2d(value)]
        return Outcome(rows=rows, equal="the same" if rows == expected else "otherwise", ulps=0.0)
    values = np.atleast_2d(value)
    if values.shape != (len(expected), len(expected[0])):
        return Outcome(rows=[[str(item) for item in row] for row in values], equal="otherwise", ulps="inf")
    if piece.truncated:
        shown = f"{values[0, 0]:.7f}"
        return Outcome(
            rows=[[shown]], equal="in every digit" if shown.startswith(piece.number) else "otherwise", ulps=0.0
        )
    pairs = [
        (item, text) for row, texts in zip(values, expected, strict=True) for item, text in zip(row, texts, strict=True)
    ]
    off = max(_ulps(item, text) for item, text in pairs)
    if all(item == np.float32(text) for item, text in pairs):
        equal: Equal = "bit for bit"
    else:
        equal = "in every digit" if off == 0 else "off"
    rows = [
        [_like(item, text) for item, text in zip(row, texts, strict=True)]
        for row, texts in zip(values, expected, strict=True)
    ]
    return Outcome(rows=rows, equal=equal, ulps=number(off))


def _ulps(value: Any, text: str) -> float:
    """How far a float32 is from a printed number: 0 where it is printed like it."""
    printed = np.float32(text)
    if value == printed or (significant_digits(text) < TELLS_EVERY_FLOAT32 and has_the_digits(value, text)):
        return 0.0
    off = abs(float(value) - float(printed)) / float(np.spacing(np.abs(printed)))
    return off if np.isfinite(off) else np.inf


def _like(value: Any, text: str) -> str:
    """A value with as many digits as the text has."""
    mantissa, exponent, _ = text.partition("e")
    return f"{value:.{len(mantissa.partition('.')[2])}{exponent or 'f'}}"


def to_json(replayed: Sequence[Replayed]) -> str:
    """Everything as a JSON list, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(list(replayed)), indent=1).decode() + "\n"
