"""Activations, softmax and dropout."""

from collections.abc import Mapping
from typing import Any

from backends.translating.axes import Tensor, Translation
from backends.translating.untranslatable import Untranslatable, refuse


def relu(op: Any, input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0)."""
    return op.relu(input)


def leaky_relu(op: Any, input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x, or slope·x below 0."""
    return op.leaky_relu(input, slope=negative_slope)


def prelu(op: Any, input: Tensor, weight: Tensor) -> Tensor:
    """x, or a trained slope times x below 0."""
    return op.prelu(input, weight)


def elu(op: Any, input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x, or alpha·(eˣ − 1) below 0."""
    return op.elu(input, alpha=alpha)


def selu(op: Any, input: Tensor, inplace: bool = False) -> Tensor:
    """ELU with the constants of self-normalising networks."""
    return op.selu(input)


def softplus(op: Any, input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + e^(beta·x)) / beta. Above the threshold PyTorch gives x, which differs by 2e-9 at most."""
    y = op.softplus(input if beta == 1 else op.multiply(input, beta))
    return y if beta == 1 else op.divide(y, beta)


def sigmoid(op: Any, input: Tensor) -> Tensor:
    """1 / (1 + e⁻ˣ)."""
    return op.sigmoid(input)


def hardsigmoid(op: Any, input: Tensor, inplace: bool = False) -> Tensor:
    """x/6 + ½, cut off at 0 and 1; the op's slope is 1/5."""
    return op.hard_sigmoid(op.multiply(input, 5 / 6))


def hardswish(op: Any, input: Tensor, inplace: bool = False) -> Tensor:
    """x·min(max(x + 3, 0), 6) / 6."""
    return op.hard_swish(input)


def mish(op: Any, input: Tensor, inplace: bool = False) -> Tensor:
    """x·tanh(softplus(x))."""
    return op.mish(input)


def glu(op: Any, input: Tensor, dim: int = -1) -> Tensor:
    """The first half along an axis, times the sigmoid of the second."""
    return op.glu(input, axis=dim)


def log_sigmoid(op: Any, input: Tensor) -> Tensor:
    """log sigmoid(x)."""
    return op.log_sigmoid(input)


def tanh(op: Any, input: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return op.tanh(input)


def relu6(op: Any, input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(x, 0), 6)."""
    return op.clipped_relu(input, ceiling=6.0)


def hardtanh(op: Any, input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """x, cut off at two numbers. PyTorch has no gradient at these numbers themselves, `clip` has."""
    return op.clipped_relu(input, ceiling=max_val) if min_val == 0 else op.clip(input, low=min_val, high=max_val)


def silu(op: Any, input: Tensor, inplace: bool = False) -> Tensor:
    """x·sigmoid(x)."""
    return op.swish(input)


def gelu(op: Any, input: Tensor, approximate: str = "none") -> Tensor:
    """x·Φ(x), or its approximation by tanh."""
    return op.gelu_tanh(input) if approximate == "tanh" else op.gelu(input)


def softmax(op: Any, input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """Softmax along an axis."""
    refuse(dtype, "a softmax in another dtype")
    if dim is None:
        raise Untranslatable("softmax without dim=")
    return op.softmax(input, axis=dim)


def log_softmax(op: Any, input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """The logarithm of softmax along an axis."""
    refuse(dtype, "a log_softmax in another dtype")
    if dim is None:
        raise Untranslatable("log_softmax without dim=")
    return op.log_softmax(input, axis=dim)


def dropout(
    op: Any,
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    mask: Tensor | None = None,
) -> Tensor:
    """What is left is scaled up. The mask was noted when it was drawn; without one nothing is dropped."""
    return input if mask is None else op.dropout(input, mask, ratio=p)


TRANSLATIONS: Mapping[str, Translation] = {
    "relu": relu,
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "elu": elu,
    "selu": selu,
    "softplus": softplus,
    "sigmoid": sigmoid,
    "hardsigmoid": hardsigmoid,
    "hardswish": hardswish,
    "mish": mish,
    "glu": glu,
    "log_sigmoid": log_sigmoid,
    "tanh": tanh,
    "relu6": relu6,
    "hardtanh": hardtanh,
    "silu": silu,
    "gelu": gelu,
    "softmax": softmax,
    "log_softmax": log_softmax,
    "dropout": dropout,
}
"""By the function's name without underscores, as a capture has it."""
