"""Calls of gates."""

from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft
from harness.fuzzing.numbers import FAR


def glu(draft: Draft) -> None:
    """Along the last axis, or any."""
    x = draft.some(
        lambda shape: bool(shape) and shape[-1] % 2 == 0,
        lambda: (*draft.any_shape(0, 3), 2 * draft.choose.between(1, 3)),
        near=FAR,
    )
    axis = axis_of(draft.choose, len(x.shape)) if draft.choose.one_in(2) else -1
    if axis == -1 or x.shape[axis] % 2:
        draft.call("glu", x)
    else:
        draft.call("glu", x, axis=axis)


def swiglu(draft: Draft) -> None:
    """Weights of the gate and of what it lets through may be one and the same."""
    x = draft.any(1, 3)
    hidden = draft.choose.between(1, 3)
    inner = [draft.weight((x.shape[-1], hidden)) for _ in range(2)]
    draft.call("swiglu", x, *inner, draft.weight((hidden, draft.choose.between(1, 3))))


MAKERS: dict[str, Maker] = {
    "glu": glu,
    "swiglu": swiglu,
}
