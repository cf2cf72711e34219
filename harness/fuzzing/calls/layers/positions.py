"""Calls of what tells positions apart."""

from typing import Any

from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft


def rotary_embedding(draft: Draft) -> None:
    """Pairs of both kinds, and angles that fall fast or slowly."""
    x = draft.some(
        lambda shape: len(shape) > 1 and shape[-1] % 2 == 0,
        lambda: (*draft.any_shape(1, 3), 2 * draft.choose.between(1, 3)),
    )
    settings: dict[str, Any] = {"base": draft.choose.of((100.0, 2.0))} if draft.choose.one_in(2) else {}
    if draft.choose.one_in(2):
        settings["interleaved"] = True
    draft.call("rotary_embedding", x, **settings)


MAKERS: dict[str, Maker] = {
    "rotary_embedding": rotary_embedding,
}
