"""The optimizers' rules for one weight: `momentum(w, grad_w, v, *, lr, momentum)` returns the new w and v."""

import numpy as np

from backends.contract import Array


def sgd(w: Array, grad_w: Array, *, lr: float) -> Array:
    """w ← w − lr·∂L/∂w.  Any shape; lr is the learning rate (Robbins & Monro 1951)."""
    return w - lr * grad_w


def momentum(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·v.  Any shape; v starts at 0 (Polyak 1964; Sutskever et al. 2013)."""
    v = momentum * v + grad_w
    return w - lr * v, v


def adam(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²,  w ← w − lr·m̂ / (√v̂ + eps), with g = ∂L/∂w.

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at update t, counted from 1; m and v start at 0.  Any shape
    (Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1).
    """
    m = beta1 * m + (1 - beta1) * grad_w
    v = beta2 * v + (1 - beta2) * grad_w * grad_w
    deviation = np.sqrt(v / (1 - beta2**t)) + eps
    return w - lr / (1 - beta1**t) * m / deviation, m, v


def adamw(
    w: Array,
    grad_w: Array,
    m: Array,
    v: Array,
    *,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> tuple[Array, Array, Array]:
    """w ← w − lr·weight_decay·w, then Adam's step: the decay is not divided by √v̂ (Loshchilov & Hutter 2019).

    Any shape; the rest is as in adam.
    """
    return adam((1 - lr * weight_decay) * w, grad_w, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
