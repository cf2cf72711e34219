"""What a run names as the cause of a mutant's mistake, and whether that is right."""

import re

from backends.mutants.mutant import Mutant
from harness.explaining.causes import NO_CAUSE
from harness.explaining.explanation import SEARCH_FAILED
from harness.results import Result


def named_cause(result: Result) -> str:
    """What is said to be the cause of the first wrong element; empty if no cause is named."""
    said = result.explanations[0].diagnosis if result.explanations else ""
    return "" if said == NO_CAUSE or said.startswith(SEARCH_FAILED) else said


def is_right(mutant: Mutant, said: str) -> bool:
    """Whether the cause that a mutant declares is the one that is named, or among those that are said to fit equally.

    One clause ends at a semicolon, so that what is declared can't be pieced together from two causes.
    """
    if not mutant.cause:
        return False
    return re.search("[^;]*".join(map(re.escape, mutant.cause.split("…"))), said) is not None
