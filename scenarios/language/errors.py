"""The error for an invalid scenario, and suggestions for misspelt names."""

import difflib
from collections.abc import Iterable


class ScenarioError(Exception):
    """A scenario is invalid; the message says what is wrong and what would be right."""


NEAR, NEAR_OF_MANY = 0.6, 0.8
"""How alike two names are, from 0 to 1, where one is taken to be the other, misspelt.

Of many names some are alike by chance, as nothing and hinge are, so they have to be nearer.
"""


def did_you_mean(name: str, names: Iterable[str], listing: str | None = None) -> str:
    """Return `; did you mean NAME?` if `name` is close to one of the valid `names`, else the list of these.

    `listing` is a command that prints the list, for when it is too long for a message.
    """
    names = list(names)
    if suggestion := near_miss(name, names, NEAR if listing is None else NEAR_OF_MANY):
        return suggestion
    if listing is not None:
        return f"; `{listing}` shows what there is"
    return f"; there {'are' if len(names) > 1 else 'is'} {', '.join(names) or 'none'}"


def near_miss(name: str, names: Iterable[str], nearness: float = NEAR) -> str:
    """Return `; did you mean NAME?` if `name` is close to one of the valid `names`, else an empty string."""
    by_folded = {valid.casefold(): valid for valid in names}
    closest = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=nearness)
    return f"; did you mean {by_folded[closest[0]]!r}?" if closest else ""
