"""What a hand-written loss refuses: labels, targets and settings that a framework would refuse, or take otherwise."""

from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from tests.backends.refusals import LABELS, SCORES, check_refused, ones

ROW_LOSSES: dict[str, dict[str, Any]] = {
    "softmax_cross_entropy": {},
    "weighted_softmax_cross_entropy": {"class_weight": (1, 2, 3, 4)},
    "masked_softmax_cross_entropy": {"ignore_label": -100},
    "smoothed_softmax_cross_entropy": {"smoothing": 0.1},
    "hinge": {},
}


@pytest.mark.parametrize("labels", [[0, 3, -1], [0, 3, 4], [0, 3], [[0], [3], [1]]], ids=str)
@pytest.mark.parametrize("op", ROW_LOSSES)
def test_a_label_that_is_none(op: str, labels: list[Any]) -> None:
    getattr(numpy_manual, op)(SCORES, LABELS, **ROW_LOSSES[op])
    with pytest.raises(ValueError, match="one label per row of x, each from 0 to C - 1"):
        getattr(numpy_manual, op)(SCORES, np.array(labels), **ROW_LOSSES[op])


REFUSED: dict[str, tuple[str, list[Any], dict[str, Any], str]] = {
    "a weight too many": (
        "weighted_softmax_cross_entropy",
        [SCORES, LABELS],
        {"class_weight": (1, 1, 1, 1, 1)},
        "one weight per class",
    ),
    "smoothing above 1": ("smoothed_softmax_cross_entropy", [SCORES, LABELS], {"smoothing": 1.5}, "from 0 to 1"),
    "neither yes nor no": ("sigmoid_cross_entropy", [SCORES, np.full((3, 4), 2)], {}, "0 for no and 1 for yes"),
    "a score without an axis": ("sigmoid_cross_entropy", [SCORES[0, 0], np.array(1)], {}, "x must be (N, …)"),
    "one yes per row": ("sigmoid_cross_entropy", [SCORES[:, :1], np.array([0, 1, 1])], {}, "shapes must be the same"),
    "delta of 0": ("huber", [SCORES, SCORES], {"delta": 0.0}, "delta must be above 0"),
    "margin of 0": ("triplet", [SCORES, SCORES, SCORES], {"margin": 0.0}, "margin must be above 0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_what_would_be_right(name: str) -> None:
    op, inputs, settings, says = REFUSED[name]
    check_refused(op, inputs, settings, says)


MISFITS: list[tuple[str, list[Any], dict[str, Any], str]] = [
    ("cross_entropy", [SCORES, LABELS], {"reduction": "average"}, 'reduction must be "mean", "sum" or "none"'),
    ("cross_entropy", [ones(), LABELS], {}, "x must be (N, C, …) or (C,), with at least one position and one class"),
    ("cross_entropy", [ones(3), LABELS], {}, "x must be (N, C, …) and t (N, …), one integer label per position"),
    ("cross_entropy", [ones(3, 4, 2), LABELS], {}, "x must be (N, C, …) and t (N, …), one integer label per position"),
    ("cross_entropy", [SCORES, LABELS + 1], {}, "every label must be from 0 to C - 1 or ignore_label"),
    ("cross_entropy", [SCORES, LABELS], {"class_weight": (1.0, 2.0)}, "class_weight must hold one weight per class"),
    ("cross_entropy", [SCORES, LABELS], {"smoothing": 1.5}, "smoothing must be from 0 to 1"),
    ("cross_entropy", [SCORES, SCORES], {"ignore_label": 0}, "ignore_label is one of the labels"),
    ("cross_entropy", [SCORES, SCORES[:1]], {}, "or (N, C, …) of probabilities as x is"),
    ("cross_entropy", [SCORES[:1], LABELS[:1]], {"ignore_label": 0}, "every label is ignored or of weight 0"),
    *(
        (op, inputs, {**settings, "reduction": "average"}, 'reduction must be "mean", "sum" or "none"')
        for op, inputs, settings in (
            ("mean_squared_error", [SCORES, SCORES], {}),
            ("mean_absolute_error", [SCORES, SCORES], {}),
            ("huber", [SCORES, SCORES], {"delta": 1.0}),
            ("smooth_l1", [SCORES, SCORES], {"beta": 1.0}),
            ("triplet", [SCORES] * 3, {"margin": 1.0}),
            ("triplet_margin", [SCORES] * 3, {"margin": 1.0}),
            ("cosine_distance", [SCORES] * 2, {"eps": 1e-8}),
            ("sigmoid_cross_entropy", [SCORES, SCORES], {}),
            ("hinge", [SCORES, LABELS], {}),
            ("masked_sigmoid_cross_entropy", [SCORES, SCORES], {"ignore_label": -1}),
            ("binary_cross_entropy_with_logits", [SCORES, SCORES], {}),
            ("binary_cross_entropy", [SCORES + 0.5, SCORES], {}),
        )
    ),
    ("kl_divergence", [SCORES, SCORES], {"reduction": "batch"}, 'must be "batchmean", "mean", "sum" or "none"'),
    ("masked_sigmoid_cross_entropy", [SCORES, SCORES], {"ignore_label": 0}, "every label is ignored"),
    (
        "masked_sigmoid_cross_entropy",
        [SCORES, SCORES + 2],
        {"ignore_label": -1},
        "0 for no, 1 for yes, or ignore_label",
    ),
    ("masked_sigmoid_cross_entropy", [SCORES, SCORES[0]], {"ignore_label": -1}, "their shapes must be the same"),
    ("triplet_margin", [SCORES, SCORES, SCORES[:1]], {"margin": 1.0}, "all of one shape"),
    *(
        ("triplet_margin", [SCORES] * 3, {"margin": 1.0, **settings}, "margin must be above 0, p at least 1 and finite")
        for settings in ({"margin": 0.0}, {"p": 0.5}, {"p": np.inf}, {"eps": -1e-6})
    ),
    ("smooth_l1", [SCORES, SCORES[:1]], {"beta": 1.0}, "their shapes must be the same"),
    ("smooth_l1", [SCORES, SCORES], {"beta": -1.0}, "beta must not be below 0"),
    ("binary_cross_entropy_with_logits", [SCORES, SCORES[:1]], {}, "their shapes must be the same"),
    ("binary_cross_entropy_with_logits", [SCORES, SCORES + 2], {}, "0 for no and 1 for yes, or what lies between"),
    ("binary_cross_entropy_with_logits", [SCORES, SCORES, ones(3)], {}, "weight must have the shape of the scores"),
    ("binary_cross_entropy_with_logits", [SCORES, SCORES, ones(1, 3, 4)], {}, "weight must have the shape of the"),
    ("binary_cross_entropy_with_logits", [SCORES, SCORES], {"positive_weight": (1.0, 2.0)}, "one weight per class"),
    ("binary_cross_entropy_with_logits", [ones(), ones()], {"positive_weight": (1.0,)}, "one weight per class"),
    ("binary_cross_entropy", [SCORES + 0.5, SCORES - 1], {}, "0 for no and 1 for yes, or what lies between"),
    ("binary_cross_entropy", [SCORES + 0.5, SCORES, ones(3)], {}, "weight must have the shape of the scores"),
    ("binary_cross_entropy", [SCORES, SCORES], {}, "probabilities above 0 and below 1; scores go to"),
    ("binary_cross_entropy", [SCORES * np.nan, SCORES], {}, "probabilities above 0 and below 1"),
    ("binary_cross_entropy", [SCORES + 0.5, SCORES * np.nan], {}, "t must hold numbers from 0 to 1, and no NaN"),
    ("cosine_distance", [SCORES, SCORES], {"eps": 1e-8, "axis": 2}, "axis must name an axis of x"),
    ("cosine_distance", [ones(), ones()], {"eps": 1e-8}, "x and y must be (…, D)"),
    ("cross_entropy", [ones(4), LABELS[0] + 4], {}, "every label must be from 0 to C - 1 or ignore_label"),
    (
        "cross_entropy",
        [ones(4), np.array(0)],
        {"class_weight": (1.0, 2.0)},
        "class_weight must hold one weight per class",
    ),
    ("negative_log_likelihood", [SCORES, SCORES], {}, "t (N, …), one integer label per position"),
    ("negative_log_likelihood", [SCORES, LABELS - 1], {}, "every label must be from 0 to C - 1 or ignore_label"),
    ("softmax_cross_entropy", [ones(3), LABELS], {}, "x must be (N, C), and t integers"),
    ("softmax_cross_entropy", [SCORES, ones(3)], {}, "x must be (N, C), and t integers"),
    ("masked_softmax_cross_entropy", [SCORES, ones(3)], {"ignore_label": 1}, "x must be (N, C), and t integers"),
    ("hinge", [ones(3, 4, 2), np.zeros((3, 2), int)], {}, "x must be (N, C), and t integers"),
    ("triplet", [ones(3, 2), ones(3, 2), ones(1, 2)], {"margin": 1.0}, "all of one shape"),
    ("triplet", [ones(3), ones(3), ones(3)], {"margin": 1.0}, "must be (N, D)"),
    ("cosine_distance", [ones(3, 2), ones(1, 2)], {"eps": 1e-8}, "x and y must be (…, D), both of one shape"),
    ("kl_divergence", [SCORES, SCORES[:1]], {}, "their shapes must be the same"),
    ("kl_divergence", [SCORES, SCORES - 0.1], {}, "t must hold probabilities, none of them below 0"),
    ("cosine_distance", [SCORES, SCORES], {"eps": 0.0}, "eps must be above 0"),
]


@pytest.mark.parametrize(("op", "inputs", "settings", "says"), MISFITS)
def test_what_a_loss_is_not_meant_for_is_refused_in_its_own_words(
    op: str, inputs: list[Any], settings: dict[str, Any], says: str
) -> None:
    check_refused(op, inputs, settings, says)


TIMED, SAID, STEPS, COUNTS = ones(4, 2, 3), np.array([[1, 1], [2, 0]]), np.array([4, 2]), np.array([2, 1])


@pytest.mark.parametrize(
    ("inputs", "settings", "says"),
    [
        ([SCORES, SAID, STEPS, COUNTS], {}, "x must be (T, N, C), with elements, and labels (N, L)"),
        ([TIMED, ones(2, 2), STEPS, COUNTS], {}, "must be integers"),
        ([TIMED, SAID, STEPS[:1], COUNTS], {}, "input_lengths and label_lengths (N,)"),
        ([TIMED, SAID, STEPS, COUNTS], {"blank": 3}, "blank must be a class, from 0 to C - 1"),
        ([TIMED, SAID + 2, STEPS, COUNTS], {}, "labels must be from 0 to C - 1"),
        ([TIMED, SAID, STEPS + 1, COUNTS], {}, "every input length must be from 1 to T"),
        ([TIMED, SAID, STEPS, COUNTS + 1], {}, "every label length must be from 0 to L"),
        ([TIMED, SAID, STEPS, COUNTS], {"blank": 1}, "no label may be the blank"),
        ([TIMED, SAID, STEPS - 2, COUNTS], {}, "every input length must be from 1 to T"),
        ([TIMED, SAID, np.array([2, 2]), COUNTS], {}, "one more between two that are the same"),
        ([TIMED, SAID, STEPS, COUNTS], {"reduction": "batchmean"}, "mean"),
    ],
)
def test_sequences_that_do_not_fit(inputs: list[Any], settings: dict[str, Any], says: str) -> None:
    numpy_manual.ctc(TIMED, SAID, STEPS, COUNTS)
    check_refused("ctc", inputs, settings, says)
