"""Losses."""

from collections.abc import Mapping
from typing import Any

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
    """softplus(x) − x·t, which is −t·log sigmoid(x) − (1 − t)·log(1 − sigmoid(x)) for any t from 0 to 1."""
    _refuse_old(size_average, reduce)
    refuse(pos_weight is not None, "binary_cross_entropy_with_logits with pos_weight")
    each = op.subtract(op.softplus(input), op.multiply(input, target))
    return _reduced(op, each if weight is None else op.multiply(each, weight), reduction)


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
    yes = op.multiply(target, op.log(input))
    no = op.multiply(op.subtract(1.0, target), op.log(op.subtract(1.0, input)))
    each = op.negative(op.add(yes, no))
    return _reduced(op, each if weight is None else op.multiply(each, weight), reduction)


def mse_loss(
    op: Any,
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """(y − t)²."""
    _refuse_old(size_average, reduce)
    refuse(weight is not None, "mse_loss with weight")
    if reduction == "mean":
        return op.mean_squared_error(input, target)
    return _reduced(op, op.power(op.subtract(input, target), exponent=2), reduction)


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
    if reduction == "mean":
        return op.mean_absolute_error(input, target)
    return _reduced(op, op.absolute(op.subtract(input, target)), reduction)


def huber_loss(
    op: Any,
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """½·(y − t)² near 0, delta·(|y − t| − ½·delta) beyond."""
    refuse(weight is not None, "huber_loss with weight")
    refuse(reduction != "mean", f"huber_loss with the reduction {reduction!r}")
    return op.huber(input, target, delta=delta)


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
    refuse(reduction != "mean", f"smooth_l1_loss with the reduction {reduction!r}")
    loss = op.huber(input, target, delta=beta)
    return loss if beta == 1 else op.divide(loss, beta)


def kl_div(
    op: Any,
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """t·(log t − log p); "batchmean" divides by the number of rows, which is the op's mean."""
    _refuse_old(size_average, reduce)
    refuse(log_target, "kl_div with log_target")
    refuse(reduction == "none", "kl_div without a reduction")
    loss = op.kl_divergence(input, target)
    match reduction:
        case "mean":
            return op.divide(loss, float(input.shape[1]))
        case "sum":
            return op.multiply(loss, float(input.shape[0]))
    return loss


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
}
"""By the function's name, as a capture has it."""
