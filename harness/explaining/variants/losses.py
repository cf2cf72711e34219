"""Functions that are easily mistaken for a loss."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import Function, Variant, Variants, backward_only, forward_only


def _scaled(op: Function, scale: Function) -> Function:
    """A loss times a number that depends on its inputs, which are labels or sizes, and on its settings."""

    def scaled(*inputs: Any, **settings: Any) -> Any:
        factor = scale(*inputs, **settings)
        loss, backward = op(*inputs, **settings)
        return loss * factor, lambda grad_loss: backward(grad_loss * factor)

    return scaled


def _columns(x: Array, *_: Array, reduction: str = "mean", **settings: Any) -> float:
    """How much larger the mean of sums along rows is than that of all elements; 1 where nothing is averaged."""
    return x.size / len(x) if reduction == "mean" else 1.0


def _of_all(log_p: Array, t: Array, *, reduction: str = "batchmean", **settings: Any) -> float:
    """How much smaller the mean of all elements is than that over rows; 1 where that is not what is taken."""
    return len(t) / t.size if reduction == "batchmean" else 1.0


def _reduced(each: Array, reduction: str, count: int) -> Array:
    """Losses as they are, their sum, or their sum by a count."""
    total: Array = np.sum(each)
    return each if reduction == "none" else total / count if reduction == "mean" else total


def by_sum_of_weights(x: Array, t: Array, *, class_weight: Sequence[float]) -> float:
    """N / Σ class_weight[t], from a mean over rows to the mean that PyTorch has by default."""
    return len(t) / float(np.sum(np.asarray(class_weight, np.float64)[t]))


def over_all_rows(x: Array, t: Array, *, ignore_label: int) -> float:
    """The share of the rows that count."""
    return float(np.mean(t != ignore_label))


def _cross_entropy(x: Array, targets: Array) -> tuple[Array, Any]:
    """−mean over rows of Σ targets·log softmax(x)."""
    log_p, _ = numpy_manual.log_softmax(x)

    def backward(grad_loss: Array) -> tuple[Array, None]:
        return grad_loss * (np.exp(log_p) * np.sum(targets, axis=1, keepdims=True) - targets) / len(x), None

    return -np.sum(targets * log_p) / len(x), backward


def _onehot(x: Array, t: Array) -> Array:
    return np.where(np.arange(x.shape[1]) == t[:, None], 1.0, 0.0)


def smoothed_over_others(x: Array, t: Array, *, smoothing: float) -> tuple[Array, Any]:
    """The smoothing is spread over the C − 1 other classes only."""
    right = _onehot(x, t)
    return _cross_entropy(x, (1 - smoothing) * right + np.divide(smoothing, x.shape[1] - 1) * (1 - right))


def smoothed_by_sum(x: Array, t: Array, *, smoothing: float) -> tuple[Array, Any]:
    """Every class gets the whole smoothing, not 1/C of it."""
    return _cross_entropy(x, (1 - smoothing) * _onehot(x, t) + smoothing)


def smoothed_beside_one(x: Array, t: Array, *, smoothing: float) -> tuple[Array, Any]:
    """The right class keeps its 1."""
    return _cross_entropy(x, _onehot(x, t) + smoothing / x.shape[1])


def of_scores_as_log_probabilities(x: Array, t: Array) -> Array:
    """−mean over rows of x[t], as if x were logarithms of probabilities (PyTorch's nll_loss)."""
    loss: Array = -np.sum(x[np.arange(len(t)), t]) / len(t)
    return loss


def squared_hinge(x: Array, t: Array, *, reduction: str = "mean") -> Array:
    """The sum of the squared margins (Chainer's norm="L2")."""
    s = x * np.where(np.arange(x.shape[1]) == t[:, None], -1, 1)
    return _reduced(np.maximum(1 + s, 0) ** 2, reduction, len(t))


def hinge_against_right_class(x: Array, t: Array, *, reduction: str = "mean") -> Array:
    """The margins of the other classes over the right one, averaged over all classes (PyTorch's multi_margin_loss)."""
    rows = np.arange(len(t))
    excess = np.maximum(1 + x - x[rows, t][:, None], 0)
    excess[rows, t] = 0
    return _reduced(excess / x.shape[1], reduction, len(t))


def reversed_divergence(log_p: Array, t: Array, *, log_target: bool = False, reduction: str = "batchmean") -> Array:
    """Σ p·(log p − log t), the divergence of t from p."""
    log_t = t if log_target else np.log(np.where(t > 0, t, 1))
    each = np.exp(log_p) * (log_p - log_t)
    count = len(t) if reduction == "batchmean" else t.size
    return _reduced(each, "mean" if reduction == "batchmean" else reduction, count)


def triplet_of_distances(
    anchor: Array, positive: Array, negative: Array, *, margin: float, reduction: str = "mean"
) -> Array:
    """Without squaring the distances (PyTorch's triplet_margin_loss)."""
    near, far = (np.sqrt(np.sum((anchor - other + 1e-6) ** 2, axis=1)) for other in (positive, negative))
    return _reduced(np.maximum(near - far + margin, 0), reduction, len(anchor))


def cosine_of_longer(x: Array, y: Array, *, eps: float, axis: int = -1, reduction: str = "mean") -> Array:
    """1 − mean of x·y / ((‖x‖ + eps)·(‖y‖ + eps)) (Chainer's normalize)."""
    length_x, length_y = (np.sqrt(np.sum(a * a, axis=axis)) + eps for a in (x, y))
    each = 1 - np.sum(x * y, axis=axis) / (length_x * length_y)
    return _reduced(each, reduction, each.size)


def sigmoid_ce_through_sigmoid(grads: Sequence[Array], inputs: Sequence[Array], settings: Any) -> tuple[Array, None]:
    """(σ(x) − t)·σ'(x), as for a squared error."""
    x, t = inputs
    y, _ = numpy_manual.sigmoid(x)
    count = y.size if settings.get("reduction", "mean") == "mean" else 1
    return grads[0] * (y - t) * y * (1 - y) / count, None


def _by_weights(x: Array, t: Array, weight: Array | None = None, *, reduction: str = "mean", **how: Any) -> float:
    """How much smaller the number of elements is than the sum of their weights; 1 where nothing is averaged."""
    if weight is None or reduction != "mean":
        return 1.0
    return x.size / float(np.sum(np.broadcast_to(np.asarray(weight, np.float64), x.shape)))


def _counting(x: Array, t: Array, *, ignore_label: int, reduction: str = "mean") -> float:
    """The share of the elements that count; 1 where nothing is averaged."""
    return float(np.mean(t != ignore_label)) if reduction == "mean" else 1.0


def of_probabilities(x: Array, *others: Array, **how: Any) -> Any:
    """binary_cross_entropy_with_logits of σ(x), as if it took probabilities."""
    return numpy_manual.binary_cross_entropy_with_logits(numpy_manual.sigmoid(x)[0], *others, **how)[0]


LOSSES: Variants = {
    numpy_manual.huber: (
        Variant(
            "it is divided by delta, as in smooth_l1_loss",
            _scaled(numpy_manual.huber, lambda y, t, delta, **_: 1 / delta),
            "huber_or_smooth_l1",
        ),
        Variant("it is summed along rows and averaged over them", _scaled(numpy_manual.huber, _columns), "huber_axis"),
    ),
    numpy_manual.softmax_cross_entropy: (
        Variant(
            "softmax is applied twice",
            forward_only(lambda x, t: numpy_manual.softmax_cross_entropy(numpy_manual.softmax(x)[0], t)[0]),
        ),
        Variant(
            "label 0 is ignored, as if it were padding",
            lambda x, t: numpy_manual.masked_softmax_cross_entropy(x, t, ignore_label=0),
        ),
        Variant(
            "the labels are smoothed by 0.1",
            lambda x, t: numpy_manual.smoothed_softmax_cross_entropy(x, t, smoothing=0.1),
        ),
        Variant("the logarithm of softmax is left out", forward_only(of_scores_as_log_probabilities)),
    ),
    numpy_manual.sigmoid_cross_entropy: (
        Variant(
            "sigmoid is applied twice",
            forward_only(
                lambda x, t, **how: numpy_manual.sigmoid_cross_entropy(numpy_manual.sigmoid(x)[0], t, **how)[0]
            ),
        ),
        Variant(
            "it is divided by the number of rows, not by that of elements",
            _scaled(numpy_manual.sigmoid_cross_entropy, _columns),
            "sigmoid_cross_entropy_normalize",
        ),
        Variant(
            "the gradient is multiplied by that of sigmoid once more",
            backward_only(numpy_manual.sigmoid_cross_entropy, sigmoid_ce_through_sigmoid),
        ),
    ),
    numpy_manual.weighted_softmax_cross_entropy: (
        Variant(
            "it is divided by the sum of the weights, not by the number of rows",
            _scaled(numpy_manual.weighted_softmax_cross_entropy, by_sum_of_weights),
            "softmax_cross_entropy_class_weight",
        ),
        Variant(
            "the weights of classes are left out",
            lambda x, t, *, class_weight: numpy_manual.softmax_cross_entropy(x, t),
        ),
    ),
    numpy_manual.masked_softmax_cross_entropy: (
        Variant(
            "it is divided by the number of all rows, also of those that are ignored",
            _scaled(numpy_manual.masked_softmax_cross_entropy, over_all_rows),
            "softmax_cross_entropy_normalize",
        ),
    ),
    numpy_manual.smoothed_softmax_cross_entropy: (
        Variant("the smoothing is spread over the other classes only", smoothed_over_others),
        Variant("every class gets the whole smoothing, not 1/C of it", smoothed_by_sum),
        Variant("the right class keeps its 1 beside the smoothing", smoothed_beside_one),
    ),
    numpy_manual.hinge: (
        Variant("the margins are squared", forward_only(squared_hinge)),
        Variant(
            "every class is compared with the right one, as in multi_margin_loss",
            forward_only(hinge_against_right_class),
            "hinge",
        ),
    ),
    numpy_manual.kl_divergence: (
        Variant("p and t are swapped", forward_only(reversed_divergence)),
        Variant(
            "it is averaged over all elements, PyTorch's default",
            _scaled(numpy_manual.kl_divergence, _of_all),
        ),
    ),
    numpy_manual.masked_sigmoid_cross_entropy: (
        Variant(
            "it is divided by the number of all elements, also of those that are ignored",
            _scaled(numpy_manual.masked_sigmoid_cross_entropy, _counting),
        ),
    ),
    numpy_manual.smooth_l1: (
        Variant(
            "it is multiplied by beta, as in huber_loss",
            _scaled(numpy_manual.smooth_l1, lambda y, t, beta, **_: beta),
            "huber_or_smooth_l1",
        ),
    ),
    numpy_manual.binary_cross_entropy_with_logits: (
        Variant("sigmoid is applied twice", forward_only(of_probabilities)),
        Variant(
            "positive_weight is left out",
            lambda *inputs, positive_weight=None, **how: numpy_manual.binary_cross_entropy_with_logits(*inputs, **how),
        ),
        Variant(
            "it is divided by the sum of the weights, not by the number of elements",
            _scaled(numpy_manual.binary_cross_entropy_with_logits, _by_weights),
        ),
        Variant(
            "the weight is left out",
            lambda x, t, weight=None, **how: numpy_manual.binary_cross_entropy_with_logits(x, t, **how),
        ),
    ),
    numpy_manual.triplet: (Variant("the distances are not squared", forward_only(triplet_of_distances), "triplet"),),
    numpy_manual.cosine_distance: (
        Variant(
            "eps is added to the lengths, not only a bound of them", forward_only(cosine_of_longer), "normalize_eps"
        ),
    ),
}
"""The losses that are easily mistaken for another function."""
