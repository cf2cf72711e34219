"""Calls of the ops that join arrays or cut one into several."""

from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft


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


MAKERS: dict[str, Maker] = {
    "concatenate": concatenate,
    "stack": stack,
    "split": split,
}
