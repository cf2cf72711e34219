"""Losses of whole sequences."""

import numpy as np

from backends.chainer_autograd.framework import F, Variable


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
    reduce = "mean" if reduction == "mean" else "no"
    # It takes the logarithm of the softmax, and −1e10 where that is 0: in float32, scores must lie within about 100.
    loss = F.connectionist_temporal_classification(F.separate(x), t, blank, of_inputs, of_labels, reduce)
    return F.sum(loss) if reduction == "sum" else loss
