"""Activations with a kink: what a layer applies to each of its units."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
"""With these a layer keeps a mean of 0 and a variance of 1 (Klambauer et al. 2017, arXiv:1706.02515, appendix A1)."""


def relu(x: Array) -> tuple[Array, Backward]:
    """y = max(x, 0), element by element; the gradient at exactly 0 is 0, as in the frameworks.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y where x > 0, else 0  (Glorot et al. 2011, AISTATS).

    Why:
        y[i] = max(x[i], 0)
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·[x[i] > 0]
        (I) → (I)
        grad_x = np.where(x > 0, grad_y, 0)
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(x > 0, grad_y, 0),)

    return np.maximum(x, 0), backward


def leaky_relu(x: Array, *, slope: float) -> tuple[Array, Backward]:
    """y = x where x > 0, else slope·x, element by element.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y where x > 0, else slope·∂L/∂y  (Maas et al. 2013).

    Why:
        y[i] = x[i]·[x[i] > 0] + slope·x[i]·[x[i] ≤ 0]
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·([x[i] > 0] + slope·[x[i] ≤ 0])
        (I) → (I)
        grad_x = np.where(x > 0, grad_y, slope * grad_y)
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(x > 0, grad_y, slope * grad_y),)

    return np.where(x > 0, x, slope * x), backward


def elu(x: Array, *, alpha: float) -> tuple[Array, Backward]:
    """y = x where x > 0, else alpha·(eˣ − 1), element by element, written so that no exponential overflows.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y where x > 0, else ∂L/∂y·alpha·eˣ  (Clevert et al. 2016,
    arXiv:1511.07289).

    Why:
        y[i] = x[i]·[x[i] > 0] + alpha·(exp(x[i]) − 1)·[x[i] ≤ 0]
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·([x[i] > 0] + alpha·exp(x[i])·[x[i] ≤ 0])
        (I) → (I)
        grad_x = np.where(x > 0, grad_y, grad_y * alpha * np.exp(np.minimum(x, 0)))
    """
    below = np.minimum(x, 0)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(x > 0, grad_y, grad_y * alpha * np.exp(below)),)

    return np.where(x > 0, x, alpha * np.expm1(below)), backward


def selu(x: Array) -> tuple[Array, Backward]:
    """y = λ·x where x > 0, else λ·α·(eˣ − 1), element by element: elu with constants that normalise.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·λ where x > 0, else ∂L/∂y·λ·α·eˣ  (Klambauer et al. 2017,
    arXiv:1706.02515).

    Why:
        λ = 1.0507009873554805
        α = 1.6732632423543772
        y[i] = λ·(x[i]·[x[i] > 0] + α·(exp(x[i]) − 1)·[x[i] ≤ 0])
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·λ·([x[i] > 0] + α·exp(x[i])·[x[i] ≤ 0])
        (I) → (I)
        grad_x = grad_y * λ * np.where(x > 0, 1, α * np.exp(np.minimum(x, 0)))
    """
    below = np.minimum(x, 0)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * SELU_SCALE * np.where(x > 0, 1, SELU_ALPHA * np.exp(below)),)

    return SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(below)), backward


def hard_sigmoid(x: Array) -> tuple[Array, Backward]:
    """y = x/5 + ½, cut off below 0 and above 1, element by element: straight from −2.5 to 2.5.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y / 5 where −2.5 < x < 2.5, else 0  (Courbariaux et al. 2015,
    arXiv:1511.00363, has the name; the slope is that of Theano, Keras and Chainer, while PyTorch's is 1/6).

    Why:
        y[i] = min(max(x[i] / 5 + 1 / 2, 0), 1)
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i] / 5·[−2.5 < x[i] < 2.5]
        (I) → (I)
        grad_x = np.where(np.abs(x) < 2.5, 0.2 * grad_y, 0)
    """
    straight = 0.2 * x + 0.5

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(np.abs(straight - 0.5) < 0.5, 0.2 * grad_y, 0),)

    return np.clip(straight, 0, 1), backward


def clipped_relu(x: Array, *, ceiling: float) -> tuple[Array, Backward]:
    """y = min(max(x, 0), ceiling), element by element; a ceiling of 6 makes it ReLU6.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y where 0 < x < ceiling, else 0  (Krizhevsky 2010, Convolutional Deep
    Belief Networks on CIFAR-10).

    Why:
        y[i] = min(max(x[i], 0), ceiling)
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·[0 < x[i] < ceiling]
        (I) → (I)
        grad_x = np.where((x > 0) & (x < ceiling), grad_y, 0)
    """
    if not ceiling > 0:
        raise ValueError("ceiling must be above 0")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(x > 0, np.where(x < ceiling, grad_y, 0), 0),)

    return np.clip(x, 0, ceiling), backward


def hard_swish(x: Array) -> tuple[Array, Backward]:
    """y = x·min(max(x + 3, 0), 6) / 6, element by element: swish with a gate that is straight from −3 to 3.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·(x/3 + ½) where −3 < x < 3; it is 0 from −3 down and ∂L/∂y from 3 up
    (Howard et al. 2019, arXiv:1905.02244).

    Why:
        y[i] = x[i]·min(max(x[i] + 3, 0), 6) / 6
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·([−3 < x[i] < 3]·(x[i] / 3 + 1 / 2) + [x[i] ≥ 3])
        (I) → (I)
        grad_x = grad_y * np.where(np.abs(x) < 3, x / 3 + 0.5, x >= 3)
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(x > -3, np.where(x < 3, grad_y * (x / 3 + 0.5), grad_y), 0),)

    return x * np.clip(x + 3, 0, 6) / 6, backward


