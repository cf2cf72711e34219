"""Calls of pooling, with windows that overlap, meet, leave gaps and reach beyond the image."""

from functools import partial
from typing import Any

from harness.fuzzing.calls.layers.convolution import images
from harness.fuzzing.calls.maker import Maker, each_of, one_or_two
from harness.fuzzing.draft import Draft


def pooling(draft: Draft, op: str, axes: int, *, largest: bool) -> None:
    """The largest element or the mean of each window."""
    choose = draft.choose
    x = images(draft, axes)
    window = one_or_two(choose, 1, 3, axes)
    most = min(each_of(window, axes)) // 2
    settings: dict[str, Any] = {"window": window, "stride": one_or_two(choose, 1, 3, axes)}
    if most and choose.one_in(2):
        settings["pad"] = one_or_two(choose, 0, most, axes)
    if choose.one_in(2):
        settings["cover_all"] = True
    if largest and choose.one_in(2):
        settings["dilation"] = one_or_two(choose, 1, 2, axes)
    if not largest and choose.one_in(2):
        settings["count_pad"] = False
    if op == "avg_pool2d" and choose.one_in(3):
        settings["divisor"] = choose.between(1, 5)
    draft.call(op, x, **settings)


MAKERS: dict[str, Maker] = {
    "max_pool2d": partial(pooling, op="max_pool2d", axes=2, largest=True),
    "avg_pool2d": partial(pooling, op="avg_pool2d", axes=2, largest=False),
    "max_pool1d": partial(pooling, op="max_pool1d", axes=1, largest=True),
    "avg_pool1d": partial(pooling, op="avg_pool1d", axes=1, largest=False),
}
