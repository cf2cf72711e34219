"""Rules that are easily mistaken for those that estimate a variance, or keep their rates between bounds."""

from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import Variant, Variants, with_settings

WIDE = 1e-300
"""A gamma by which the lower bound stays at 0 and the upper one is out of reach."""


def rmsprop_with_the_mean_added(
    w: Array, grad_w: Array, v: Array, g: Array, *, lr: float, alpha: float, eps: float
) -> tuple[Array, Array, Array]:
    """w ← w − lr·∂L/∂w / (√(v + g²) + eps)."""
    _, v, g = numpy_manual.rmsprop_centered(w, grad_w, v, g, lr=lr, alpha=alpha, eps=eps)
    return w - lr * grad_w / (np.sqrt(v + g * g) + eps), v, g


def uncentered_rmsprop(
    w: Array, grad_w: Array, v: Array, g: Array, *, lr: float, alpha: float, eps: float
) -> tuple[Array, Array, Array]:
    """w ← w − lr·∂L/∂w / (√v + eps)."""
    _, v, g = numpy_manual.rmsprop_centered(w, grad_w, v, g, lr=lr, alpha=alpha, eps=eps)
    return w - lr * grad_w / (np.sqrt(v) + eps), v, g


def rmsprop_centered_eps_inside(
    w: Array, grad_w: Array, v: Array, g: Array, *, lr: float, alpha: float, eps: float
) -> tuple[Array, Array, Array]:
    """w ← w − lr·∂L/∂w / √(v − g² + eps)."""
    _, v, g = numpy_manual.rmsprop_centered(w, grad_w, v, g, lr=lr, alpha=alpha, eps=eps)
    return w - lr * grad_w / np.sqrt(v - g * g + eps), v, g


def rmsprop_graves_eps_outside(
    w: Array, grad_w: Array, v: Array, g: Array, delta: Array, *, lr: float, momentum: float, alpha: float, eps: float
) -> tuple[Array, Array, Array, Array]:
    """delta ← momentum·delta − lr·∂L/∂w / (√(v − g²) + eps)."""
    _, v, g = numpy_manual.rmsprop_centered(w, grad_w, v, g, lr=lr, alpha=alpha, eps=eps)
    delta = momentum * delta - lr * grad_w / (np.sqrt(v - g * g) + eps)
    return w + delta, v, g, delta


def uncentered_rmsprop_graves(
    w: Array, grad_w: Array, v: Array, g: Array, delta: Array, *, lr: float, momentum: float, alpha: float, eps: float
) -> tuple[Array, Array, Array, Array]:
    """delta ← momentum·delta − lr·∂L/∂w / √(v + eps)."""
    _, v, g = numpy_manual.rmsprop_centered(w, grad_w, v, g, lr=lr, alpha=alpha, eps=eps)
    delta = momentum * delta - lr * grad_w / np.sqrt(v + eps)
    return w + delta, v, g, delta


def adabound_without_correction(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, **settings: Any
) -> tuple[Array, Array, Array]:
    """rate = lr / (√v + eps), clipped."""
    uncorrected = lr * (1 - beta1**t) / (1 - beta2**t) ** 0.5
    scaled = settings | {"first_lr": settings["first_lr"] * uncorrected / lr}
    return numpy_manual.adabound(w, grad_w, m, v, t=t, lr=uncorrected, beta1=beta1, beta2=beta2, **scaled)


