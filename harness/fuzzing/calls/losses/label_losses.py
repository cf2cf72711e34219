"""Calls of the losses of labels and probabilities."""

from functools import partial
from typing import Any

from harness.fuzzing.calls.losses.distance_losses import reduction
from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.choices import Choices
from harness.fuzzing.draft import Draft
from harness.fuzzing.numbers import FAR, Holds, Shape

WEIGHTS = (1.0, 0.5, 3.0, 0.1)


IGNORED = (-1, -100)


def class_weights(choose: Choices, classes: int) -> tuple[float, ...]:
    """A weight of each class."""
    return tuple(choose.of(WEIGHTS) for _ in range(classes))


def of_rows(draft: Draft, op: str) -> None:
    """Scores (N, C) and a label of each row, with what the loss needs beside them."""
    x = draft.any(2, 2, near=(1.0,) if op == "hinge" else FAR)
    rows, classes = x.shape
    settings: dict[str, Any] = {}
    others: tuple[int, ...] = ()
    if op == "weighted_softmax_cross_entropy":
        settings["class_weight"] = class_weights(draft.choose, classes)
    elif op == "masked_softmax_cross_entropy":
        settings["ignore_label"] = draft.choose.of(IGNORED)
        others = (settings["ignore_label"],)
    elif op == "smoothed_softmax_cross_entropy":
        settings["smoothing"] = draft.choose.of((0.1, 0.5, 0.0))
    elif op == "hinge":
        settings |= reduction(draft.choose)
    draft.call(op, x, draft.labels((rows,), classes, *others), **settings)


def yes_or_no(draft: Draft, op: str) -> None:
    """A yes or no for every score."""
    x = draft.any(1, near=FAR)
    settings = reduction(draft.choose)
    if op == "masked_sigmoid_cross_entropy":
        label = draft.choose.of((-1, 255))
        draft.call(op, x, draft.labels(x.shape, 2, label), ignore_label=label, **settings)
    else:
        draft.call(op, x, draft.labels(x.shape, 2), **settings)


def positions(shape: Shape) -> Shape:
    """The shape of labels of scores (N, C, …), or (C,)."""
    axis = min(len(shape) - 1, 1)
    return (*shape[:axis], *shape[axis + 1 :])


def cross_entropy(draft: Draft, op: str, takes: Holds) -> None:
    """Labels of one example, rows or images, weighed or ignored; or probabilities."""
    choose = draft.choose
    x = draft.any(1, 4, takes, FAR)
    classes = x.shape[min(len(x.shape) - 1, 1)]
    settings = reduction(choose)
    if choose.one_in(2):
        settings["class_weight"] = class_weights(choose, classes)
    if op == "cross_entropy" and choose.one_in(2):
        settings["smoothing"] = choose.of((0.1, 0.5))
    if op == "cross_entropy" and len(x.shape) == 2 and choose.one_in(2):
        draft.call(op, x, draft.like(x.shape, "shares"), **settings)
        return
    others: tuple[int, ...] = ()
    if choose.one_in(2):
        settings["ignore_label"] = choose.of((0, *IGNORED))
        others = (settings["ignore_label"],)
    draft.call(op, x, draft.labels(positions(x.shape), classes, *others), **settings)


def binary_cross_entropy(draft: Draft, op: str) -> None:
    """Answers as labels or as what lies between, sometimes weighed."""
    choose = draft.choose
    x = draft.any(near=FAR)
    if op == "binary_cross_entropy":
        (p,) = draft.call("sigmoid", x, holds="unit")
        (x,) = draft.call("clip", p, holds="unit", low=0.0625, high=0.9375)  # a sigmoid may be exactly 1
    t = draft.labels(x.shape, 2) if choose.one_in(2) else draft.like(x.shape, "unit")
    weight = [draft.data(x.shape, "positive")] if choose.one_in(2) else []
    settings = reduction(choose)
    if op == "binary_cross_entropy_with_logits" and x.shape and choose.one_in(2):
        settings["positive_weight"] = class_weights(choose, x.shape[-1])
    draft.call(op, x, t, *weight, **settings)


def kl_divergence(draft: Draft) -> None:
    """A target of probabilities, or of their logarithms."""
    log_p = draft.any(1, holds="logarithms")
    settings = reduction(draft.choose, plain="")
    if settings["reduction"] == "mean" and draft.choose.one_in(2):
        del settings["reduction"]
    if draft.choose.one_in(2):
        draft.call("kl_divergence", log_p, draft.like(log_p.shape, "logarithms"), log_target=True, **settings)
    else:
        draft.call("kl_divergence", log_p, draft.like(log_p.shape, "shares"), **settings)


ROWS = (
    "softmax_cross_entropy",
    "weighted_softmax_cross_entropy",
    "masked_softmax_cross_entropy",
    "smoothed_softmax_cross_entropy",
    "hinge",
)


MAKERS: dict[str, Maker] = {
    **{name: partial(of_rows, op=name) for name in ROWS},
    "sigmoid_cross_entropy": partial(yes_or_no, op="sigmoid_cross_entropy"),
    "masked_sigmoid_cross_entropy": partial(yes_or_no, op="masked_sigmoid_cross_entropy"),
    "cross_entropy": partial(cross_entropy, op="cross_entropy", takes="numbers"),
    "negative_log_likelihood": partial(cross_entropy, op="negative_log_likelihood", takes="logarithms"),
    "binary_cross_entropy_with_logits": partial(binary_cross_entropy, op="binary_cross_entropy_with_logits"),
    "binary_cross_entropy": partial(binary_cross_entropy, op="binary_cross_entropy"),
    "kl_divergence": kl_divergence,
}
