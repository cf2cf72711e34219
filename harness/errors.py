"""The harness's errors; each message names what was wrong, where, and what would be right."""

import opcode
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType
from typing import Any

from backends.shortage import asked_for, is_shortage
from scenarios.language.errors import did_you_mean

__all__ = [
    "BackendMissing",
    "Crashed",
    "Ended",
    "InputError",
    "OutOfMemory",
    "ProcessExit",
    "deed",
    "did_you_mean",
    "escaped",
    "innermost_line",
    "is_shortage",
    "line_in",
    "op_in",
    "place_in",
]


class InputError(Exception):
    """A scenario, a backend, an option or a file is invalid."""


class Crashed(InputError):
    """A user's backend or scenario raised an error, tried to end the process, or took too long."""


class OutOfMemory(Crashed):
    """There was not enough memory for what was computed."""


class Ended(Exception):
    """A user's code would have ended the process, by what `cause` is, or took more than so many seconds."""

    def __init__(self, cause: BaseException, seconds: float | None = None) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.seconds = seconds


class ProcessExit(BaseException):
    """A user's code called os._exit(), which ends a process without a word. No Exception, as SystemExit is none."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class BackendMissing(Exception):
    """A requested backend can't be imported."""


def innermost_line(error: BaseException, filename: str) -> int | None:
    """The innermost line of this file in an error's traceback; None if the file is not in it."""
    line, traceback = None, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def place_in(function: Callable[..., Any], error: BaseException) -> str:
    """The line of a function's file in an error's traceback, as `, line 12 of mine.py`; empty if it is not in it."""
    return line_in(function.__code__.co_filename, error)


def line_in(filename: str, error: BaseException) -> str:
    """The innermost line of a file in an error's traceback, as `place_in` gives it."""
    line = innermost_line(error, filename)
    return "" if line is None else f", line {line} of {Path(filename).name}"


def op_in(error: BaseException, functions: Mapping[str, Callable[..., Any]]) -> str:
    """Which of these functions an error was raised in, or in a function that it defines; empty if in none of them."""
    names = {code: name for name, function in functions.items() for code in _codes(getattr(function, "__code__", None))}
    frames = (frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__))
    return next((names[code] for code in frames if code in names), "")


def _codes(code: object) -> Iterator[CodeType]:
    """The code of a function, and of those that it defines."""
    if isinstance(code, CodeType):
        yield code
        for constant in code.co_consts:
            yield from _codes(constant)


def deed(error: BaseException, place: str = "", line: str = "") -> str:
    """What code did that raised this, to stand after its name: `called sys.exit(0) at update 6, line 12 of mine.py`.

    `place` is what it was doing, such as `update 6`; `line` comes as `place_in` gives it.
    """
    if isinstance(error, Ended):
        if error.seconds is not None:
            return f"took more than {error.seconds:g} s{place and f' for {place}'}{line}"
        error = error.cause
    where = f"{place and f' at {place}'}{line}"
    if is_shortage(error):
        size = asked_for(error)
        return f"ran out of memory{where}{size and f', asking for {size}'}"
    if isinstance(error, ProcessExit):
        return f"called os._exit({error.status}){where}"
    if isinstance(error, SystemExit) and not _is_raised_by_statement(error):
        return f"called sys.exit({'' if error.code is None else repr(error.code)}){where}"
    return f"raised {type(error).__name__}{where}{f': {error}' if str(error) else ''}"


def _is_raised_by_statement(error: BaseException) -> bool:
    """Whether a `raise` raised it, rather than a function that is written in C, as sys.exit is."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return False
    return opcode.opname[traceback.tb_frame.f_code.co_code[traceback.tb_lasti]] == "RAISE_VARARGS"


def escaped(text: str) -> str:
    r"""A text with the characters that a terminal would obey, or would not show, as Python writes them: `\x1b`."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in "\n\t" else ascii(character)[1:-1] for character in text
    )
