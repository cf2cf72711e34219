"""Calls of the ops that change the shape or the order of axes."""

import math

from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft


def reshape(draft: Draft) -> None:
    """Into one axis, into two, or with an axis of length 1; one size may be left to follow from the others."""
    x = draft.any()
    size = math.prod(x.shape)
    first = draft.choose.of([length for length in range(1, size + 1) if size % length == 0])
    shape = draft.choose.of(
        ((size,), (first, size // first), (first, 1, size // first), (-1,), (first, -1), (-1, 1, first))
    )
    draft.call("reshape", x, shape=shape, holds="positive" if x.holds == "positive" else "numbers")


def squeeze(draft: Draft) -> None:
    """An axis of length 1, counted from either end."""
    x = draft.some(lambda shape: 1 in shape, lambda: (*draft.any_shape(0, 2), 1, *draft.any_shape(0, 1)))
    ones = [axis for axis, length in enumerate(x.shape) if length == 1]
    axis = draft.choose.of([*ones, *(axis - len(x.shape) for axis in ones)])
    draft.call("squeeze", x, axis=axis)


def expand_dims(draft: Draft) -> None:
    """A new axis anywhere."""
    x = draft.any(0, 3)
    draft.call("expand_dims", x, axis=axis_of(draft.choose, len(x.shape) + 1))


def transpose(draft: Draft) -> None:
    """The axes in any order."""
    x = draft.any(1)
    draft.call("transpose", x, axes=draft.choose.order_of(len(x.shape)))


MAKERS: dict[str, Maker] = {
    "reshape": reshape,
    "squeeze": squeeze,
    "expand_dims": expand_dims,
    "transpose": transpose,
}
