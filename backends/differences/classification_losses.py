"""Losses over labels: ignored labels, class weights, and what a mean divides by."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backends.compatibility.chainer import import_chainer
from backends.contract import Array
from backends.differences.difference import Code, difference

chainer = import_chainer()
F = chainer.functions
Variable = Any  # Chainer has no types


def scores_and_labels(random: np.random.RandomState) -> tuple[Array, ...]:
    """Scores of 4 classes, and labels of which one is −1."""
    return random.randn(6, 4), np.array([0, 3, -1, 2, 1, 1])


@difference(
    "loss",
    chainer="chainer.functions.softmax_cross_entropy(x, t, ignore_label=-1)",
    torch="torch.nn.functional.cross_entropy(input, target, ignore_index=-100)",
    raises=IndexError,
)
def softmax_cross_entropy_ignore_label() -> Code:
    """softmax_cross_entropy ignores the label −1 in Chainer, cross_entropy −100 in PyTorch, where −1 is an error."""

    def in_chainer(x: Variable, t: Array) -> Variable:
        return F.softmax_cross_entropy(x, t)

    def naive(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.cross_entropy(x, t)

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.cross_entropy(x, t, ignore_index=-1)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=scores_and_labels)


@difference(
    "loss",
    chainer="chainer.functions.softmax_cross_entropy(x, t, class_weight=None): divides by the number of labels",
    torch="torch.nn.functional.cross_entropy(input, target, weight=None): divides by the sum of the labels' weights",
    matters=lambda settings: bool(settings["class_weight"]),
)
def softmax_cross_entropy_class_weight() -> Code:
    """With class weights, Chainer divides by the number of labels and PyTorch by the sum of their weights."""

    def in_chainer(x: Variable, t: Array) -> Variable:
        return F.softmax_cross_entropy(x, t, class_weight=np.array([1.0, 2.0, 0.5, 3.0]))

    def naive(x: Tensor, t: Tensor) -> Tensor:
        weight = torch.tensor([1.0, 2.0, 0.5, 3.0])
        return nn.functional.cross_entropy(x, t, weight=weight, ignore_index=-1)

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        weight = torch.tensor([1.0, 2.0, 0.5, 3.0])
        loss = nn.functional.cross_entropy(x, t, weight=weight, ignore_index=-1, reduction="sum")
        return loss / (t != -1).sum()

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=scores_and_labels)


@difference(
    "loss",
    chainer="chainer.functions.softmax_cross_entropy(x, t, ignore_label=-1): divides by at least 1",
    torch="torch.nn.functional.cross_entropy(input, target, reduction='mean'): divides 0 by 0",
)
def softmax_cross_entropy_all_ignored() -> Code:
    """Where every label is ignored, the loss is 0 in Chainer and NaN in PyTorch."""

    def in_chainer(x: Variable, t: Array) -> Variable:
        return F.softmax_cross_entropy(x, t)

    def naive(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.cross_entropy(x, t, ignore_index=-1)

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        loss = nn.functional.cross_entropy(x, t, ignore_index=-1, reduction="sum")
        return loss / (t != -1).sum().clamp(min=1)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(6, 4), np.full(6, -1)),
    )


@difference(
    "loss",
    chainer="chainer.functions.softmax_cross_entropy(x, t, normalize=True): False divides by the length of the batch",
    torch="torch.nn.functional.cross_entropy(input, target, reduction='mean'): always by the number of valid labels",
    matters=lambda settings: not settings["normalize"],
)
def softmax_cross_entropy_normalize() -> Code:
    """With normalize=False Chainer divides by the length of the batch: not by pixels, and ignored labels count."""

    def in_chainer(x: Variable, t: Array) -> Variable:
        return F.softmax_cross_entropy(x, t, normalize=False)

    def naive(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.cross_entropy(x, t, ignore_index=-1)

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.cross_entropy(x, t, ignore_index=-1, reduction="sum") / len(x)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(2, 4, 3, 3), random.randint(-1, 4, (2, 3, 3))),
    )


@difference(
    "loss",
    chainer="chainer.functions.softmax_cross_entropy(x, t): integers of any size",
    torch="torch.nn.functional.cross_entropy(input, target): int64, or uint8",
    raises=RuntimeError,
)
def label_dtype() -> Code:
    """Labels of int32, which Chainer's datasets have, are an error in PyTorch."""

    def in_chainer(x: Variable, t: Array) -> Variable:
        return F.softmax_cross_entropy(x, t)

    def naive(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.cross_entropy(x, t)

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.cross_entropy(x, t.long())

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(6, 4), random.randint(0, 4, 6).astype(np.int32)),
    )


