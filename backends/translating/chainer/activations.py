"""Activations, softmax, dropout and noise."""

from collections.abc import Mapping
from typing import Any

from backends.translating.axes import Tensor, Translation


def relu(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """max(x, 0)."""
    return op.relu(x)


def leaky_relu(op: Any, x: Tensor, *, slope: float, **attributes: Any) -> Tensor:
    """x, or slope·x below 0."""
    return op.leaky_relu(x, slope=slope)


def clipped_relu(op: Any, x: Tensor, *, cap: float, **attributes: Any) -> Tensor:
    """min(max(x, 0), cap)."""
    return op.clipped_relu(x, ceiling=cap)


def elu(op: Any, x: Tensor, *, alpha: float, **attributes: Any) -> Tensor:
    """x, or alpha·(eˣ − 1) below 0."""
    return op.elu(x, alpha=alpha)


def prelu(op: Any, x: Tensor, w: Tensor, **attributes: Any) -> Tensor:
    """x, or a trained slope times x below 0."""
    return op.prelu(x, w if w.shape else op.reshape(w, shape=(1,)))


def sigmoid(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """1 / (1 + e⁻ˣ)."""
    return op.sigmoid(x)


def swish(op: Any, x: Tensor, beta: Tensor, **attributes: Any) -> Tensor:
    """x·sigmoid(beta·x), with one beta for each unit or channel, which is trained."""
    shape = (1, *beta.shape, *(1 for _ in x.shape[len(beta.shape) + 1 :]))
    return op.multiply(x, op.sigmoid(op.multiply(x, op.reshape(beta, shape=shape))))


def hard_sigmoid(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """0.2·x + 0.5, cut off at 0 and 1."""
    return op.hard_sigmoid(x)


def tanh(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """The hyperbolic tangent."""
    return op.tanh(x)


def softplus(op: Any, x: Tensor, *, beta: float, **attributes: Any) -> Tensor:
    """log(1 + e^(beta·x)) / beta."""
    return op.softplus(x) if beta == 1 else op.divide(op.softplus(op.multiply(x, beta)), beta)


def softmax(op: Any, x: Tensor, *, axis: int, **attributes: Any) -> Tensor:
    """Softmax along an axis."""
    return op.softmax(x, axis=axis)


def log_softmax(op: Any, x: Tensor, *, axis: int, **attributes: Any) -> Tensor:
    """The logarithm of softmax along an axis."""
    return op.log_softmax(x, axis=axis)


def dropout(op: Any, x: Tensor, *, mask: Tensor, dropout_ratio: float, **attributes: Any) -> Tensor:
    """What is left is scaled up. The mask was noted when it was drawn."""
    return x if dropout_ratio == 0 else op.dropout(x, mask, ratio=dropout_ratio)


def gaussian(op: Any, mean: Tensor, ln_var: Tensor, *, eps: Tensor, **attributes: Any) -> Tensor:
    """mean + e^(ln_var / 2)·eps. The noise was noted when it was drawn."""
    return op.add(mean, op.multiply(op.exp(op.multiply(ln_var, 0.5)), eps))


TRANSLATIONS: Mapping[str, Translation] = {
    "ReLU": relu,
    "LeakyReLU": leaky_relu,
    "ClippedReLU": clipped_relu,
    "ELU": elu,
    "PReLUFunction": prelu,
    "Sigmoid": sigmoid,
    "Swish": swish,
    "HardSigmoid": hard_sigmoid,
    "Tanh": tanh,
    "Softplus": softplus,
    "Softmax": softmax,
    "LogSoftmax": log_softmax,
    "Dropout": dropout,
    "Gaussian": gaussian,
}
"""By the class of the FunctionNode."""
