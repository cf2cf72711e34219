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


def nesterov(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·(∂L/∂w + momentum·v): a look ahead along the new velocity.

    Any shape; v starts at 0. PyTorch's rule, which is Nesterov's in the form of Sutskever et al. 2013.
    """
    v = momentum * v + grad_w
    return w - lr * (grad_w + momentum * v), v


def nesterov_ag(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v − lr·∂L/∂w,  w ← w + momentum²·v − (1 + momentum)·lr·∂L/∂w.

    Any shape; v starts at 0. The rule of Chainer's NesterovAG, after Bengio et al. 2013 (arXiv:1212.0901), whose
    formula has the old velocity where this one has the new one; not the same rule as nesterov.
    """
    v = momentum * v - lr * grad_w
    return w + momentum * momentum * v - (1 + momentum) * lr * grad_w, v


def adagrad(w: Array, grad_w: Array, h: Array, *, lr: float, eps: float) -> tuple[Array, Array]:
    """h ← h + (∂L/∂w)²,  w ← w − lr·∂L/∂w / (√h + eps).  Any shape; h starts at 0 (Duchi et al. 2011)."""
    h = h + grad_w * grad_w
    return w - lr * grad_w / (np.sqrt(h) + eps), h


def rmsprop(w: Array, grad_w: Array, v: Array, *, lr: float, alpha: float, eps: float) -> tuple[Array, Array]:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / (√v + eps).

    Any shape; v starts at 0 (Tieleman & Hinton 2012, lecture 6.5).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    return w - lr * grad_w / (np.sqrt(v) + eps), v


def adadelta(w: Array, grad_w: Array, v: Array, u: Array, *, rho: float, eps: float) -> tuple[Array, Array, Array]:
    """v ← rho·v + (1 − rho)·g²,  d = √((u + eps) / (v + eps))·g,  u ← rho·u + (1 − rho)·d²,  w ← w − d, with g = ∂L/∂w.

    Any shape; v and u, the running means of squared gradients and of squared steps, start at 0 (Zeiler 2012,
    arXiv:1212.5701, Algorithm 1).
    """
    v = rho * v + (1 - rho) * grad_w * grad_w
    step = np.sqrt(u + eps) / np.sqrt(v + eps) * grad_w
    return w - step, v, rho * u + (1 - rho) * step * step


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


def amsgrad(
    w: Array,
    grad_w: Array,
    m: Array,
    v: Array,
    v_max: Array,
    *,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> tuple[Array, Array, Array, Array]:
    """Adam with v_max ← max(v_max, v) in place of v where the step is divided.

    Any shape; v_max starts at 0; the rest is as in adam (Reddi et al. 2018, arXiv:1904.09237, Algorithm 2, with Adam's
    bias correction as PyTorch and Chainer have it).
    """
    m = beta1 * m + (1 - beta1) * grad_w
    v = beta2 * v + (1 - beta2) * grad_w * grad_w
    v_max = np.maximum(v_max, v)
    deviation = np.sqrt(v_max / (1 - beta2**t)) + eps
    return w - lr / (1 - beta1**t) * m / deviation, m, v, v_max


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


def weight_decay(w: Array, grad_w: Array, *, rate: float) -> Array:
    """∂L/∂w + rate·w: the gradient of the loss with rate/2·‖w‖² added to it (Krogh & Hertz 1992)."""
    return grad_w + rate * w
