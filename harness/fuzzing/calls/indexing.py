"""Calls of the ops that read elements at other places."""

from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft


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


MAKERS: dict[str, Maker] = {"gather": gather, "flip": flip}
