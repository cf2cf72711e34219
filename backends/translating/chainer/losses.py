"""Losses."""

from collections.abc import Mapping
from typing import Any

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
    """The cross-entropy of labels 0 and 1; the mean is over all elements, or over the rows without normalize."""
    refuse(op.occurs(-1, t), "labels of −1, which Chainer ignores")
    refuse(reduce != "mean", "sigmoid_cross_entropy without a mean")
    loss = op.sigmoid_cross_entropy(x, t)
    per_row = 1
    for size in x.shape[1:]:
        per_row *= size
    return loss if normalize or per_row == 1 else op.multiply(loss, float(per_row))


def mean_squared_error(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """The mean of (a − b)²."""
    return op.mean_squared_error(a, b)


def mean_absolute_error(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """The mean of |a − b|."""
    return op.mean_absolute_error(a, b)


def huber_loss(op: Any, x: Tensor, t: Tensor, *, delta: float, reduce: str, **attributes: Any) -> Tensor:
    """½·(x − t)² near 0, delta·(|x − t| − ½·delta) beyond, as ½·m² + delta·(|x − t| − m) with m = min(|x − t|, delta).

    Chainer sums over the second axis, unless each is wanted.
    """
    distance = op.absolute(op.subtract(x, t))
    near = op.minimum(distance, delta)
    half = op.multiply(op.power(near, exponent=2), 0.5)
    each = op.add(half, op.multiply(op.subtract(distance, near), delta))
    return op.reduce_sum(each, axis=1) if reduce == "sum_along_second_axis" else each


def hinge(op: Any, x: Tensor, t: Tensor, *, norm: str, reduce: str, **attributes: Any) -> Tensor:
    """The margins by which scores are wrong."""
    refuse(norm != "L1" or reduce != "mean", f"hinge with the norm {norm!r} and the reduction {reduce!r}")
    return op.hinge(x, t)


def triplet(op: Any, anchor: Tensor, positive: Tensor, negative: Tensor, **attributes: Any) -> Tensor:
    """The positive one should be nearer than the negative one, by a margin."""
    refuse(attributes["reduce"] != "mean", "triplet without a mean")
    return op.triplet(anchor, positive, negative, margin=attributes["margin"])


TRANSLATIONS: Mapping[str, Translation] = {
    "SoftmaxCrossEntropy": softmax_cross_entropy,
    "SigmoidCrossEntropy": sigmoid_cross_entropy,
    "MeanSquaredError": mean_squared_error,
    "MeanAbsoluteError": mean_absolute_error,
    "HuberLoss": huber_loss,
    "Hinge": hinge,
    "Triplet": triplet,
}
"""By the class of the FunctionNode."""
