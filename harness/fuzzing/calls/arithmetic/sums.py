"""Calls of the sums so far."""

from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft


def cumsum(draft: Draft) -> None:
    """Along any axis."""
    x = draft.any(1)
    draft.call("cumsum", x, axis=axis_of(draft.choose, len(x.shape)))


MAKERS: dict[str, Maker] = {"cumsum": cumsum}
