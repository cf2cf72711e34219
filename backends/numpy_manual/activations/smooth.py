"""Smooth activations: what a layer applies to each of its units, or to a row of scores."""

import numpy as np

from backends import special
from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def softplus(x: Array) -> tuple[Array, Backward]:
    """y = ln(1 + eˣ), element by element, written so that no exponential overflows.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·sigmoid(x)  (Goodfellow et al., Deep Learning, 3.10).

    Why:
        y[i] = log(1 + exp(x[i]))
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·exp(x[i]) / (1 + exp(x[i])) = ∂L/∂y[i]·σ(x[i])
        (I) → (I)
        grad_x = grad_y / (1 + np.exp(-x))
    """
    e = np.exp(-np.abs(x))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * np.where(x >= 0, 1, e) / (1 + e),)

    return np.maximum(x, 0) + np.log1p(e), backward


def sigmoid(x: Array) -> tuple[Array, Backward]:
    """y = 1 / (1 + e⁻ˣ), element by element, written so that no exponential overflows.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·y·(1 − y)  (Goodfellow et al., Deep Learning, 3.10).

    Why:
        y[i] = 1 / (1 + exp(−x[i]))
        ∂y[i]/∂x[i] = exp(−x[i]) / (1 + exp(−x[i]))² = y[i]·(1 − y[i])
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·y[i]·(1 − y[i])
        (I) → (I)
        grad_x = grad_y * y * (1 - y)
    """
    e = np.exp(-np.abs(x))
    y = np.where(x >= 0, 1, e) / (1 + e)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * y * (1 - y),)

    return y, backward


