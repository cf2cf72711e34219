"""Calls of the layers that divide by a size."""

from typing import Any

from harness.fuzzing.calls.layers.normalisation import EPS
from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft


def local_response_norm(draft: Draft) -> None:
    """Neighbours of every number, more than there are channels too."""
    choose = draft.choose
    x = draft.some(lambda shape: len(shape) in (3, 4), lambda: draft.shape(choose.of((3, 4))))
    settings: dict[str, Any] = {
        "k": choose.of((1.0, 2.0)),
        "alpha": choose.of((0.5, 0.1)),
        "beta": choose.of((0.75, 0.5)),
    }
    draft.call("local_response_norm", x, n=choose.of((3, 1, 5)), **settings)


def rms_norm(draft: Draft) -> None:
    """Rows along the last axis, with a gain or without."""
    x = draft.any(1)
    gain = [draft.weight(x.shape[-1:])] if draft.choose.one_in(2) else []
    draft.call("rms_norm", x, *gain, eps=draft.choose.of(EPS))


def weight_norm(draft: Draft) -> None:
    """A weight of two axes or more, none of whose elements is 0."""
    v = draft.any(2, holds="positive")
    draft.call("weight_norm", v, draft.weight(v.shape[:1]))


MAKERS: dict[str, Maker] = {
    "local_response_norm": local_response_norm,
    "rms_norm": rms_norm,
    "weight_norm": weight_norm,
}
