"""What a scenario says to people when it asks for something that can't be."""

import difflib
from collections.abc import Iterable


class ScenarioError(Exception):
    """A scenario asks for something that can't be; the message says what and what would be right."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean NAME?` for a near miss of a known name, else what is known."""
    known = list(known)
    return near_miss(name, known) or f"; there is {', '.join(known) or 'none'}"


def near_miss(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean NAME?` for a near miss of a known name, else nothing."""
    spelled = {other.casefold(): other for other in known}
    near = difflib.get_close_matches(name.casefold(), spelled, n=1)
    return f"; did you mean {spelled[near[0]]!r}?" if near else ""
