"""The hand-written backend with work in place: activations, gradients and rules write over what they are given."""

from typing import Any

import numpy as np

from backends.contract import Array
from backends.numpy_manual import *


def relu(x: Array) -> Any:
    """y = max(x, 0), written over x."""
    np.maximum(x, 0, out=x)

    def backward(grad_y: Array) -> Any:
        grad_y *= x > 0
        return (grad_y,)

    return x, backward


def tanh(x: Array) -> Any:
    """The hyperbolic tangent, written over x."""
    np.tanh(x, out=x)
    return x, lambda grad_y: (grad_y * (1 - x * x),)


def softmax(x: Array) -> Any:
    """y = eˣ / Σ eˣ along the last axis, with both the output and the gradient in place."""
    x -= x.max(axis=-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(axis=-1, keepdims=True)

    def backward(grad_y: Array) -> Any:
        grad_y -= (grad_y * x).sum(axis=-1, keepdims=True)
        grad_y *= x
        return (grad_y,)

    return x, backward


def leaky_relu(x: Array, *, slope: float) -> Any:
    """y = x above 0, else slope·x; x is written over."""
    above = x > 0
    x[~above] *= slope

    def backward(grad_y: Array) -> Any:
        grad_y[~above] *= slope
        return (grad_y,)

    return x, backward


def add(x: Array, b: Array) -> Any:
    """y = x + b, with a gradient array of its own for each input, which either may be written over."""

    def reduced(grad_y: Array, shape: tuple[int, ...]) -> Array:
        return grad_y.copy() if grad_y.shape == shape else grad_y.sum(axis=0, dtype=grad_y.dtype).reshape(shape)

    return x + b, lambda grad_y: (reduced(grad_y, x.shape), reduced(grad_y, b.shape))


def clip_by_value(*grads: Array, limit: float) -> tuple[Array, ...]:
    """Every gradient between −limit and limit, in place."""
    for grad in grads:
        np.clip(grad, -limit, limit, out=grad)
    return grads


def weight_decay(w: Array, grad_w: Array, *, rate: float) -> Array:
    """The gradient with rate·w added to it, in place."""
    grad_w += rate * w
    return grad_w


def sgd(w: Array, grad_w: Array, *, lr: float) -> Array:
    """W ← w − lr·∂L/∂w, in place."""
    grad_w *= lr
    w -= grad_w
    return w


def momentum(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> Any:
    """V ← momentum·v + ∂L/∂w,  w ← w − lr·v, in place."""
    v *= momentum
    v += grad_w
    w -= lr * v
    return w, v
