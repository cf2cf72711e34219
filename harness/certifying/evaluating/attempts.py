"""Runs hand-written functions on bounds, some of which they may not be able to take."""

from collections.abc import Callable
from typing import Any, TypeVar

from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Unsupported

Outcome = TypeVar("Outcome")


def attempted(compute: Callable[[], Outcome], otherwise: Outcome) -> tuple[Outcome, str]:
    """What is computed and an empty text; or else another value, and why it can't be computed."""
    try:
        return compute(), ""
    except MemoryError:
        raise
    except Exception as error:
        return otherwise, str(error) if isinstance(error, Unsupported) else f"{type(error).__name__}: {error}"


def results(returned: Any, count: int) -> tuple[Bounded, ...]:
    """What a call or a rule returned, as a tuple. Raises ValueError where it is another number of results."""
    bounds = returned if isinstance(returned, tuple) else (returned,)
    if len(bounds) != count:
        raise ValueError(f"it gives {len(bounds)} results in place of {count}")
    return bounds