@difference(
    "loss",
    chainer="chainer.functions.sigmoid_cross_entropy(x, t): ignores the label −1, which nothing can change",
    torch="torch.nn.functional.binary_cross_entropy_with_logits(input, target): −1 is a target like any number",
)
def sigmoid_cross_entropy_ignore_label() -> Code:
    """sigmoid_cross_entropy leaves out labels of −1; PyTorch computes with −1, and the loss can become negative."""

    def in_chainer(x: Variable, t: Array) -> Variable:
        return F.sigmoid_cross_entropy(x, t)

    def naive(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(x, t.to(x.dtype))

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        valid = t != -1
        return nn.functional.binary_cross_entropy_with_logits(x[valid], t[valid].to(x.dtype))

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(5, 3), random.randint(-1, 2, (5, 3))),
    )


@difference(
    "loss",
    chainer="chainer.functions.sigmoid_cross_entropy(x, t, normalize=True): False divides by the length of the batch",
    torch="torch.nn.functional.binary_cross_entropy_with_logits(input, target, reduction='mean'): by all elements",
    matters=lambda settings: not settings["normalize"],
)
def sigmoid_cross_entropy_normalize() -> Code:
    """With normalize=False sigmoid_cross_entropy divides by the length of the batch, PyTorch by all elements."""

    def in_chainer(x: Variable, t: Array) -> Variable:
        return F.sigmoid_cross_entropy(x, t, normalize=False)

    def naive(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(x, t.to(x.dtype))

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(x, t.to(x.dtype), reduction="sum") / len(x)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(5, 3), random.randint(0, 2, (5, 3))),
    )


@difference(
    "loss",
    chainer="chainer.functions.hinge(x, t, norm='L1', reduce='mean'): every class for itself against a margin of 1",
    torch="torch.nn.functional.multi_margin_loss(input, target, p=1, margin=1.0): the right class against each other",
)
def hinge() -> Code:
    """hinge treats every class by itself; PyTorch's multi_margin_loss compares the right one with the others."""

    def in_chainer(x: Variable, t: Array) -> Variable:
        return F.hinge(x, t)

    def naive(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.multi_margin_loss(x, t)

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        sign = 1 - 2 * nn.functional.one_hot(t, x.shape[1])
        return nn.functional.relu(1 + sign * x).sum() / len(x)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(6, 4), random.randint(0, 4, 6)),
    )


@difference(
    "loss",
    chainer="chainer.functions.connectionist_temporal_classification(x, t, blank_symbol, reduce='mean'): of scores",
    torch="torch.nn.functional.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction='mean')",
)
def ctc_mean() -> Code:
    """CTC's mean is over the batch in Chainer; PyTorch first divides every loss by the length of its target."""

    def in_chainer(x: Variable, t: Array) -> Variable:
        return F.connectionist_temporal_classification(list(x), t, 0)

    def naive(x: Tensor, t: Tensor) -> Tensor:
        log_probs = nn.functional.log_softmax(x, dim=2)
        lengths, t_lengths = torch.tensor([7, 7]), torch.tensor([3, 3])
        return nn.functional.ctc_loss(log_probs, t, lengths, t_lengths)

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        log_probs = nn.functional.log_softmax(x, dim=2)
        lengths, t_lengths = torch.tensor([7, 7]), torch.tensor([3, 3])
        return nn.functional.ctc_loss(log_probs, t, lengths, t_lengths, reduction="none").mean()

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(7, 2, 4), random.randint(1, 4, (2, 3)).astype(np.int32)),
    )
