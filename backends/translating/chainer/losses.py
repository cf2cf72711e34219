"""Losses."""

from collections.abc import Mapping
from typing import Any

from backends.translating import sequences
from backends.translating.axes import Tensor, Translation
from backends.translating.untranslatable import refuse


def softmax_cross_entropy(
    op: Any,
    x: Tensor,
    t: Tensor,
    *,
    normalize: bool,
    class_weight: Any,
    ignore_label: int,
    reduce: str,
    **attributes: Any,
) -> Tensor:
    """−log softmax of the right class; the mean is over the labels that count, whatever their weights are."""
    refuse(attributes.get("soft_target_loss", "cross-entropy") != "cross-entropy", "a loss of soft targets by KL")
    has_ignored = op.occurs(ignore_label, t)
    refuse(has_ignored and not normalize, "labels to ignore without normalize")
    if reduce == "mean" and class_weight is not None:
        refuse(has_ignored or len(x.shape) > 2, "class weights with labels to ignore or more axes")
        return op.weighted_softmax_cross_entropy(x, t, class_weight=tuple(map(float, class_weight)))
    if reduce == "mean" and not has_ignored and len(x.shape) == 2 and len(t.shape) == 1:
        return op.softmax_cross_entropy(x, t)
    return op.cross_entropy(
        x,
        t,
        class_weight=None if class_weight is None else tuple(map(float, class_weight)),
        ignore_label=ignore_label if has_ignored else None,
        reduction="mean" if reduce == "mean" else "none",
    )


def sigmoid_cross_entropy(op: Any, x: Tensor, t: Tensor, *, normalize: bool, reduce: str, **attributes: Any) -> Tensor:
    """The cross-entropy of labels 0 and 1, where those of −1 count for nothing.

    The mean is over the elements that count; without normalize, over the rows of their sums.
    """
    has_ignored = op.occurs(-1, t)

    def loss(reduction: str) -> Tensor:
        if has_ignored:
            return op.masked_sigmoid_cross_entropy(x, t, ignore_label=-1, reduction=reduction)
        return op.sigmoid_cross_entropy(x, t, reduction=reduction)

    if reduce == "mean" and (normalize or (len(x.shape) == 1 and not has_ignored)):
        return loss("mean")
    each = loss("none")
    return each if reduce != "mean" else _mean_of_rows(op, each)


def _mean_of_rows(op: Any, each: Tensor) -> Tensor:
    """The mean over the rows of their sums."""
    axes = tuple(range(1, len(each.shape)))
    return op.reduce_mean(op.reduce_sum(each, axis=axes) if axes else each)


def mean_squared_error(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """The mean of (a − b)²."""
    return op.mean_squared_error(a, b)


def mean_absolute_error(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """The mean of |a − b|."""
    return op.mean_absolute_error(a, b)


def huber_loss(op: Any, x: Tensor, t: Tensor, *, delta: float, reduce: str, **attributes: Any) -> Tensor:
    """½·(x − t)² near 0, delta·(|x − t| − ½·delta) beyond. Chainer sums over the second axis, unless each is wanted."""
    each = op.huber(x, t, delta=delta, reduction="none")
    return op.reduce_sum(each, axis=1) if reduce == "sum_along_second_axis" else each


def hinge(op: Any, x: Tensor, t: Tensor, *, norm: str, reduce: str, **attributes: Any) -> Tensor:
    """The margins by which scores are wrong, or their squares."""
    if norm == "L1":
        return op.hinge(x, t, reduction="mean" if reduce == "mean" else "none")
    each = op.power(op.hinge(x, t, reduction="none"), exponent=2)
    return _mean_of_rows(op, each) if reduce == "mean" else each


def triplet(op: Any, anchor: Tensor, positive: Tensor, negative: Tensor, **attributes: Any) -> Tensor:
    """The positive one should be nearer than the negative one, by a margin."""
    reduction = "mean" if attributes["reduce"] == "mean" else "none"
    return op.triplet(anchor, positive, negative, margin=attributes["margin"], reduction=reduction)


def ctc(
    op: Any,
    input_lengths: Tensor,
    label_lengths: Tensor,
    t: Tensor,
    x: Tensor,
    *,
    blank_symbol: int,
    reduce: str,
    **attributes: Any,
) -> Tensor:
    """Connectionist temporal classification of scores (T, N, C)."""
    reduction = "mean" if reduce == "mean" else "none"
    return sequences.ctc(op, x, t, input_lengths, label_lengths, blank=blank_symbol, reduction=reduction)


TRANSLATIONS: Mapping[str, Translation] = {
    "SoftmaxCrossEntropy": softmax_cross_entropy,
    "SigmoidCrossEntropy": sigmoid_cross_entropy,
    "MeanSquaredError": mean_squared_error,
    "MeanAbsoluteError": mean_absolute_error,
    "HuberLoss": huber_loss,
    "Hinge": hinge,
    "Triplet": triplet,
    "ConnectionistTemporalClassification": ctc,
}
"""By the class of the FunctionNode."""
