"""Calls of the ops that move elements."""

import math
from typing import Any

from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft


def detach(draft: Draft) -> None:
    """Of any tensor; it is a factor of another one, since it leads to no loss by itself."""
    x = draft.any()
    (y,) = draft.call("detach", x, holds=x.holds)
    draft.call("multiply", draft.like(x.shape), y)


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


def concatenate(draft: Draft) -> None:
    """One to three tensors that differ in length along the axis."""
    x = draft.any(1)
    axis = axis_of(draft.choose, len(x.shape))
    place = axis % len(x.shape)
    others = [
        draft.some(
            lambda shape: (
                len(shape) == len(x.shape)
                and all(i == place or a == b for i, (a, b) in enumerate(zip(shape, x.shape, strict=True)))
            ),
            lambda: (*x.shape[:place], draft.length(), *x.shape[place + 1 :]),
        )
        for _ in range(draft.choose.below(3))
    ]
    draft.call("concatenate", x, *others, axis=axis)


def stack(draft: Draft) -> None:
    """One to three tensors of one shape, along a new axis."""
    x = draft.any(0, 3)
    others = [draft.like(x.shape) for _ in range(draft.choose.below(3))]
    draft.call("stack", x, *others, axis=axis_of(draft.choose, len(x.shape) + 1))


def split(draft: Draft) -> None:
    """Into equal sections, or before some positions."""
    x = draft.any(1)
    axis = axis_of(draft.choose, len(x.shape))
    length = x.shape[axis]
    equal = [sections for sections in range(2, length + 1) if length % sections == 0]
    if not equal or draft.choose.one_in(2):
        places = sorted({draft.choose.between(1, max(1, length - 1)) for _ in range(draft.choose.between(1, 3))})
        draft.call("split", x, sections=tuple(places), axis=axis)
    else:
        draft.call("split", x, sections=draft.choose.of(equal), axis=axis)


def slice_axis(draft: Draft) -> None:
    """A part of an axis, or all of it."""
    x = draft.any(1)
    axis = axis_of(draft.choose, len(x.shape))
    start = draft.choose.below(x.shape[axis])
    draft.call("slice_axis", x, start=start, stop=draft.choose.between(start + 1, x.shape[axis]), axis=axis)


def select(draft: Draft) -> None:
    """One position of an axis, counted from either end."""
    x = draft.any(1)
    axis = axis_of(draft.choose, len(x.shape))
    draft.call("select", x, index=axis_of(draft.choose, x.shape[axis]), axis=axis)


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
    "detach": detach,
    "reshape": reshape,
    "squeeze": squeeze,
    "expand_dims": expand_dims,
    "transpose": transpose,
    "concatenate": concatenate,
    "stack": stack,
    "split": split,
    "slice_axis": slice_axis,
    "select": select,
    "broadcast_to": broadcast_to,
    "tile": tile,
    "pad": pad,
}
