"""A user's own source of an op, as messages show it."""

import inspect
from pathlib import Path
from types import FunctionType

import backends
from harness.sentences import without_docstring

MOST_LINES = 30
"""The most lines of a function that are shown."""
SUITE = Path(str(backends.__file__)).parent


def own_source(function: object) -> tuple[str, ...]:
    """Where a function stands, as `broken.py:5`, and its lines; nothing for the suite's own, or without a source."""
    if not inspect.isfunction(function) or not is_own(function):
        return ()
    try:
        lines, first = inspect.getsourcelines(function)
    except OSError:
        return ()
    shown = without_docstring("".join(lines))
    more = [f"… and {len(shown) - MOST_LINES} more lines"] if len(shown) > MOST_LINES else []
    return (f"{Path(function.__code__.co_filename).name}:{first}", *shown[:MOST_LINES], *more)


def is_own(function: FunctionType) -> bool:
    """Whether a function is a user's, not one of the suite's backends."""
    return not Path(function.__code__.co_filename).is_relative_to(SUITE)
