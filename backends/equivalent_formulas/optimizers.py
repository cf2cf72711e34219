"""Optimizers by other formulas."""

import numpy as np

from backends.contract import Array


def adam_by_differences(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """m ← m + (1 − β₁)·(g − m),  v ← v + (1 − β₂)·(g² − v), then Adam's step: one product fewer each."""
    m = m + (1 - beta1) * (grad_w - m)
    v = v + (1 - beta2) * (grad_w * grad_w - v)
    deviation = np.sqrt(v / (1 - beta2**t)) + eps
    return w - lr / (1 - beta1**t) * m / deviation, m, v


def amsgrad_by_differences(
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
    """The moments as in adam_by_differences, then AMSGrad's step."""
    m = m + (1 - beta1) * (grad_w - m)
    v = v + (1 - beta2) * (grad_w * grad_w - v)
    v_max = np.maximum(v_max, v)
    deviation = np.sqrt(v_max / (1 - beta2**t)) + eps
    return w - lr / (1 - beta1**t) * m / deviation, m, v, v_max


def adamw_by_differences(
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
    """w ← w − lr·weight_decay·w, then Adam's step by differences."""
    decayed = (1 - lr * weight_decay) * w
    return adam_by_differences(decayed, grad_w, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def adamax_by_differences(
    w: Array, grad_w: Array, m: Array, u: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """m ← m + (1 − β₁)·(g − m), then AdaMax's step."""
    m = m + (1 - beta1) * (grad_w - m)
    u = np.maximum(beta2 * u, np.abs(grad_w) + eps)
    return w - lr / (1 - beta1**t) * m / u, m, u


def nadam_by_differences(
    w: Array,
    grad_w: Array,
    m: Array,
    v: Array,
    mu: Array,
    *,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    momentum_decay: float,
) -> tuple[Array, Array, Array, Array]:
    """m ← m + (1 − β₁)·(g − m), then NAdam's step."""
    now = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))
    later = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
    mu = mu * now
    m = m + (1 - beta1) * (grad_w - m)
    v = beta2 * v + (1 - beta2) * grad_w * grad_w
    deviation = np.sqrt(v / (1 - beta2**t)) + eps
    along_gradient = w - lr * (1 - now) / (1 - mu) * grad_w / deviation
    return along_gradient - lr * later / (1 - mu * later) * m / deviation, m, v, mu


def radam_by_differences(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """m ← m + (1 − β₁)·(g − m), then RAdam's step."""
    m = m + (1 - beta1) * (grad_w - m)
    v = beta2 * v + (1 - beta2) * grad_w * grad_w
    correction, rho = 1 - beta2**t, 2 / (1 - beta2) - 1
    rho_t = rho - 2 * t * beta2**t / correction
    step = lr / (1 - beta1**t) * m
    if rho_t > 5:
        ratio = (rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t)
        step = (ratio * correction) ** 0.5 * step / (np.sqrt(v) + eps)
    return w - step, m, v


def adadelta_by_quotient(
    w: Array, grad_w: Array, v: Array, u: Array, *, rho: float, eps: float
) -> tuple[Array, Array, Array]:
    """d = √((u + eps) / (v + eps))·g with one root: the quotient is 0 or nearly so where g² is huge."""
    v = rho * v + (1 - rho) * grad_w * grad_w
    step = np.sqrt((u + eps) / (v + eps)) * grad_w
    return w - step, v, rho * u + (1 - rho) * step * step
