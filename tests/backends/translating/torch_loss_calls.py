"""One call or more of every loss of PyTorch that has a translation."""

import warnings
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF

from tests.backends.translating.calls import LABELS, SEGMENTS, Called, real

of_any: Any = nnF
"""Types of PyTorch's know neither the weights of its losses nor lengths that are tuples."""

LOSSES: dict[str, Called] = {
    "classes": (
        [(4, 3)],
        lambda x, t: (
            nnF.cross_entropy(x, t)
            + nnF.cross_entropy(x, t, reduction="sum")
            + nnF.cross_entropy(x, t, ignore_index=2, label_smoothing=0.1)
            + nnF.cross_entropy(x, t, weight=torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64))
            + nnF.nll_loss(nnF.log_softmax(x, 1), t)
            + nnF.cross_entropy(x, t, reduction="none").sum()
        ),
        [LABELS],
    ),
    "classes of positions": ([(2, 3, 3)], lambda x, t: nnF.cross_entropy(x, t), [SEGMENTS]),
    "yes and no": (
        [(4, 3)],
        lambda x, t, p: (
            nnF.binary_cross_entropy_with_logits(x, t)
            + nnF.binary_cross_entropy_with_logits(x, t, weight=t, reduction="sum")
            + nnF.binary_cross_entropy_with_logits(x, t, t[0], pos_weight=p, reduction="none").sum()
            + nnF.binary_cross_entropy(torch.sigmoid(x), t)
            + nnF.binary_cross_entropy(torch.sigmoid(x), t, weight=t, reduction="none").sum()
        ),
        [real(4, 3), real(3)],
    ),
    "distances": (
        [(4, 3)],
        lambda x, t: (
            nnF.mse_loss(x, t)
            + nnF.mse_loss(x, t, reduction="sum")
            + of_any.mse_loss(x, t, weight=t)
            + of_any.mse_loss(x, t, weight=t, reduction="sum")
            + nnF.l1_loss(x, t)
            + of_any.l1_loss(x, t, weight=t)
            + of_any.l1_loss(x, t, weight=t, reduction="sum")
            + of_any.l1_loss(x, t, weight=t, reduction="none").sum()
            + nnF.l1_loss(x, t, reduction="none").sum()
            + nnF.huber_loss(x, t, delta=0.1)
            + nnF.huber_loss(x, t, delta=0.1, reduction="sum")
            + of_any.huber_loss(x, t, delta=0.1, weight=t)
            + nnF.smooth_l1_loss(x, t, beta=0.1)
            + nnF.smooth_l1_loss(x, t, beta=0.0, reduction="none").sum()
        ),
        [real(4, 3, seed=9)],
    ),
    "divergences": (
        [(4, 3)],
        lambda x, t: (
            nnF.kl_div(x, t, reduction="sum")
            + mean_kl_div(x, t, log_target=True)
            + nnF.kl_div(x, t, reduction="batchmean")
            + nnF.kl_div(x, t, reduction="none").sum()
        ),
        [real(4, 3, seed=9)],
    ),
    "triplets": (
        [(4, 3), (4, 3), (4, 3)],
        lambda a, p, n: (
            nnF.triplet_margin_loss(a, p, n)
            + nnF.triplet_margin_loss(a, p, n, margin=0.7, p=3.0, eps=1e-3, swap=True, reduction="sum")
            + nnF.triplet_margin_loss(a, p, n, reduction="none").sum()
        ),
        [],
    ),
    "labels of sequences": (
        [(5, 3, 4)],
        lambda x, t, n, m: (
            nnF.ctc_loss(x.log_softmax(2), t, n, m)
            + nnF.ctc_loss(x.log_softmax(2), t, n, m, reduction="sum", zero_infinity=True) * 2
            + nnF.ctc_loss(x.log_softmax(2), torch.where(t == 0, 9, t), n, m, reduction="none")[1]
            + of_any.ctc_loss(
                nnF.log_softmax(x.transpose(0, 1), 2).transpose(0, 1), t - 1, (5, 4, 4), (1, 1, 1), blank=3
            )
            + nnF.ctc_loss(x.log_softmax(2), torch.tensor([1, 1, 3, 2]), n, m, reduction="sum")
        ),
        [np.array([[1, 1], [3, 0], [2, 1]]), np.array([5, 4, 3]), np.array([2, 0, 2])],
    ),
    "angles": (
        [(4, 3), (4, 3)],
        lambda x, y, t: (
            nnF.cosine_similarity(x, y).sum()
            + nnF.cosine_similarity(x, y, dim=0, eps=1e-3).sum()
            + nnF.cosine_embedding_loss(x, y, t, margin=0.1)
            + nnF.cosine_embedding_loss(x, y, t, reduction="sum")
        ),
        [np.array([1, -1, -1, 1])],
    ),
}
"""Calls of PyTorch's losses."""


def mean_kl_div(x: torch.Tensor, t: torch.Tensor, *, log_target: bool) -> torch.Tensor:
    """The mean over all elements, of which PyTorch warns that it will be another one some day."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="reduction: 'mean' divides")
        return nnF.kl_div(x, t, reduction="mean", log_target=log_target)
