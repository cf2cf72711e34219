"""Calls of losses of whole sequences."""

from harness.fuzzing.calls.losses.distance_losses import reduction
from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft
from harness.fuzzing.numbers import FAR


def ctc(draft: Draft) -> None:
    """One label of every sequence, so that it fits into sequences of any length; the last class is the blank.

    Scores are made to lie between 0 and 1: far apart, Chainer's softmax of them is 0, of which it takes −1e10 for the
    logarithm.
    """
    free = draft.some(
        lambda shape: len(shape) == 3 and shape[-1] > 1,
        lambda: (*draft.any_shape(2, 2), draft.choose.between(2, 4)),
        near=FAR,
    )
    (x,) = draft.call("sigmoid", free, holds="unit")
    steps, rows, classes = x.shape
    labels, lengths = draft.labels((rows, 1), classes - 1), draft.counts((rows,), steps)
    draft.call("ctc", x, labels, lengths, draft.counts((rows,), 1), blank=classes - 1, **reduction(draft.choose))


MAKERS: dict[str, Maker] = {
    "ctc": ctc,
}
