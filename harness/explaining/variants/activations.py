"""Functions that are easily mistaken for an activation."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.deferred import computed
from harness.explaining.variants.variant import Function, Variant, Variants, backward_only, forward_only, with_settings


def gelu_by_sigmoid(x: Array) -> Array:
    """x·σ(1.702·x), the other approximation (Hendrycks & Gimpel 2016, arXiv:1606.08415)."""
    y: Array = x * numpy_manual.sigmoid(1.702 * x)[0]
    return y


def steeper_hard_sigmoid(x: Array) -> tuple[Array, Any]:
    """x/6 + ½ between 0 and 1 (PyTorch's hardsigmoid)."""
    return np.clip(x / 6 + 0.5, 0, 1), lambda grad_y: (np.where(np.abs(x) < 3, grad_y / 6, 0),)


def overflowing_sigmoid(x: Array) -> Array:
    """eˣ / (1 + eˣ), which is NaN where eˣ overflows."""
    y: Array = np.exp(x) / (1 + np.exp(x))
    return y


def overflowing_tanh(x: Array) -> Array:
    """(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), which is NaN where an exponential overflows."""
    y: Array = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
    return y


def celu(x: Array, *, alpha: float) -> tuple[Array, Any]:
    """alpha·(exp(x / alpha) − 1) below 0, which has no kink (Barron 2017, arXiv:1704.07483)."""
    below = np.minimum(x, 0) / alpha
    return np.where(x > 0, x, alpha * np.expm1(below)), lambda grad_y: (grad_y * np.where(x > 0, 1, np.exp(below)),)


def elu_with_alpha_inside(x: Array, *, alpha: float) -> tuple[Array, Any]:
    """exp(alpha·x) − 1 below 0."""
    below = alpha * np.minimum(x, 0)
    return np.where(x > 0, x, np.expm1(below)), lambda grad_y: (grad_y * np.where(x > 0, 1, alpha * np.exp(below)),)


def softplus_straight_from(threshold: float) -> Function:
    """A softplus that is x itself above a threshold (PyTorch's, 20 by default)."""

    def softplus(x: Array) -> tuple[Array, Any]:
        y, backward = numpy_manual.softplus(x)
        return np.where(x > threshold, x, y), lambda grad_y: (
            np.where(x > threshold, grad_y, computed(backward(grad_y)[0])),
        )

    return softplus


def _over_axis(op: Function, other: int) -> Function:
    """A softmax over another axis, whichever it is told."""

    def turned(x: Array, *, axis: int = -1) -> tuple[Array, Any]:
        y, backward = op(np.moveaxis(x, other, -1))
        return np.moveaxis(y, -1, other), lambda grad_y: (
            np.moveaxis(backward(np.moveaxis(grad_y, other, -1))[0], -1, other),
        )

    return turned


def _over_all(op: Function) -> Function:
    """A softmax over all elements at once."""

    def over_all(x: Array, *, axis: int = -1) -> tuple[Array, Any]:
        y, backward = op(x.reshape(-1))
        return y.reshape(x.shape), lambda grad_y: (backward(grad_y.reshape(-1))[0].reshape(x.shape),)

    return over_all


def softmax_gradient_of_one_score(grads: Sequence[Array], inputs: Sequence[Array], settings: Any) -> tuple[Array]:
    """y·(1 − y), as for a sigmoid."""
    y, _ = numpy_manual.softmax(inputs[0], **settings)
    return (grads[0] * y * (1 - y),)


def maxout_of_strided_pieces(x: Array, *, pieces: int) -> Array:
    """The largest of x[h], x[h + H], x[h + 2·H] …, the pieces of a unit lying H apart."""
    y: Array = np.max(x.reshape(*x.shape[:-1], pieces, -1), axis=-2)
    return y


def _softmaxes(op: Function) -> tuple[Variant, ...]:
    return (
        Variant("it is over axis 0, not over the last axis", _over_axis(op, 0)),
        Variant("it is over axis 1, not over the last axis", _over_axis(op, 1), "softmax_axis"),
        Variant("it is over all elements, not over the last axis", _over_all(op)),
    )


GELU_BY_SIGMOID = Variant("it is gelu by a sigmoid, x·sigmoid(1.702·x)", forward_only(gelu_by_sigmoid))

ACTIVATIONS: Variants = {
    numpy_manual.relu: (
        Variant("it is relu6, which is cut off at 6", lambda x: numpy_manual.clipped_relu(x, ceiling=6.0)),
        Variant("it is leaky_relu with a slope of 0.01", lambda x: numpy_manual.leaky_relu(x, slope=0.01)),
    ),
    numpy_manual.leaky_relu: (
        Variant(
            "slope is 0.01, PyTorch's default", with_settings(numpy_manual.leaky_relu, slope=0.01), "leaky_relu_slope"
        ),
        Variant(
            "slope is 0.2, Chainer's default", with_settings(numpy_manual.leaky_relu, slope=0.2), "leaky_relu_slope"
        ),
    ),
    numpy_manual.elu: (
        Variant("alpha is 1, the frameworks' default", with_settings(numpy_manual.elu, alpha=1.0)),
        Variant("it is celu, alpha·(exp(x / alpha) - 1) below 0", celu),
        Variant("alpha is inside the exponential, exp(alpha·x) - 1 below 0", elu_with_alpha_inside),
    ),
    numpy_manual.sigmoid: (Variant("exp(x) / (1 + exp(x)) overflows", forward_only(overflowing_sigmoid)),),
    numpy_manual.tanh: (Variant("(exp(x) - exp(-x)) / (exp(x) + exp(-x)) overflows", forward_only(overflowing_tanh)),),
    numpy_manual.clipped_relu: (
        Variant("it is relu: nothing is cut off", lambda x, *, ceiling: numpy_manual.relu(x)),
        Variant("ceiling is 6, as in relu6", with_settings(numpy_manual.clipped_relu, ceiling=6.0), "clipped_relu_cap"),
        Variant(
            "ceiling is 20, Chainer's default",
            with_settings(numpy_manual.clipped_relu, ceiling=20.0),
            "clipped_relu_cap",
        ),
    ),
    numpy_manual.gelu: (Variant("it is gelu by tanh", numpy_manual.gelu_tanh, "gelu"), GELU_BY_SIGMOID),
    numpy_manual.gelu_tanh: (Variant("it is the exact gelu, by erf", numpy_manual.gelu, "gelu"), GELU_BY_SIGMOID),
    numpy_manual.swish: (GELU_BY_SIGMOID,),
    numpy_manual.hard_sigmoid: (Variant("its slope is 1/6, not 1/5", steeper_hard_sigmoid, "hard_sigmoid"),),
    numpy_manual.softplus: (
        Variant("it is x itself above 20, PyTorch's threshold", softplus_straight_from(20), "softplus_threshold"),
        Variant("it is x itself above 10", softplus_straight_from(10), "softplus_threshold"),
    ),
    numpy_manual.softmax: (
        *_softmaxes(numpy_manual.softmax),
        Variant(
            "the gradient is y·(1 - y), without the row's other scores",
            backward_only(numpy_manual.softmax, softmax_gradient_of_one_score),
        ),
    ),
    numpy_manual.log_softmax: _softmaxes(numpy_manual.log_softmax),
    numpy_manual.maxout: (
        Variant(
            "the pieces of a unit are taken to lie H apart, not side by side", forward_only(maxout_of_strided_pieces)
        ),
    ),
}
"""The activations that are easily mistaken for another function."""
