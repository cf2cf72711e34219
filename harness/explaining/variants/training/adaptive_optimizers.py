"""Rules that are easily mistaken for those of Adam's and RMSprop's relatives."""

from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import Variant, Variants


def dampened_from_the_first(
    w: Array, grad_w: Array, v: Array, *, t: int, lr: float, momentum: float, dampening: float
) -> tuple[Array, Array]:
    """v ← momentum·v + (1 − dampening)·∂L/∂w at every update."""
    v = momentum * v + (1 - dampening) * grad_w
    return w - lr * v, v


def not_dampened(
    w: Array, grad_w: Array, v: Array, *, t: int, lr: float, momentum: float, dampening: float
) -> tuple[Array, Array]:
    """v ← momentum·v + ∂L/∂w."""
    return numpy_manual.momentum(w, grad_w, v, lr=lr, momentum=momentum)


def rmsprop_with_momentum_of_steps(
    w: Array, grad_w: Array, v: Array, b: Array, *, lr: float, momentum: float, alpha: float, eps: float
) -> tuple[Array, Array, Array]:
    """b ← momentum·b + lr·∂L/∂w / (√v + eps),  w ← w − b (TensorFlow's)."""
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    b = momentum * b + lr * grad_w / (np.sqrt(v) + eps)
    return w - b, v, b


def rmsprop_with_momentum_eps_inside(
    w: Array, grad_w: Array, v: Array, b: Array, *, lr: float, momentum: float, alpha: float, eps: float
) -> tuple[Array, Array, Array]:
    """b ← momentum·b + ∂L/∂w / √(v + eps)."""
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    b = momentum * b + grad_w / np.sqrt(v + eps)
    return w - lr * b, v, b


def unlimited_smorms3(
    w: Array, grad_w: Array, length: Array, g: Array, v: Array, *, lr: float, eps: float
) -> tuple[Array, Array, Array, Array]:
    """w ← w − g²/v·∂L/∂w / (√v + eps), however large that is."""
    return numpy_manual.smorms3(w, grad_w, length, g, v, lr=np.inf, eps=eps)


def smorms3_from_length_zero(
    w: Array, grad_w: Array, length: Array, g: Array, v: Array, *, lr: float, eps: float
) -> tuple[Array, Array, Array, Array]:
    """A first update whose length starts at 0."""
    return numpy_manual.smorms3(w, grad_w, length - 1, g, v, lr=lr, eps=eps)


