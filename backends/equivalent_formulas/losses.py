"""Losses by other formulas."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.equivalent_formulas.activations import sigmoid_by_tanh
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.losses.answers import weights_of_answers


def sigmoid_cross_entropy_by_tanh(x: Array, t: Array, *, reduction: str = "mean") -> tuple[Array, Backward]:
    """sigmoid_cross_entropy, its gradient with ½·tanh(x/2) + ½: an absolute error of u/2 where σ(x) − t is small."""
    each = np.maximum(np.where(t == 1, -x, x), 0) + np.log1p(np.exp(-np.abs(x)))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        y, _ = sigmoid_by_tanh(x)
        return grad_loss * np.where(t == 1, y - 1, y) / (y.size if reduction == "mean" else 1), None

    return each if reduction == "none" else np.sum(each) / (each.size if reduction == "mean" else 1), backward


def sigmoid_cross_entropy_by_log_sigmoid(x: Array, t: Array, *, reduction: str = "mean") -> tuple[Array, Backward]:
    """(1 − t)·x − log σ(x), whose terms cancel for t = 0 and very negative x; its gradient is σ(x) − t."""
    e = np.exp(-np.abs(x))
    each = np.where(t == 1, 0, x) - (np.minimum(x, 0) - np.log1p(e))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        y = np.where(x >= 0, 1, e) / (1 + e)
        return grad_loss * np.where(t == 1, y - 1, y) / (y.size if reduction == "mean" else 1), None

    return each if reduction == "none" else np.sum(each) / (each.size if reduction == "mean" else 1), backward


def masked_sigmoid_cross_entropy_by_tanh(
    x: Array, t: Array, *, ignore_label: int, reduction: str = "mean"
) -> tuple[Array, Backward]:
    """masked_sigmoid_cross_entropy, its gradient as sigmoid_cross_entropy_by_tanh has it."""
    return _masked(sigmoid_cross_entropy_by_tanh, x, t, ignore_label, reduction)


def masked_sigmoid_cross_entropy_by_log_sigmoid(
    x: Array, t: Array, *, ignore_label: int, reduction: str = "mean"
) -> tuple[Array, Backward]:
    """masked_sigmoid_cross_entropy, its terms as sigmoid_cross_entropy_by_log_sigmoid has them."""
    return _masked(sigmoid_cross_entropy_by_log_sigmoid, x, t, ignore_label, reduction)


def _masked(
    formula: Callable[..., tuple[Array, Callable[..., Any]]], x: Array, t: Array, ignore_label: int, reduction: str
) -> tuple[Array, Backward]:
    """A formula of sigmoid_cross_entropy over the elements whose label counts."""
    counts = t != ignore_label
    each, backward_of_each = formula(x, t, reduction="none")
    each = np.where(counts, each, 0)
    divisor = int(np.count_nonzero(counts)) if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_x, _ = backward_of_each(grad_loss)
        return np.where(counts, grad_x, 0) / divisor, None

    return each if reduction == "none" else np.sum(each) / divisor, backward


def binary_cross_entropy_by_softplus(
    x: Array,
    t: Array,
    weight: Array | None = None,
    *,
    positive_weight: Sequence[float] | None = None,
    reduction: str = "mean",
) -> tuple[Array, Backward]:
    """binary_cross_entropy_with_logits, its gradient with 1 − 1/(1 + eˣ): an error of u even where σ(x) is small."""
    for_yes, for_no, yes, no = weights_of_answers(x, t, weight, positive_weight)
    e = np.log1p(np.exp(-np.abs(x)))
    on, off = np.maximum(-x, 0) + e, np.maximum(x, 0) + e
    each = yes * on + no * off

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_each = grad_loss / (each.size if reduction == "mean" else 1)
        p, q = 1 - 1 / (1 + np.exp(x)), 1 - 1 / (1 + np.exp(-x))
        return (
            grad_each * no * p - grad_each * yes * q,
            None if t.dtype.kind in "iu" else lambda: grad_each * (for_yes * on - for_no * off),
            None,
        )

    return each if reduction == "none" else np.sum(each) / (each.size if reduction == "mean" else 1), backward


def binary_cross_entropy_by_log_sigmoid(
    x: Array,
    t: Array,
    weight: Array | None = None,
    *,
    positive_weight: Sequence[float] | None = None,
    reduction: str = "mean",
) -> tuple[Array, Backward]:
    """weight·(no·x − (yes + no)·log σ(x)), where no = 1 − t and yes = positive_weight·t; so is its gradient."""
    for_yes, for_no, yes, no = weights_of_answers(x, t, None, positive_weight)
    scale = 1 if weight is None else weight
    e = np.exp(-np.abs(x))
    log_p, log_q = np.minimum(x, 0) - np.log1p(e), np.minimum(-x, 0) - np.log1p(e)
    each = scale * (no * x - (yes + no) * log_p)

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_each = grad_loss * scale / (each.size if reduction == "mean" else 1)
        p = np.where(x >= 0, 1, e) / (1 + e)
        return (
            grad_each * ((yes + no) * p - yes),
            None if t.dtype.kind in "iu" else lambda: grad_each * (for_no * log_q - for_yes * log_p),
            None,
        )

    return each if reduction == "none" else np.sum(each) / (each.size if reduction == "mean" else 1), backward


def smooth_l1_by_huber(y: Array, t: Array, *, beta: float, reduction: str = "mean") -> tuple[Array, Backward]:
    """The Huber loss with a delta of beta, divided by beta once it is computed."""
    if beta == 0:
        return numpy_manual.smooth_l1(y, t, beta=beta, reduction=reduction)
    huber, backward_of_huber = numpy_manual.huber(y, t, delta=beta, reduction="none")
    each: Any = huber / beta
    divisor = y.size if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        return backward_of_huber(grad_loss / divisor * np.ones_like(y) / beta)

    return each if reduction == "none" else np.sum(each) / divisor, backward


def triplet_margin_by_chain_rule(
    anchor: Array,
    positive: Array,
    negative: Array,
    *,
    margin: float,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> tuple[Array, Backward]:
    """∂‖r‖/∂r = (Σ|r|ᵖ)^(1/p − 1)·|r|^(p − 1)·sign(r), which rounds by more the further Σ|r|ᵖ is from 1."""
    result, _ = numpy_manual.triplet_margin(
        anchor, positive, negative, margin=margin, p=p, eps=eps, swap=swap, reduction=reduction
    )
    near, far, between = anchor - positive + eps, anchor - negative + eps, positive - negative + eps
    d_near, d_far, d_between = (np.sum(np.abs(r) ** p, axis=1, keepdims=True) ** (1 / p) for r in (near, far, between))
    excess = d_near - (np.minimum(d_far, d_between) if swap else d_far) + margin
    divisor = len(anchor) if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        slope = np.where(excess > 0, np.expand_dims(grad_loss, 1) if reduction == "none" else grad_loss, 0) / divisor
        pull, push, apart = (slope * _gradient_of_norm(r, p) for r in (near, far, between))
        kept = np.where(d_far <= d_between, push, 0) if swap else push
        swapped = np.where(d_far <= d_between, 0, apart) if swap else 0
        return pull - kept, -pull - swapped, kept + swapped

    return result, backward


def _gradient_of_norm(r: Array, p: float) -> Array:
    total = np.sum(np.abs(r) ** p, axis=1, keepdims=True)
    slope = total ** (1 / p - 1) * np.abs(r) ** (p - 1)
    return np.where(r > 0, slope, np.where(r < 0, -slope, 0))
