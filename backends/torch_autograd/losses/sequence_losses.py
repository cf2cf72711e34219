"""Losses of whole sequences."""

import torch.nn.functional as F
from torch import Tensor


def ctc(
    x: Tensor,
    labels: Tensor,
    input_lengths: Tensor,
    label_lengths: Tensor,
    *,
    blank: int = 0,
    reduction: str = "mean",
) -> Tensor:
    """loss = −mean over sequences of ln Σ Π p[t, π(t)] over all paths π that are the labels, p = softmax(x)."""
    # PyTorch takes logarithms of probabilities, and its own mean first divides each loss by its number of labels.
    each = F.ctc_loss(F.log_softmax(x, dim=-1), labels, input_lengths, label_lengths, blank, "none")
    return each if reduction == "none" else each.mean() if reduction == "mean" else each.sum()
