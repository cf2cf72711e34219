"""Losses."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backends.translating import sequences
from backends.translating.axes import Tensor, Translation
from backends.translating.untranslatable import Untranslatable, refuse


def cross_entropy(
    op: Any,
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """−log softmax of the right class."""
    _refuse_old(size_average, reduce)
    ignored = ignore_index if op.occurs(ignore_index, target) else None
    is_plain = weight is ignored is None and label_smoothing == 0 and reduction == "mean"
    if is_plain and len(input.shape) == 2 and len(target.shape) == 1:
        return op.softmax_cross_entropy(input, target)
    return op.cross_entropy(
        input,
        target,
        class_weight=op.numbers(weight),
        ignore_label=ignored,
        smoothing=label_smoothing,
        reduction=reduction,
    )


def nll_loss(
    op: Any,
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """−log p of the right class, of log-probabilities."""
    _refuse_old(size_average, reduce)
    ignored = ignore_index if op.occurs(ignore_index, target) else None
    return op.negative_log_likelihood(
        input, target, class_weight=op.numbers(weight), ignore_label=ignored, reduction=reduction
    )


def binary_cross_entropy_with_logits(
    op: Any,
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """−t·log sigmoid(x) − (1 − t)·log(1 − sigmoid(x)) for any t from 0 to 1."""
    _refuse_old(size_average, reduce)
    return op.binary_cross_entropy_with_logits(
        input, target, weight, positive_weight=op.numbers(pos_weight), reduction=reduction
    )


def binary_cross_entropy(
    op: Any,
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """−t·log p − (1 − t)·log(1 − p), for p away from 0 and 1, where PyTorch cuts the logarithms off at −100."""
    _refuse_old(size_average, reduce)
    return op.binary_cross_entropy(input, target, weight, reduction=reduction)


def mse_loss(
    op: Any,
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """(y − t)²; a mean with weights is divided by their sum."""
    _refuse_old(size_average, reduce)
    if weight is None:
        return op.mean_squared_error(input, target, reduction=reduction)
    each = op.multiply(op.mean_squared_error(input, target, reduction="none"), weight)
    if reduction == "mean":
        return op.divide(op.reduce_sum(each), op.reduce_sum(weight))
    return _reduced(op, each, reduction)


def l1_loss(
    op: Any,
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """|y − t|."""
    _refuse_old(size_average, reduce)
    refuse(weight is not None, "l1_loss with weight")
    return op.mean_absolute_error(input, target, reduction=reduction)


def huber_loss(
    op: Any,
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """½·(y − t)² near 0, delta·(|y − t| − ½·delta) beyond; a mean with weights is divided by the number of elements."""
    if weight is None:
        return op.huber(input, target, delta=delta, reduction=reduction)
    each = op.multiply(op.huber(input, target, delta=delta, reduction="none"), weight)
    return _reduced(op, each, reduction)


def smooth_l1_loss(
    op: Any,
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """huber_loss with delta beta, divided by beta."""
    _refuse_old(size_average, reduce)
    return op.smooth_l1(input, target, beta=beta, reduction=reduction)


def kl_div(
    op: Any,
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """t·(log t − log p); "batchmean" divides by the number of rows."""
    _refuse_old(size_average, reduce)
    return op.kl_divergence(input, target, log_target=log_target, reduction=reduction)


def triplet_margin_loss(
    op: Any,
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The positive one should be nearer than the negative one, by a margin; of distances that are not squared."""
    _refuse_old(size_average, reduce)
    return op.triplet_margin(
        anchor, positive, negative, margin=margin, p=float(p), eps=eps, swap=swap, reduction=reduction
    )


def cosine_similarity(op: Any, x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along an axis."""
    return op.subtract(1.0, op.cosine_distance(x1, x2, eps=eps, axis=dim, reduction="none"))


def cosine_embedding_loss(
    op: Any,
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """1 − cos where the target is 1, max(cos − margin, 0) where it is −1; PyTorch adds 1e-12 to each squared length."""
    _refuse_old(size_average, reduce)
    product, square1, square2 = (
        op.reduce_sum(op.multiply(a, b), axis=-1) for a, b in ((input1, input2), (input1, input1), (input2, input2))
    )
    lengths = op.sqrt(op.multiply(op.add(square1, 1e-12), op.add(square2, 1e-12)))
    cos = op.divide(product, lengths)
    apart = op.relu(op.subtract(cos, margin))
    return _reduced(op, op.where(op.marked(target, 1), op.subtract(1.0, cos), apart), reduction)


def ctc_loss(
    op: Any,
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor | Sequence[int],
    target_lengths: Tensor | Sequence[int],
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Connectionist temporal classification; the op takes a log_softmax first, which leaves log-probabilities as is.

    A mean divides each sequence's loss by its number of labels. zero_infinity is for sequences that the op refuses.
    """
    refuse(len(log_probs.shape) != 3, "ctc_loss without batches")
    refuse(
        not op.are_log_probabilities(log_probs),
        "ctc_loss of what are no logarithms of probabilities; take log_softmax along the last axis first",
    )
    of_inputs, of_labels = _lengths(op, input_lengths), _lengths(op, target_lengths)
    each = sequences.ctc(op, log_probs, targets, of_inputs, of_labels, blank=blank, reduction="none")
    if reduction == "mean":
        counted = op.data([np.maximum(each, 1).astype(np.float64) for each in op.values(of_labels)], "divisor")
        each = op.divide(each, counted)
    return _reduced(op, each, reduction)


def _lengths(op: Any, given: Tensor | Sequence[int]) -> Tensor:
    return given if hasattr(given, "shape") else op.data([np.array(given)], "lengths")


def _reduced(op: Any, each: Tensor, reduction: str) -> Tensor:
    match reduction:
        case "mean":
            return op.reduce_mean(each)
        case "sum":
            return op.reduce_sum(each)
        case "none":
            return each
    raise Untranslatable(f"the reduction {reduction!r}")


def _refuse_old(size_average: bool | None, reduce: bool | None) -> None:
    refuse(size_average is not None or reduce is not None, "size_average= or reduce=, which reduction= has replaced")


TRANSLATIONS: Mapping[str, Translation] = {
    "cross_entropy": cross_entropy,
    "nll_loss": nll_loss,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
    "binary_cross_entropy": binary_cross_entropy,
    "mse_loss": mse_loss,
    "l1_loss": l1_loss,
    "huber_loss": huber_loss,
    "smooth_l1_loss": smooth_l1_loss,
    "kl_div": kl_div,
    "triplet_margin_loss": triplet_margin_loss,
    "ctc_loss": ctc_loss,
    "cosine_similarity": cosine_similarity,
    "cosine_embedding_loss": cosine_embedding_loss,
}
"""By the function's name, as a capture has it."""
