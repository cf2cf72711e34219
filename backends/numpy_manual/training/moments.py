"""Optimizers that keep a mean of the gradients beside that of their sizes: Adam, and what came of it.

The rules are written like those of `optimizers`, and work element by element as they do.
"""

import numpy as np

from backends.contract import Array


def adam(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²,  w ← w − lr·m̂ / (√v̂ + eps), with g = ∂L/∂w.

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at step t, counted from 1; m and v start at 0.  Any shape
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


def adamax(
    w: Array, grad_w: Array, m: Array, u: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """m ← β₁·m + (1 − β₁)·g,  u ← max(β₂·u, |g| + eps),  w ← w − lr / (1 − β₁ᵗ)·m / u, with g = ∂L/∂w.

    Any shape; m and u start at 0 (Kingma & Ba 2015, arXiv:1412.6980, Algorithm 2, with eps as in PyTorch).
    """
    m = beta1 * m + (1 - beta1) * grad_w
    u = np.maximum(beta2 * u, np.abs(grad_w) + eps)
    return w - lr / (1 - beta1**t) * m / u, m, u


def nadam(
    w: Array,
    grad_w: Array,
    m: Array = 0,  # type: ignore[assignment]
    v: Array = 0,  # type: ignore[assignment]
    mu: Array = 1,  # type: ignore[assignment]
    *,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    momentum_decay: float,
) -> tuple[Array, Array, Array, Array]:
    """m and v as in adam,  w ← w − lr·((1 − μₜ) / (1 − mu)·g + μₜ₊₁ / (1 − mu·μₜ₊₁)·m) / (√v̂ + eps), with g = ∂L/∂w.

    μₜ = β₁·(1 − 0.96^(t·momentum_decay) / 2), and mu ← mu·μₜ, the product of all of them so far.  Any shape; m and v
    start at 0, mu at 1 (Dozat 2016, Incorporating Nesterov momentum into Adam, Algorithm 2, as in PyTorch).
    """
    now = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))
    later = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
    mu = mu * now
    m = beta1 * m + (1 - beta1) * grad_w
    v = beta2 * v + (1 - beta2) * grad_w * grad_w
    deviation = np.sqrt(v / (1 - beta2**t)) + eps
    along_gradient = w - lr * (1 - now) / (1 - mu) * grad_w / deviation
    return along_gradient - lr * later / (1 - mu * later) * m / deviation, m, v, mu