def adamax_of_squares(
    w: Array, grad_w: Array, m: Array, u: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """u ← max(β₂·u, g² + eps)."""
    m = beta1 * m + (1 - beta1) * grad_w
    u = np.maximum(beta2 * u, grad_w * grad_w + eps)
    return w - lr / (1 - beta1**t) * m / u, m, u


def adamax_with_eps_at_the_step(
    w: Array, grad_w: Array, m: Array, u: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """u ← max(β₂·u, |g|),  w ← w − lr / (1 − β₁ᵗ)·m / (u + eps)."""
    m = beta1 * m + (1 - beta1) * grad_w
    u = np.maximum(beta2 * u, np.abs(grad_w))
    return w - lr / (1 - beta1**t) * m / (u + eps), m, u


def uncorrected_adamax(
    w: Array, grad_w: Array, m: Array, u: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """w ← w − lr·m / u."""
    _, m, u = numpy_manual.adamax(w, grad_w, m, u, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    return w - lr * m / u, m, u


def nadam_without_look_ahead(
    w: Array, grad_w: Array, m: Array, v: Array, mu: Array, *, t: int, momentum_decay: float, **settings: Any
) -> tuple[Array, Array, Array, Array]:
    """Adam's step."""
    *_, mu = numpy_manual.nadam(w, grad_w, m, v, mu, t=t, momentum_decay=momentum_decay, **settings)
    return (*numpy_manual.adam(w, grad_w, m, v, t=t, **settings), mu)


def nadam_from_zero(
    w: Array, grad_w: Array, m: Array, v: Array, mu: Array, *, t: int, **settings: Any
) -> tuple[Array, Array, Array, Array]:
    """The product of the momenta stays at 0."""
    return numpy_manual.nadam(w, grad_w, m, v, 0 * mu, t=t, **settings)


def nadam_with_a_constant_momentum(
    w: Array,
    grad_w: Array,
    m: Array,
    v: Array,
    mu: Array,
    *,
    t: int,
    beta1: float,
    momentum_decay: float,
    **settings: Any,
) -> tuple[Array, Array, Array, Array]:
    """Every μₜ is β₁, so that mu is β₁ᵗ."""
    return _nadam(w, grad_w, m, v, mu, beta1, t=t, beta1=beta1, **settings)


def unrectified_radam(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """Momentum where ρₜ ≤ 5, then Adam's step with eps beside √v, without the factor r."""
    m = beta1 * m + (1 - beta1) * grad_w
    v = beta2 * v + (1 - beta2) * grad_w * grad_w
    rho_t = 2 / (1 - beta2) - 1 - 2 * t * beta2**t / (1 - beta2**t)
    divided = m * (1 - beta2**t) ** 0.5 / (np.sqrt(v) + eps) if rho_t > 5 else m
    return w - lr / (1 - beta1**t) * divided, m, v


def radam_rectified_above_four(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """RAdam with the paper's limit, 4: where ρₜ lies between 4 and 5 its step is divided, too."""
    w_next, m, v = numpy_manual.radam(w, grad_w, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    rho = 2 / (1 - beta2) - 1
    rho_t = rho - 2 * t * beta2**t / (1 - beta2**t)
    if not 4 < rho_t <= 5:
        return w_next, m, v
    ratio = (rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t)
    return w - lr / (1 - beta1**t) * m * (ratio * (1 - beta2**t)) ** 0.5 / (np.sqrt(v) + eps), m, v


def nadam_looking_at_this_update(
    w: Array,
    grad_w: Array,
    m: Array,
    v: Array,
    mu: Array,
    *,
    t: int,
    beta1: float,
    momentum_decay: float,
    **settings: Any,
) -> tuple[Array, Array, Array, Array]:
    """μₜ in place of μₜ₊₁."""
    now = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))
    return _nadam(w, grad_w, m, v, mu, now, t=t, beta1=beta1, **settings)


def _nadam(
    w: Array,
    grad_w: Array,
    m: Array,
    v: Array,
    mu: Array,
    momentum: float,
    *,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> tuple[Array, Array, Array, Array]:
    """NAdam's step where μₜ and μₜ₊₁ are one momentum."""
    _, m, v = numpy_manual.adam(w, grad_w, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    mu = mu * momentum
    ahead = (1 - momentum) / (1 - mu) * grad_w + momentum / (1 - mu * momentum) * m
    return w - lr * ahead / (np.sqrt(v / (1 - beta2**t)) + eps), m, v, mu


def lion_of_the_kept_mean(
    w: Array, grad_w: Array, m: Array, *, lr: float, beta1: float, beta2: float, weight_decay: float
) -> tuple[Array, Array]:
    """w ← w − lr·weight_decay·w − lr·sign(m) with the new m."""
    m = beta2 * m + (1 - beta2) * grad_w
    return (1 - lr * weight_decay) * w - lr * np.sign(m), m


def lion_of_the_gradient(
    w: Array, grad_w: Array, m: Array, *, lr: float, beta1: float, beta2: float, weight_decay: float
) -> tuple[Array, Array]:
    """w ← w − lr·weight_decay·w − lr·sign(∂L/∂w), without any mean."""
    return (1 - lr * weight_decay) * w - lr * np.sign(grad_w), beta2 * m + (1 - beta2) * grad_w


def undecayed_lion(w: Array, grad_w: Array, m: Array, *, weight_decay: float, **settings: Any) -> tuple[Array, Array]:
    """Lion without its decay."""
    return numpy_manual.lion(w, grad_w, m, weight_decay=0.0, **settings)


ADAPTIVE_OPTIMIZERS: Variants = {
    numpy_manual.dampened_momentum: (
        Variant("the first gradient is dampened, too", dampened_from_the_first),
        Variant("no gradient is dampened", not_dampened),
    ),
    numpy_manual.rmsprop_eps_inside: (
        Variant("eps is added outside of the root", numpy_manual.rmsprop, "rmsprop_eps_inside_sqrt"),
    ),
    numpy_manual.rmsprop_with_momentum: (
        Variant("the velocity has the learning rate in it", rmsprop_with_momentum_of_steps),
        Variant("eps is added inside the root", rmsprop_with_momentum_eps_inside),
    ),
    numpy_manual.smorms3: (
        Variant("the steps are not limited by lr", unlimited_smorms3),
        Variant("the length is less by 1, as where it starts at 0", smorms3_from_length_zero),
    ),
    numpy_manual.adamax: (
        Variant("the largest of the squared gradients is kept", adamax_of_squares),
        Variant("eps is added where the step is divided, not to the gradient's size", adamax_with_eps_at_the_step),
        Variant("m's bias is not corrected", uncorrected_adamax),
    ),
    numpy_manual.nadam: (
        Variant("the step is Adam's, without a look ahead", nadam_without_look_ahead),
        Variant("the momentum is beta1 from the first update on", nadam_with_a_constant_momentum),
        Variant("the product of the momenta is 0, as where it starts at 0", nadam_from_zero),
        Variant("the momentum that looks ahead is that of this update, not of the next", nadam_looking_at_this_update),
    ),
    numpy_manual.radam: (
        Variant("the step is not rectified", unrectified_radam),
        Variant("the step is Adam's", numpy_manual.adam),
        Variant("the step is rectified where ρ is above 4, not 5", radam_rectified_above_four),
    ),
    numpy_manual.lion: (
        Variant("the sign is that of the mean that is kept", lion_of_the_kept_mean),
        Variant("the sign is that of the gradient", lion_of_the_gradient),
        Variant("the weights don't decay", undecayed_lion),
    ),
}
"""The rules that are easily mistaken for another."""