def maxout(x: Array, *, pieces: int) -> tuple[Array, Backward]:
    """y = the largest of every `pieces` neighbours along the last axis: a unit that learns its own activation.

    x (…, H·pieces) → y (…, H).  The largest gets the gradient, or the first of several equal ones  (Goodfellow et al.
    2013, arXiv:1302.4389).

    Why:
        P = pieces
        y[n,h] = max_p x[n,h·P+p]
        first[n,h] = argmax_p x[n,h·P+p]
        ∂L/∂x[n,d] = Σ_h ∂L/∂y[n,h]·∂y[n,h]/∂x[n,d] = Σ_h ∂L/∂y[n,h]·[d = h·P + first[n,h]]
        (N, H) → (N, D)
        grad_x = np.repeat(grad_y, P, axis=1) * (np.tile(np.arange(P), H) == np.repeat(first, P, axis=1))
    """
    if not x.ndim or not x.size or pieces < 1 or x.shape[-1] % pieces:
        raise ValueError("the last axis of x must be a multiple of pieces")
    units = np.reshape(x, (*x.shape[:-1], -1, pieces))
    first = np.argmax(units, axis=-1, keepdims=True)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_units = np.zeros_like(units)
        np.put_along_axis(grad_units, first, np.expand_dims(grad_y, -1), -1)
        return (np.reshape(grad_units, x.shape),)

    return np.max(units, axis=-1), backward


def prelu(x: Array, slope: Array) -> tuple[Array, Backward]:
    """y = x where x > 0, else slope·x: leaky_relu with a slope that is learned, one for each feature or one for all.

    x (N, C, …), such as (N, D), slope (C,) or (1,) → y (N, C, …).  ∂L/∂x = ∂L/∂y where x > 0, else slope·∂L/∂y;
    ∂L/∂slope = Σ ∂L/∂y·x over the elements of that slope where x ≤ 0  (He et al. 2015, arXiv:1502.01852).

    Why:
        y[n,d] = x[n,d]·[x[n,d] > 0] + slope[d]·x[n,d]·[x[n,d] ≤ 0]
        ∂L/∂x[n,d] = ∂L/∂y[n,d]·∂y[n,d]/∂x[n,d] = ∂L/∂y[n,d]·([x[n,d] > 0] + slope[d]·[x[n,d] ≤ 0])
        (N, D) → (N, D)
        grad_x = np.where(x > 0, grad_y, slope * grad_y)
        ∂L/∂slope[d] = Σ_n ∂L/∂y[n,d]·∂y[n,d]/∂slope[d] = Σ_n ∂L/∂y[n,d]·x[n,d]·[x[n,d] ≤ 0]
        (N, D) → (D)
        grad_slope = np.sum(np.where(x > 0, 0, grad_y * x), axis=0)
    """
    if not x.ndim or slope.ndim > 1 or slope.size not in (1, *x.shape[1:2]):
        raise ValueError("x must be (N, D) or (N, C, …), and slope (D,) or (C,), one for each feature, or (1,)")
    slopes = np.reshape(slope, (slope.size, *[1] * (x.ndim - 2)))
    repeated = tuple(axis for axis in range(x.ndim) if axis != 1 or slope.size == 1)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            np.where(x > 0, grad_y, slopes * grad_y),
            lambda: np.reshape(np.sum(np.where(x > 0, 0, grad_y * x), axis=repeated), slope.shape),
        )

    return np.where(x > 0, x, slopes * x), backward
