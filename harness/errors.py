"""What the harness says to people: each error names what was wrong, where, and what would be right."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scenarios.language.errors import did_you_mean

__all__ = ["BackendMissing", "InputError", "did_you_mean", "innermost_line", "place_in"]


class InputError(Exception):
    """The scenario, the backend, an option or a file is not what it has to be."""


class BackendMissing(Exception):
    """A backend that was asked for can't be imported."""


def innermost_line(error: BaseException, filename: str) -> int | None:
    """The line of this file in which an error came up, the innermost if there are several; None if it did not."""
    line, traceback = None, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def place_in(function: Callable[..., Any], error: BaseException) -> str:
    """Where in the file that defines a function an error came up, as `, line 12 of mine.py`; empty if it did not."""
    filename = function.__code__.co_filename
    line = innermost_line(error, filename)
    return "" if line is None else f", line {line} of {Path(filename).name}"
