"""Functions that are easily mistaken for a loss of whole sequences."""

from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import Variant, Variants, forward_only


def mean_by_labels(*inputs: Array, blank: int = 0, reduction: str = "mean") -> tuple[Any, Any]:
    """PyTorch's mean, which divides each loss by its number of labels; it refuses what is not averaged."""
    if reduction != "mean":
        raise ValueError("it is not averaged")
    each, backward = numpy_manual.ctc(*inputs, blank=blank, reduction="none")
    share = 1 / (np.maximum(inputs[3], 1) * len(each))
    return np.sum(each * share), lambda grad_loss: backward(grad_loss * share)


def of_all_steps(x: Array, labels: Array, input_lengths: Array, *others: Array, **settings: Any) -> tuple[Array, Any]:
    """All sequences are as long as the longest can be; it refuses a call where they are."""
    if np.all(input_lengths == len(x)):
        raise ValueError("no sequence ends early")
    return numpy_manual.ctc(x, labels, np.full_like(input_lengths, len(x)), *others, **settings)


def of_logarithms(
    x: Array, labels: Array, input_lengths: Array, label_lengths: Array, *, blank: int = 0, reduction: str = "mean"
) -> Array:
    """−ln Σ Π exp(x): the scores are taken for logarithms of probabilities."""
    each, _ = numpy_manual.ctc(x, labels, input_lengths, label_lengths, blank=blank, reduction="none")
    log_totals = (x - numpy_manual.log_softmax(x)[0])[:, :, 0]
    each = each - np.sum(np.where(np.arange(len(x))[:, None] < input_lengths, log_totals, 0), axis=0)
    total: Array = np.sum(each)
    return each if reduction == "none" else total / len(each) if reduction == "mean" else total


SEQUENCE_LOSSES: Variants = {
    numpy_manual.ctc: (
        Variant("each loss is divided by its number of labels, PyTorch's mean", mean_by_labels, "ctc_mean"),
        Variant("the steps behind the end of a sequence count, too", of_all_steps),
        Variant("the scores are taken for logarithms of probabilities", forward_only(of_logarithms)),
    ),
}
"""The losses of sequences that are easily mistaken for another function."""
