"""Calls of reductions over one axis, several or all of them."""

from functools import partial
from typing import Any

from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft
from harness.fuzzing.numbers import FAR


def reduction(draft: Draft, op: str, **settings: Any) -> None:
    """Over all axes, or over some of them, counted from either end; sometimes the axes stay, of length 1."""
    x = draft.any()
    axes = len(x.shape)
    kind = draft.choose.of(("all", "one", "several")) if axes else "all"
    if kind == "one":
        settings["axis"] = axis_of(draft.choose, axes)
    elif kind == "several":
        several = draft.choose.order_of(axes)[: draft.choose.between(1, axes)]
        settings["axis"] = tuple(axis - axes if draft.choose.one_in(2) else axis for axis in several)
    if draft.choose.one_in(2):
        settings["keepdims"] = True
    draft.call(op, x, **settings)


def reduce_var(draft: Draft) -> None:
    """With a correction of 0, 1 or 2, where there are values enough."""
    correction = draft.choose.of((0, 1, 2))
    reduction(draft, "reduce_var", **{"correction": correction} if correction else {})


def logsumexp(draft: Draft) -> None:
    """Over one axis or several, of numbers far out too."""
    x = draft.any(1, near=FAR)
    axes, settings = len(x.shape), dict[str, Any]()
    match draft.choose.of(("last", "one", "several")):
        case "one":
            settings["axis"] = axis_of(draft.choose, axes)
        case "several":
            settings["axis"] = draft.choose.order_of(axes)[: draft.choose.between(1, axes)]
    if draft.choose.one_in(2):
        settings["keepdims"] = True
    draft.call("logsumexp", x, **settings)


MAKERS: dict[str, Maker] = {
    "reduce_sum": partial(reduction, op="reduce_sum"),
    "reduce_mean": partial(reduction, op="reduce_mean"),
    "reduce_var": reduce_var,
    "reduce_max": partial(reduction, op="reduce_max"),
    "reduce_min": partial(reduction, op="reduce_min"),
    "logsumexp": logsumexp,
}
