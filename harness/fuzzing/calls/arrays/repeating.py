"""Calls of the ops that repeat elements or put others around them."""

from typing import Any

from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft


def broadcast_to(draft: Draft) -> None:
    """Axes of length 1 repeated, and up to two new ones in front."""
    x = draft.any(0, 3)
    front = tuple(draft.length() for _ in range(draft.choose.below(3)))
    behind = tuple(draft.length() if length == 1 else length for length in x.shape)
    draft.call("broadcast_to", x, shape=(*front, *behind))


def tile(draft: Draft) -> None:
    """Once, twice or three times along each axis, and along a new one in front."""
    x = draft.any(0, 3)
    count = len(x.shape) + draft.choose.below(2)
    draft.call("tile", x, repeats=tuple(draft.choose.between(1, 3) for _ in range(count)))


def pad(draft: Draft) -> None:
    """Zeros or another number around, not the same on all sides."""
    x = draft.any(1)
    widths = tuple((draft.choose.below(3), draft.choose.below(3)) for _ in x.shape)
    value = draft.choose.of((0.0, 1.5, -2.0))
    settings: dict[str, Any] = {"value": value} if value else {}
    draft.call("pad", x, widths=widths, **settings)


MAKERS: dict[str, Maker] = {
    "broadcast_to": broadcast_to,
    "tile": tile,
    "pad": pad,
}
