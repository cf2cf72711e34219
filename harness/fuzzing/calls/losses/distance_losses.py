"""Calls of the losses that measure a distance."""

from functools import partial
from typing import Any

from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.choices import Choices
from harness.fuzzing.draft import Draft


def reduction(choose: Choices, plain: str = "mean") -> dict[str, Any]:
    """The mean, the sum or each term."""
    chosen = choose.of(("mean", "sum", "none"))
    return {} if chosen == plain else {"reduction": chosen}


def distance(draft: Draft, op: str, setting: str = "", values: tuple[float, ...] = ()) -> None:
    """Between two tensors of one shape, either of which may depend on weights."""
    settings: dict[str, Any] = {setting: draft.choose.of(values)} if setting else {}
    near = (settings.get(setting) or 1.0,)
    y = draft.any(near=near)
    t = draft.like(y.shape, near=near) if draft.choose.one_in(2) else draft.data(y.shape, near=near)
    draft.call(op, y, t, **settings, **reduction(draft.choose))


def triplet(draft: Draft, op: str) -> None:
    """Three tensors, two of which may be the same."""
    anchor = draft.any(2, 2)
    others = [draft.like(anchor.shape) for _ in range(2)]
    settings: dict[str, Any] = {"margin": draft.choose.of((1.0, 0.5, 100.0))}
    if op == "triplet_margin" and draft.choose.one_in(2):
        settings["p"] = draft.choose.of((1.0, 1.5, 3.0))
    if op == "triplet_margin" and draft.choose.one_in(2):
        settings |= {"swap": True, "eps": draft.choose.of((1e-2, 1e-6))}
    draft.call(op, anchor, *others, **settings, **reduction(draft.choose))


def cosine_distance(draft: Draft) -> None:
    """Along any axis, with lengths below eps too."""
    x = draft.any(1)
    settings: dict[str, Any] = {"eps": draft.choose.of((1e-3, 1.0))}
    if draft.choose.one_in(2):
        settings["axis"] = axis_of(draft.choose, len(x.shape))
    draft.call("cosine_distance", x, draft.like(x.shape), **settings, **reduction(draft.choose))


MAKERS: dict[str, Maker] = {
    "mean_squared_error": partial(distance, op="mean_squared_error"),
    "mean_absolute_error": partial(distance, op="mean_absolute_error"),
    "huber": partial(distance, op="huber", setting="delta", values=(1.0, 0.5, 0.05, 2.0)),
    "smooth_l1": partial(distance, op="smooth_l1", setting="beta", values=(1.0, 0.5, 0.05, 2.0, 0.0)),
    "triplet": partial(triplet, op="triplet"),
    "triplet_margin": partial(triplet, op="triplet_margin"),
    "cosine_distance": cosine_distance,
}
