"""Where what a user's code prints goes: to stderr wherever stdout is for data alone."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

_stray: TextIO | None = None


@contextmanager
def stray_output_to(stream: TextIO) -> Iterator[None]:
    """Send what is printed inside `off_stdout` to this stream, within this context."""
    global _stray
    before, _stray = _stray, stream
    try:
        yield
    finally:
        _stray = before


@contextmanager
def off_stdout() -> Iterator[None]:
    """Keep what is printed off stdout, where that is for data alone: a user's code may run here.

    May also decorate a function. It changes nothing unless `stray_output_to` says where else it should go.
    """
    if _stray is None or sys.stdout is _stray:
        yield
        return
    with redirect_stdout(_stray):
        yield
