"""What a hand-written op refuses: inputs and settings that a framework would refuse, or take for another thing."""

from typing import Any

import numpy as np
import pytest

from backends import numpy_manual

SCORES = np.zeros((3, 4), np.float32)
LABELS = np.array([0, 3, 1])
IMAGE = np.ones((1, 2, 1, 1), np.float32)
PER_CHANNEL = np.ones(2, np.float32)
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
    "one yes per row": ("sigmoid_cross_entropy", [SCORES[:, :1], np.array([0, 1, 1])], {}, "shapes must be the same"),
    "delta of 0": ("huber", [SCORES, SCORES], {"delta": 0.0}, "delta must be above 0"),
    "margin of 0": ("triplet", [SCORES, SCORES, SCORES], {"margin": 0.0}, "margin must be above 0"),
    "an id that is no row": ("embedding", [np.array([0, -1]), SCORES], {}, "from 0 to V - 1"),
    "everything dropped": ("dropout", [SCORES, SCORES], {"ratio": 1.0}, "ratio must be from 0 to below 1"),
    "a mask of integers": ("dropout", [SCORES, np.ones((3, 4), int)], {"ratio": 0.5}, "the mask must hold floats"),
    "a row of one value": ("layer_norm", [SCORES[:, :1], PER_CHANNEL[:1], PER_CHANNEL[:1]], {"eps": 1e-5}, "variance"),
    "a group of one value": ("group_norm", [IMAGE, PER_CHANNEL, PER_CHANNEL], {"groups": 2, "eps": 1e-5}, "variance"),
    "narrow heads": ("multi_head_attention", [SCORES, *[SCORES.T] * 4, np.ones((3, 3), int)], {"heads": 1}, "square"),
    "no output": ("deconv2d", [IMAGE, np.ones((2, 2, 1, 1)), PER_CHANNEL], {"stride": 2, "pad": 1}, "leaves nothing"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_what_would_be_right(name: str) -> None:
    op, inputs, settings, says = REFUSED[name]
    with pytest.raises(ValueError, match=says):
        getattr(numpy_manual, op)(*inputs, **settings)


def test_a_length_of_eps_is_differentiated_as_a_length() -> None:
    """Where the frameworks, too, take the length itself, the gradient has no part along x."""
    x, y = np.full((1, 4), 0.5), np.array([[1.0, 0.0, 0.0, 0.0]])
    _, backward = numpy_manual.cosine_distance(x, y, eps=1.0)
    grad_x, _ = backward(np.float64(1))
    assert np.sum(grad_x * x) == 0
