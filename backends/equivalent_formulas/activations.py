"""Activations by other formulas."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.activations.rectifiers import SELU_ALPHA, SELU_SCALE
from backends.numpy_manual.gradients import Backward, Gradient


def elu_by_output(x: Array, *, alpha: float) -> tuple[Array, Backward]:
    """The gradient where x ≤ 0 is y + alpha: no second exponential, but an error of u·alpha where x is far below 0."""
    y = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * np.where(x > 0, 1, y + alpha),)

    return y, backward


def selu_by_output(x: Array) -> tuple[Array, Backward]:
    """The gradient where x ≤ 0 is λ·(elu + α): no second exponential, but an error of u·λ·α where x is far below 0."""
    y = np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0)))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * SELU_SCALE * np.where(x > 0, 1, y + SELU_ALPHA),)

    return SELU_SCALE * y, backward


def gelu_tanh_by_chain_rule(x: Array) -> tuple[Array, Backward]:
    """The gradient is added up over the three places where x stands, as autograd does: each product is rounded."""
    scale = (2 / np.pi) ** 0.5
    t = np.tanh(scale * (x + 0.044715 * np.power(x, 3)))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_inner = scale * (grad_y * (0.5 * x) * (1 - t * t))
        return (0.5 * (grad_y * (1 + t)) + grad_inner + 0.044715 * grad_inner * 3 * np.power(x, 2),)

    return 0.5 * x * (1 + t), backward


def softplus_by_difference(x: Array) -> tuple[Array, Backward]:
    """The gradient is 1 − 1/(1 + eˣ): short, but with an error of u even where the gradient is small."""
    y = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * (1 - 1 / (1 + np.exp(x))),)

    return y, backward


def softplus_of_exponential(x: Array) -> tuple[Array, Backward]:
    """y = ln(1 + eˣ) itself, and x where the 1 is rounded away: a single term, whose error is relative to all of y.

    The gradient is grad_y·eˣ / (eˣ + 1), whose product may overflow.
    """
    e = np.exp(np.minimum(x, 50))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(x > 50, grad_y, grad_y * e / (e + 1)),)

    return np.where(x > 50, x, np.log1p(e)), backward


def softplus_by_logarithm(x: Array) -> tuple[Array, Backward]:
    """The gradient is e^(x − y), as JAX's logaddexp has it: the rounding of y is a relative error of the gradient."""
    y = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * np.exp(x - y),)

    return y, backward


def sigmoid_by_tanh(x: Array) -> tuple[Array, Backward]:
    """y = ½·tanh(x/2) + ½: one call of tanh, but an absolute error of u/2 where y is small."""
    y = np.tanh(x * 0.5) * 0.5 + 0.5

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * y * (1 - y),)

    return y, backward


def tanh_by_factors(x: Array) -> tuple[Array, Backward]:
    """The gradient is (∂L/∂y + ∂L/∂y·y)·(1 − y), as JAX has it: 1 − y does not cancel where y² is near 1.

    It takes one more rounding than ∂L/∂y·(1 − y²), which shows where y is small.
    """
    y = np.tanh(x)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return ((grad_y + grad_y * y) * (1 - y),)

    return y, backward


def swish_by_tanh(x: Array) -> tuple[Array, Backward]:
    """y = x·(½·tanh(x/2) + ½), with the error of sigmoid_by_tanh, and a gradient that is a sum of two products."""
    s = np.tanh(x * 0.5) * 0.5 + 0.5

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * s + grad_y * x * s * (1 - s),)

    return x * s, backward


def hard_swish_by_product(x: Array) -> tuple[Array, Backward]:
    """The gradient is a product's, gate/6 + x/6: where both nearly cancel, around −1.5, each of them is rounded."""
    gate = np.clip(x + 3, 0, 6)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_product = grad_y / 6
        return (grad_product * gate + np.where(x > -3, np.where(x < 3, grad_product * x, 0), 0),)

    return x * gate / 6, backward


def mish_by_difference(x: Array) -> tuple[Array, Backward]:
    """mish, the gradient of softplus in it by 1 − 1/(1 + eˣ), and a sum of two products."""
    t = np.tanh(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * t + grad_y * x * (1 - t * t) * (1 - 1 / (1 + np.exp(x))),)

    return x * t, backward


def log_sigmoid_by_difference(x: Array) -> tuple[Array, Backward]:
    """The gradient is 1 − 1/(1 + e⁻ˣ), as of softplus_by_difference: with an error of u even where it is small."""

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * (1 - 1 / (1 + np.exp(-x))),)

    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))), backward
