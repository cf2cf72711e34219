"""The harness's errors; each message names what was wrong, where, and what would be right."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scenarios.language.errors import did_you_mean

__all__ = ["BackendMissing", "InputError", "did_you_mean", "innermost_line", "place_in"]


class InputError(Exception):
    """A scenario, a backend, an option or a file is invalid."""


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
    filename = function.__code__.co_filename
    line = innermost_line(error, filename)
    return "" if line is None else f", line {line} of {Path(filename).name}"
