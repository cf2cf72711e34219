"""Losses of whole sequences."""

import numpy as np

from backends.chainer_autograd.framework import F, Variable
from backends.chainer_autograd.losses.loss_reductions import reduced


def ctc(
    x: Variable,
    labels: Variable,
    input_lengths: Variable,
    label_lengths: Variable,
    *,
    blank: int = 0,
    reduction: str = "mean",
) -> Variable:
    """loss = −mean over sequences of ln Σ Π p[t, π(t)] over all paths π that are the labels, p = softmax(x)."""
    t, of_inputs, of_labels = (each.array.astype(np.int32) for each in (labels, input_lengths, label_lengths))
    scores = F.separate(x, axis=0)
    if reduction == "mean":
        return F.connectionist_temporal_classification(scores, t, blank, of_inputs, of_labels)
    return reduced(F.connectionist_temporal_classification(scores, t, blank, of_inputs, of_labels, "no"), reduction)