def adabound_with_steps_clipped(
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
    """w ← w − clip(rate·m): the whole step is clipped, not the rate."""
    _, m, v = numpy_manual.adam(w, grad_w, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    step = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) / (np.sqrt(v) + eps) * m
    final = final_lr * lr / first_lr
    return w - np.clip(step, final * (1 - 1 / (gamma * t + 1)), final * (1 + 1 / (gamma * t))), m, v


def adabound_beside_the_schedule(
    w: Array, grad_w: Array, m: Array, v: Array, *, first_lr: float, lr: float, **settings: Any
) -> tuple[Array, Array, Array]:
    """The bounds stay where they are when the learning rate changes."""
    return numpy_manual.adabound(w, grad_w, m, v, first_lr=lr, lr=lr, **settings)


def amsbound_beside_the_schedule(
    w: Array, grad_w: Array, m: Array, v: Array, v_max: Array, *, first_lr: float, lr: float, **settings: Any
) -> tuple[Array, Array, Array, Array]:
    """The bounds stay where they are when the learning rate changes."""
    return numpy_manual.amsbound(w, grad_w, m, v, v_max, first_lr=lr, lr=lr, **settings)


def amsbound_of_the_mean(
    w: Array, grad_w: Array, m: Array, v: Array, v_max: Array, **settings: Any
) -> tuple[Array, Array, Array, Array]:
    """AdaBound's step, and v in place of the largest v so far."""
    w, m, v = numpy_manual.adabound(w, grad_w, m, v, **settings)
    return w, m, v, v


def _moments(grad_w: Array, m: Array, v: Array, beta: float) -> tuple[Array, Array]:
    return beta * m + (1 - beta) * grad_w, beta * v + (1 - beta) * grad_w * grad_w


def _rho(beta: float, t: int) -> float:
    return min((1 - beta) * (1 + beta**t) / ((1 + beta) * (1 - beta**t)), 0.9999)


def _share_of_the_step(mean: Array, v: Array, variance_of_mean: Array) -> Array:
    """mean² / (mean² + its variance), between 0 and 1; as in msvag 0 where all gradients were 0, which is 0 / 0."""
    return np.clip(np.where(v > 0, mean * mean / (mean * mean + variance_of_mean), 0), 0, 1)


def momentum_without_variance(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta: float
) -> tuple[Array, Array, Array]:
    """w ← w − lr·m̂."""
    m, v = _moments(grad_w, m, v, beta)
    return w - lr / (1 - beta**t) * m, m, v


def uncorrected_msvag(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta: float
) -> tuple[Array, Array, Array]:
    """m and v in place of m̂ and v̂."""
    m, v = _moments(grad_w, m, v, beta)
    rho = _rho(beta, t)
    return w - lr * m * _share_of_the_step(m, v, rho * (v - m * m) / (1 - rho)), m, v


def msvag_of_squares(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta: float
) -> tuple[Array, Array, Array]:
    """s = v̂ / (1 − ρ): the mean of the squares in place of the variance."""
    m, v = _moments(grad_w, m, v, beta)
    rho, mean = _rho(beta, t), m / (1 - beta**t)
    return w - lr * mean * _share_of_the_step(mean, v, rho * v / (1 - beta**t) / (1 - rho)), m, v


def msvag_with_a_constant_rho(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta: float
) -> tuple[Array, Array, Array]:
    """ρ = (1 − β) / (1 + β) at every update."""
    m, v = _moments(grad_w, m, v, beta)
    rho, mean = (1 - beta) / (1 + beta), m / (1 - beta**t)
    variance = (v / (1 - beta**t) - mean * mean) / (1 - rho)
    return w - lr * mean * _share_of_the_step(mean, v, rho * variance), m, v


BOUNDED_OPTIMIZERS: Variants = {
    numpy_manual.rmsprop_centered: (
        Variant("the square of the mean is added, not subtracted", rmsprop_with_the_mean_added),
        Variant("the mean of the gradient is not taken off", uncentered_rmsprop),
        Variant("eps is added inside the root", rmsprop_centered_eps_inside),
    ),
    numpy_manual.rmsprop_graves: (
        Variant("eps is added outside of the root", rmsprop_graves_eps_outside, "rmsprop_graves"),
        Variant("the mean of the gradient is not taken off", uncentered_rmsprop_graves),
    ),
    numpy_manual.adabound: (
        Variant("the rate is not kept between the bounds", with_settings(numpy_manual.adabound, gamma=WIDE)),
        Variant("the bounds don't follow the schedule", adabound_beside_the_schedule),
        Variant("the bounds are those of the whole step, not of the rate", adabound_with_steps_clipped),
        Variant("the rate's bias is not corrected", adabound_without_correction),
    ),
    numpy_manual.amsbound: (
        Variant("the rate is not kept between the bounds", with_settings(numpy_manual.amsbound, gamma=WIDE)),
        Variant("the bounds don't follow the schedule", amsbound_beside_the_schedule),
        Variant("v is taken, not the largest v so far", amsbound_of_the_mean),
    ),
    numpy_manual.msvag: (
        Variant("the step is momentum's, whatever the variance is", momentum_without_variance),
        Variant("m's and v's bias is not corrected", uncorrected_msvag),
        Variant("the mean of the squares is taken for the variance", msvag_of_squares),
        Variant("rho is that of late updates from the first one on", msvag_with_a_constant_rho),
    ),
}
"""The rules that are easily mistaken for another."""
