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


def rmsprop_centered_by_differences(
    w: Array, grad_w: Array, v: Array, g: Array, *, lr: float, alpha: float, eps: float
) -> tuple[Array, Array, Array]:
    """g ← g + (1 − alpha)·(∂L/∂w − g), then the step of the centered RMSprop."""
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    g = g + (1 - alpha) * (grad_w - g)
    return w - lr * grad_w / (np.sqrt(v - g * g) + eps), v, g


def adabound_by_differences(
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
    """The moments as in adam_by_differences, then AdaBound's step."""
    m = m + (1 - beta1) * (grad_w - m)
    v = v + (1 - beta2) * (grad_w * grad_w - v)
    final = final_lr * lr / first_lr
    rate = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) / (np.sqrt(v) + eps)
    rate = np.clip(rate, final * (1 - 1 / (gamma * t + 1)), final * (1 + 1 / (gamma * t)))
    return w - rate * m, m, v


def amsbound_by_differences(
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
    """The moments as in adam_by_differences, then AMSBound's step."""
    m = m + (1 - beta1) * (grad_w - m)
    v = v + (1 - beta2) * (grad_w * grad_w - v)
    v_max = np.maximum(v_max, v)
    final = final_lr * lr / first_lr
    rate = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) / (np.sqrt(v_max) + eps)
    rate = np.clip(rate, final * (1 - 1 / (gamma * t + 1)), final * (1 + 1 / (gamma * t)))
    return w - rate * m, m, v, v_max


def msvag_by_differences(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta: float
) -> tuple[Array, Array, Array]:
    """m ← m + (1 − β)·(g − m),  v ← v + (1 − β)·(g² − v), then M-SVAG's step."""
    m = m + (1 - beta) * (grad_w - m)
    v = v + (1 - beta) * (grad_w * grad_w - v)
    rho = min((1 - beta) * (1 + beta**t) / ((1 + beta) * (1 - beta**t)), 0.9999)
    mean = m / (1 - beta**t)
    variance = (v / (1 - beta**t) - mean * mean) / (1 - rho)
    factor = np.where(v > 0, mean * mean / (mean * mean + rho * variance), 0)
    return w - lr * mean * np.clip(factor, 0, 1), m, v


def adadelta_by_quotient(
    w: Array, grad_w: Array, v: Array, u: Array, *, rho: float, eps: float
) -> tuple[Array, Array, Array]:
    """d = √((u + eps) / (v + eps))·g with one root: the quotient is 0 or nearly so where g² is huge."""
    v = rho * v + (1 - rho) * grad_w * grad_w
    step = np.sqrt((u + eps) / (v + eps)) * grad_w
    return w - step, v, rho * u + (1 - rho) * step * step