def tanh(x: Array) -> tuple[Array, Backward]:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), the hyperbolic tangent, element by element.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·(1 − y²)  (Goodfellow et al., Deep Learning, 6.3.2).

    Why:
        y[i] = (exp(x[i]) − exp(−x[i])) / (exp(x[i]) + exp(−x[i]))
        ∂y[i]/∂x[i] = 1 − (exp(x[i]) − exp(−x[i]))² / (exp(x[i]) + exp(−x[i]))² = 1 − y[i]²
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·(1 − y[i]²)
        (I) → (I)
        grad_x = grad_y * (1 - y * y)
    """
    y = np.tanh(x)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * (1 - y * y),)

    return y, backward


def swish(x: Array) -> tuple[Array, Backward]:
    """y = x·sigmoid(x), element by element, also called SiLU.

    x (any shape) → y (the same).  With s = sigmoid(x), ∂L/∂x = ∂L/∂y·(s + y·(1 − s))  (Ramachandran et al. 2017,
    arXiv:1710.05941; Elfwing et al. 2018, arXiv:1702.03118).

    Why:
        s[i] = σ(x[i])
        y[i] = x[i]·s[i]
        ∂s[i]/∂x[i] = s[i]·(1 − s[i])
        ∂y[i]/∂x[i] = s[i] + x[i]·∂s[i]/∂x[i] = s[i] + y[i]·(1 − s[i])
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·(s[i] + y[i]·(1 − s[i]))
        (I) → (I)
        grad_x = grad_y * (s + y * (1 - s))
    """
    e = np.exp(-np.abs(x))
    s = np.where(x >= 0, 1, e) / (1 + e)
    y = x * s

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * (s + y * (1 - s)),)

    return y, backward


def mish(x: Array) -> tuple[Array, Backward]:
    """y = x·tanh(ln(1 + eˣ)), element by element: x times a gate between 0 and 1, as in swish.

    x (any shape) → y (the same).  With t = tanh(ln(1 + eˣ)), ∂L/∂x = ∂L/∂y·(t + x·(1 − t²)·sigmoid(x))  (Misra 2019,
    arXiv:1908.08681).

    Why:
        t[i] = tanh(log(1 + exp(x[i])))
        y[i] = x[i]·t[i]
        ∂t[i]/∂x[i] = (1 − t[i]²)·σ(x[i])
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·(t[i] + x[i]·∂t[i]/∂x[i])
        (I) → (I)
        grad_x = grad_y * (t + x * (1 - t * t) * sigmoid(x)[0])
    """
    t = np.tanh(softplus(x)[0])

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * (t + x * (1 - t * t) * sigmoid(x)[0]),)

    return x * t, backward


def log_sigmoid(x: Array) -> tuple[Array, Backward]:
    """y = ln sigmoid(x) = −ln(1 + e⁻ˣ), element by element, written so that no exponential overflows.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·sigmoid(−x)  (Goodfellow et al., Deep Learning, 3.10).

    Why:
        y[i] = log(σ(x[i])) = −log(1 + exp(−x[i]))
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·exp(−x[i]) / (1 + exp(−x[i])) = ∂L/∂y[i]·σ(−x[i])
        (I) → (I)
        grad_x = grad_y / (1 + np.exp(x))
    """
    e = np.exp(-np.abs(x))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * np.where(x >= 0, e, 1) / (1 + e),)

    return np.minimum(x, 0) - np.log1p(e), backward


def gelu(x: Array) -> tuple[Array, Backward]:
    """y = x·Φ(x), element by element, where Φ(x) = ½·(1 + erf(x/√2)) is the normal distribution function.

    x (any shape) → y (the same).  With its density φ(x) = e^(−x²/2) / √(2π), ∂L/∂x = ∂L/∂y·(Φ(x) + x·φ(x))
    (Hendrycks & Gimpel 2016, arXiv:1606.08415).

    Why:
        y[i] = x[i]·Φ(x[i])
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·(Φ(x[i]) + x[i]·φ(x[i]))
        (I) → (I)
        grad_x = grad_y * (0.5 * (1 + special.erf(x / 2**0.5)) + x * np.exp(-0.5 * x * x) / (2 * np.pi) ** 0.5)
    """
    below = 0.5 * (1 + special.erf(x / 2**0.5))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        density = np.exp(-0.5 * x * x) / (2 * np.pi) ** 0.5
        return (grad_y * (below + x * density),)

    return x * below, backward


def gelu_tanh(x: Array) -> tuple[Array, Backward]:
    """y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), element by element: gelu by a fast approximation.

    x (any shape) → y (the same).  With t the hyperbolic tangent, ∂L/∂x = ∂L/∂y·½·(1 + t + x·(1 − t²)·∂/∂x of its
    argument)  (Hendrycks & Gimpel 2016, arXiv:1606.08415).

    Why:
        t[i] = tanh(√(2 / π)·(x[i] + 0.044715·x[i]³))
        y[i] = x[i]·(1 + t[i]) / 2
        ∂t[i]/∂x[i] = (1 − t[i]²)·√(2 / π)·(1 + 3·0.044715·x[i]²)
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·(1 + t[i] + x[i]·∂t[i]/∂x[i]) / 2
        slope[i] = √(2 / π)·(1 + 3·0.044715·x[i]²)
        (I) → (I)
        grad_x = grad_y * 0.5 * (1 + t + x * (1 - t * t) * slope)
    """
    scale = (2 / np.pi) ** 0.5
    t = np.tanh(scale * (x + 0.044715 * x * x * x))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        slope = scale * (1 + 3 * 0.044715 * x * x)
        return (grad_y * 0.5 * (1 + t + x * (1 - t * t) * slope),)

    return 0.5 * x * (1 + t), backward


def softmax(x: Array, *, axis: int = -1) -> tuple[Array, Backward]:
    """y = eˣ / Σ eˣ along an axis, the last one unless told otherwise.

    x (…, C) scores → y (…, C), each row of which sums to 1.  The largest score of a row is subtracted before exp, which
    would overflow.  ∂L/∂x = y·(∂L/∂y − Σ ∂L/∂y·y)  (Goodfellow et al., Deep Learning, 6.2.2.3).

    Why:
        y[n,k] = exp(x[n,k]) / Σ_c exp(x[n,c])
        ∂y[n,k]/∂x[n,c] = [k = c]·y[n,k] − y[n,k]·y[n,c]
        ∂L/∂x[n,c] = Σ_k ∂L/∂y[n,k]·∂y[n,k]/∂x[n,c] = Σ_k ∂L/∂y[n,k]·y[n,k]·([k = c] − y[n,c])
        = y[n,c]·(∂L/∂y[n,c] − Σ_k ∂L/∂y[n,k]·y[n,k])
        (N, C) → (N, C)
        grad_x = y * (grad_y - np.sum(grad_y * y, axis=1, keepdims=True))
    """
    if not x.ndim or not x.size:
        raise ValueError("x must be (…, C) with at least one score")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"x has no axis {axis}")
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    y = e / np.sum(e, axis=axis, keepdims=True)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (y * (grad_y - np.sum(grad_y * y, axis=axis, keepdims=True)),)

    return y, backward


def log_softmax(x: Array, *, axis: int = -1) -> tuple[Array, Backward]:
    """y = x − ln Σ eˣ along an axis, the last one unless told otherwise: the logarithm of softmax.

    x (…, C) scores → y (…, C).  The largest score of a row is subtracted first, as in softmax.
    ∂L/∂x = ∂L/∂y − softmax(x)·Σ ∂L/∂y  (Goodfellow et al., Deep Learning, 6.2.2.3).

    Why:
        y[n,k] = x[n,k] − log(Σ_c exp(x[n,c]))
        p[n,c] = exp(x[n,c]) / Σ_k exp(x[n,k]) = exp(y[n,c])
        ∂y[n,k]/∂x[n,c] = [k = c] − p[n,c]
        ∂L/∂x[n,c] = Σ_k ∂L/∂y[n,k]·∂y[n,k]/∂x[n,c] = Σ_k ∂L/∂y[n,k]·([k = c] − p[n,c])
        = ∂L/∂y[n,c] − p[n,c]·Σ_k ∂L/∂y[n,k]
        (N, C) → (N, C)
        grad_x = grad_y - np.exp(y) * np.sum(grad_y, axis=1, keepdims=True)
    """
    if not x.ndim or not x.size:
        raise ValueError("x must be (…, C) with at least one score")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"x has no axis {axis}")
    shifted = x - np.max(x, axis=axis, keepdims=True)
    y = shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y - np.exp(y) * np.sum(grad_y, axis=axis, keepdims=True),)

    return y, backward
