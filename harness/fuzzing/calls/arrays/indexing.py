"""Calls of the ops that read elements at other places."""

from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft


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


def gather(draft: Draft) -> None:
    """Places along any axis, some of them more often than once; as many or fewer along the others."""
    x = draft.any(1, 3)
    axis = axis_of(draft.choose, len(x.shape))
    shape = [draft.choose.of((length, length, draft.choose.between(1, length))) for length in x.shape]
    shape[axis] = draft.choose.between(1, 4)
    draft.call("gather", x, draft.labels(tuple(shape), x.shape[axis]), axis=axis)


def flip(draft: Draft) -> None:
    """Any axis."""
    x = draft.any(1)
    draft.call("flip", x, axis=axis_of(draft.choose, len(x.shape)))


MAKERS: dict[str, Maker] = {
    "slice_axis": slice_axis,
    "select": select,
    "gather": gather,
    "flip": flip,
}
