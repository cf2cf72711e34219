"""The optimizers' rules for one weight: `momentum(w, grad_w, v, *, lr, momentum)` returns the new w and v.

Every rule computes each element from the elements in the same place; `backends.rules.is_elementwise` relies on it.
State starts at 0, or at the default that the signature gives it; where a scenario sets `initial_v`, v starts at that.
"""

import numpy as np

from backends.contract import Array


def sgd(w: Array, grad_w: Array, *, lr: float) -> Array:
    """w ← w − lr·∂L/∂w.  Any shape; lr is the learning rate (Robbins & Monro 1951)."""
    return w - lr * grad_w


def momentum(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·v.  Any shape; v starts at 0 (Polyak 1964; Sutskever et al. 2013)."""
    v = momentum * v + grad_w
    return w - lr * v, v


def dampened_momentum(
    w: Array, grad_w: Array, v: Array, *, t: int, lr: float, momentum: float, dampening: float
) -> tuple[Array, Array]:
    """v ← momentum·v + (1 − dampening)·∂L/∂w, but all of ∂L/∂w at the first step,  w ← w − lr·v.

    Any shape; v starts at 0; t is the number of the step (Polyak 1964, dampened as in PyTorch's SGD).
    """
    taken = 1 - dampening * (t > 1)
    v = momentum * v + taken * grad_w
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
    """h ← h + (∂L/∂w)²,  w ← w − lr·∂L/∂w / (√h + eps).  Any shape; h starts at 0 or initial_h (Duchi et al. 2011)."""
    h = h + grad_w * grad_w
    return w - lr * grad_w / (np.sqrt(h) + eps), h


def rmsprop(w: Array, grad_w: Array, v: Array, *, lr: float, alpha: float, eps: float) -> tuple[Array, Array]:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / (√v + eps).

    Any shape; v starts at 0 or initial_v (Tieleman & Hinton 2012, lecture 6.5).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    return w - lr * grad_w / (np.sqrt(v) + eps), v


def rmsprop_eps_inside(
    w: Array, grad_w: Array, v: Array, *, lr: float, alpha: float, eps: float
) -> tuple[Array, Array]:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / √(v + eps).

    Any shape; v starts at 0 or initial_v (Tieleman & Hinton 2012, lecture 6.5, with eps as Chainer's eps_inside_sqrt
    puts it).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    return w - lr * grad_w / np.sqrt(v + eps), v


def rmsprop_with_momentum(
    w: Array, grad_w: Array, v: Array, b: Array, *, lr: float, momentum: float, alpha: float, eps: float
) -> tuple[Array, Array, Array]:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  b ← momentum·b + ∂L/∂w / (√v + eps),  w ← w − lr·b.

    Any shape; v starts at 0 or initial_v, b at 0 (Tieleman & Hinton 2012, lecture 6.5, with momentum as in PyTorch).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    b = momentum * b + grad_w / (np.sqrt(v) + eps)
    return w - lr * b, v, b


def rmsprop_centered(
    w: Array, grad_w: Array, v: Array, g: Array, *, lr: float, alpha: float, eps: float
) -> tuple[Array, Array, Array]:
    """v and g, running means of (∂L/∂w)² and of ∂L/∂w,  w ← w − lr·∂L/∂w / (√(v − g²) + eps).

    v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  g ← alpha·g + (1 − alpha)·∂L/∂w: v − g² is the gradient's variance.  Any
    shape; v and g start at 0 (Graves 2013, arXiv:1308.0850, section 4.2, with eps as in PyTorch's RMSprop).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    g = alpha * g + (1 - alpha) * grad_w
    return w - lr * grad_w / (np.sqrt(v - g * g) + eps), v, g


def rmsprop_graves(
    w: Array, grad_w: Array, v: Array, g: Array, delta: Array, *, lr: float, momentum: float, alpha: float, eps: float
) -> tuple[Array, Array, Array, Array]:
    """v and g as in rmsprop_centered,  delta ← momentum·delta − lr·∂L/∂w / √(v − g² + eps),  w ← w + delta.

    Any shape; v, g and delta, the step, start at 0 (Graves 2013, arXiv:1308.0850, equations 38 to 41).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    g = alpha * g + (1 - alpha) * grad_w
    delta = momentum * delta - lr * grad_w / np.sqrt(v - g * g + eps)
    return w + delta, v, g, delta


def smorms3(
    w: Array,
    grad_w: Array,
    length: Array = 1,  # type: ignore[assignment]
    g: Array = 0,  # type: ignore[assignment]
    v: Array = 0,  # type: ignore[assignment]
    *,
    lr: float,
    eps: float,
) -> tuple[Array, Array, Array, Array]:
    """g and v, means of ∂L/∂w and its square over about `length` updates,  w ← w − min(g²/v, lr)·∂L/∂w / (√v + eps).

    r = 1 / (length + 1),  g ← (1 − r)·g + r·∂L/∂w,  v ← (1 − r)·v + r·(∂L/∂w)²,  length ← 1 + length·(1 − g²/v), with
    v + eps where g² is divided.  Any shape; length starts at 1, g and v at 0 (S. Funk 2015, RMSprop loses to SMORMS3;
    as in Chainer).
    """
    r = 1 / (length + 1)
    g = (1 - r) * g + r * grad_w
    v = (1 - r) * v + r * grad_w * grad_w
    steadiness = g * g / (v + eps)
    step = grad_w * np.minimum(steadiness, lr) / (np.sqrt(v) + eps)
    return w - step, 1 + length * (1 - steadiness), g, v


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


def weight_decay(w: Array, grad_w: Array, *, rate: float) -> Array:
    """∂L/∂w + rate·w: the gradient of the loss with rate/2·‖w‖² added to it (Krogh & Hertz 1992)."""
    return grad_w + rate * w


def weight_average(average: Array, w: Array, *, share: float) -> Array:
    """average ← share·average + (1 − share)·w, with the new w; it starts at the first w (Polyak & Juditsky 1992)."""
    return share * average + (1 - share) * w
