"""What the harness says to people: each error names what was wrong, where, and what would be right."""

import difflib
from collections.abc import Iterable


class InputError(Exception):
    """The scenario, the backend, an option or a file is not what it has to be."""


class BackendMissing(Exception):
    """A backend that was asked for can't be imported."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean NAME?` for a near miss of a known name, else what is known."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there is {', '.join(known) or 'none'}"


def innermost_line(error: BaseException, filename: str) -> int | None:
    """The line of this file in which an error came up, the innermost if there are several; None if it did not."""
    line, traceback = None, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
