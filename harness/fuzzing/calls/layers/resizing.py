"""Calls of the ops that make images of another size."""

from harness.fuzzing.calls.layers.convolution import images
from harness.fuzzing.calls.maker import Maker, one_or_two
from harness.fuzzing.draft import Draft


def resize_bilinear(draft: Draft) -> None:
    """Larger, smaller or the same in either direction, by both rules."""
    size = (draft.choose.between(1, 6), draft.choose.between(1, 6))
    draft.call("resize_bilinear", images(draft, 2), size=size, align_corners=bool(draft.choose.one_in(2)))


def resize_nearest(draft: Draft) -> None:
    """One scale, or one for each direction."""
    draft.call("resize_nearest", images(draft, 2), scale=one_or_two(draft.choose, 1, 3))


MAKERS: dict[str, Maker] = {
    "resize_bilinear": resize_bilinear,
    "resize_nearest": resize_nearest,
}
