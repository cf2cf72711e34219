"""What a scenario says to people when it asks for something that can't be."""

import difflib
from collections.abc import Iterable


class ScenarioError(Exception):
    """A scenario asks for something that can't be; the message says what and what would be right."""


def did_you_mean(name: str, known: Iterable[str], listing: str | None = None) -> str:
    """Return `; did you mean NAME?` for a near miss of a known name, else what is known.

    Where that is too much for a message, `listing` is the command that shows it.
    """
    known = list(known)
    if near := near_miss(name, known):
        return near
    if listing is not None:
        return f"; `{listing}` shows what there is"
    return f"; there {'are' if len(known) > 1 else 'is'} {', '.join(known) or 'none'}"


def near_miss(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean NAME?` for a near miss of a known name, else nothing."""
    spelled = {other.casefold(): other for other in known}
    near = difflib.get_close_matches(name.casefold(), spelled, n=1)
    return f"; did you mean {spelled[near[0]]!r}?" if near else ""