def radam(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """w ← w − lr·m̂·r·√(1 − β₂ᵗ) / (√v + eps), with m, v and m̂ as in adam; w ← w − lr·m̂ where ρₜ ≤ 5.

    ρ = 2 / (1 − β₂) − 1,  ρₜ = ρ − 2·t·β₂ᵗ / (1 − β₂ᵗ),  r = √((ρₜ − 4)·(ρₜ − 2)·ρ / ((ρ − 4)·(ρ − 2)·ρₜ)).  Any
    shape; m and v start at 0 (Liu et al. 2020, arXiv:1908.03265, Algorithm 2, as in PyTorch).
    """
    m = beta1 * m + (1 - beta1) * grad_w
    v = beta2 * v + (1 - beta2) * grad_w * grad_w
    rho = 2 / (1 - beta2) - 1
    rho_t = rho - 2 * t * beta2**t / (1 - beta2**t)
    # Factors of 1 and 0 in place of a branch: one formula for every step.
    known = rho_t > 5
    unknown = 1 - known
    ratio = known * (rho_t - 4) * (rho_t - 2) * rho / (known * (rho - 4) * (rho - 2) * rho_t + unknown)
    rectified = (ratio * (1 - beta2**t)) ** 0.5 / (np.sqrt(v) + eps) + unknown
    return w - lr / (1 - beta1**t) * m * rectified, m, v


def adabound(
    w: Array,
    grad_w: Array,
    m: Array,
    v: Array,
    *,
    t: int,
    first_lr: float,
    lr: float,
    final_lr: float,
    gamma: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> tuple[Array, Array, Array]:
    """m and v as in adam,  w ← w − rate·m with rate = lr·√(1 − β₂ᵗ) / ((1 − β₁ᵗ)·(√v + eps)), clipped by two bounds.

    They are final·(1 − 1 / (gamma·t + 1)) and final·(1 + 1 / (gamma·t)), where final = final_lr·lr / first_lr moves
    with a schedule that began at first_lr.  Any shape; m and v start at 0 (Luo et al. 2019, arXiv:1902.09843, Algorithm
    2, with Adam's bias correction as in Chainer).
    """
    m = beta1 * m + (1 - beta1) * grad_w
    v = beta2 * v + (1 - beta2) * grad_w * grad_w
    final = final_lr * lr / first_lr
    rate = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) / (np.sqrt(v) + eps)
    rate = np.clip(rate, final * (1 - 1 / (gamma * t + 1)), final * (1 + 1 / (gamma * t)))
    return w - rate * m, m, v


def amsbound(
    w: Array,
    grad_w: Array,
    m: Array,
    v: Array,
    v_max: Array,
    *,
    t: int,
    first_lr: float,
    lr: float,
    final_lr: float,
    gamma: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> tuple[Array, Array, Array, Array]:
    """AdaBound with v_max ← max(v_max, v) in place of v where the rate is divided.

    Any shape; v_max starts at 0; the rest is as in adabound (Luo et al. 2019, arXiv:1902.09843).
    """
    m = beta1 * m + (1 - beta1) * grad_w
    v = beta2 * v + (1 - beta2) * grad_w * grad_w
    v_max = np.maximum(v_max, v)
    final = final_lr * lr / first_lr
    rate = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) / (np.sqrt(v_max) + eps)
    rate = np.clip(rate, final * (1 - 1 / (gamma * t + 1)), final * (1 + 1 / (gamma * t)))
    return w - rate * m, m, v, v_max


def msvag(w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta: float) -> tuple[Array, Array, Array]:
    """w ← w − lr·m̂·m̂² / (m̂² + ρ·s) with s = (v̂ − m̂²) / (1 − ρ), an estimate of the gradient's variance.

    m ← β·m + (1 − β)·g,  v ← β·v + (1 − β)·g²,  m̂ = m / (1 − βᵗ),  v̂ = v / (1 − βᵗ) with g = ∂L/∂w, and
    ρ = (1 − β)·(1 + βᵗ) / ((1 + β)·(1 − βᵗ)), at most 0.9999.  Any shape; m and v start at 0 (Balles & Hennig 2018,
    arXiv:1705.07774, with the limit to ρ as in Chainer).
    """
    m = beta * m + (1 - beta) * grad_w
    v = beta * v + (1 - beta) * grad_w * grad_w
    rho = (1 - beta) * (1 + beta**t) / ((1 + beta) * (1 - beta**t))
    # Factors of 1 and 0 in place of a branch: one formula for every step.
    below = rho < 0.9999
    rho = below * rho + (1 - below) * 0.9999
    mean = m / (1 - beta**t)
    variance = (v / (1 - beta**t) - mean * mean) / (1 - rho)
    # Where all gradients were 0, this is 0 / 0.
    factor = np.where(v > 0, mean * mean / (mean * mean + rho * variance), 0)
    return w - lr * mean * np.clip(factor, 0, 1), m, v


def lion(
    w: Array, grad_w: Array, m: Array, *, lr: float, beta1: float, beta2: float, weight_decay: float
) -> tuple[Array, Array]:
    """w ← w − lr·weight_decay·w − lr·sign(β₁·m + (1 − β₁)·g),  m ← β₂·m + (1 − β₂)·g, with g = ∂L/∂w.

    Any shape; m starts at 0 (Chen et al. 2023, arXiv:2302.06675, Algorithm 2).
    """
    step = np.sign(beta1 * m + (1 - beta1) * grad_w)
    return (1 - lr * weight_decay) * w - lr * step, beta2 * m + (1 - beta2) * grad_w
