"""Rules that are easily mistaken for an optimizer's."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import Function, Variant, Variants

FIRST_SUM = 0.1
"""Where the sum of squares starts in TensorFlow's Adagrad."""


def dampened_momentum(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v + (1 − momentum)·∂L/∂w, a running mean of gradients (PyTorch's dampening)."""
    v = momentum * v + (1 - momentum) * grad_w
    return w - lr * v, v


def dampened_nesterov(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """The same with Nesterov's step."""
    v = momentum * v + (1 - momentum) * grad_w
    return w - lr * (grad_w + momentum * v), v


def momentum_of_steps(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v − lr·∂L/∂w,  w ← w + v (Chainer's MomentumSGD)."""
    v = momentum * v - lr * grad_w
    return w + v, v


def momentum_of_steps_back(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v + lr·∂L/∂w,  w ← w − v."""
    v = momentum * v + lr * grad_w
    return w - v, v


def nesterov_ag_of_the_paper(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """w ← w + momentum²·v − (1 + momentum)·lr·∂L/∂w with the old v (Bengio et al. 2013, arXiv:1212.0901)."""
    return w + momentum**2 * v - (1 + momentum) * lr * grad_w, momentum * v - lr * grad_w


def adagrad_with_eps_inside(w: Array, grad_w: Array, h: Array, *, lr: float, eps: float) -> tuple[Array, Array]:
    """w ← w − lr·∂L/∂w / √(h + eps)."""
    h = h + grad_w * grad_w
    return w - lr * grad_w / np.sqrt(h + eps), h


def adagrad_from_a_tenth(w: Array, grad_w: Array, h: Array, *, lr: float, eps: float) -> tuple[Array, Array]:
    """A first update whose sum of squares starts at 0.1."""
    return numpy_manual.adagrad(w, grad_w, h + FIRST_SUM, lr=lr, eps=eps)


def rmsprop_with_eps_inside(
    w: Array, grad_w: Array, v: Array, *, lr: float, alpha: float, eps: float
) -> tuple[Array, Array]:
    """w ← w − lr·∂L/∂w / √(v + eps) (Chainer's eps_inside_sqrt)."""
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    return w - lr * grad_w / np.sqrt(v + eps), v


def adadelta_with_eps_outside(
    w: Array, grad_w: Array, v: Array, u: Array, *, rho: float, eps: float
) -> tuple[Array, Array, Array]:
    """d = (√u + eps) / (√v + eps)·∂L/∂w."""
    v = rho * v + (1 - rho) * grad_w * grad_w
    step = (np.sqrt(u) + eps) / (np.sqrt(v) + eps) * grad_w
    return w - step, v, rho * u + (1 - rho) * step * step


class Moments(NamedTuple):
    """What Adam's step is computed from."""

    m: Array
    v: Array
    """For AMSGrad: the largest v."""
    c1: float
    """1 − β₁ᵗ."""
    c2: float
    """1 − β₂ᵗ."""
    first_c1: float
    """1 − β₁."""
    eps: float


Step = Callable[[Moments], Array]
"""Adam's step by lr = 1."""


def _adam(step: Step) -> Function:
    def adam(
        w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
    ) -> tuple[Array, Array, Array]:
        m = beta1 * m + (1 - beta1) * grad_w
        v = beta2 * v + (1 - beta2) * grad_w * grad_w
        return w - lr * step(Moments(m, v, 1 - beta1**t, 1 - beta2**t, 1 - beta1, eps)), m, v

    return adam


def _amsgrad(step: Step) -> Function:
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
    ) -> tuple[Array, ...]:
        _, m, v = numpy_manual.adam(w, grad_w, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        v_max = np.maximum(v_max, v)
        return w - lr * step(Moments(m, v_max, 1 - beta1**t, 1 - beta2**t, 1 - beta1, eps)), m, v, v_max

    return amsgrad


def _adamw(step: Step) -> Function:
    adam = _adam(step)

    def adamw(w: Array, *tensors: Array, lr: float, weight_decay: float, **settings: Any) -> Any:
        return adam((1 - lr * weight_decay) * w, *tensors, lr=lr, **settings)

    return adamw


STEPS: dict[str, Step] = {
    "eps is added inside the root": lambda a: a.m / a.c1 / np.sqrt(a.v / a.c2 + a.eps),
    "eps is added inside the root, before v's bias is corrected": (
        lambda a: a.m / a.c1 / (np.sqrt(a.v + a.eps) / a.c2**0.5)
    ),
    "eps is added before v's bias is corrected": lambda a: a.m / a.c1 / ((np.sqrt(a.v) + a.eps) / a.c2**0.5),
    "no bias is corrected": lambda a: a.m / (np.sqrt(a.v) + a.eps),
    "m's bias is not corrected": lambda a: a.m / (np.sqrt(a.v / a.c2) + a.eps),
    "v's bias is not corrected": lambda a: a.m / a.c1 / (np.sqrt(a.v) + a.eps),
    "m's bias is corrected as at the first update": lambda a: a.m / a.first_c1 / (np.sqrt(a.v / a.c2) + a.eps),
}
CHAINERS = "eps is added before v's bias is corrected"
"""The step of Chainer's Adam, AdamW and AMSGrad as they come."""


def _steps(rule: Callable[[Step], Function], difference: str) -> tuple[Variant, ...]:
    return tuple(Variant(says, rule(step), difference if says == CHAINERS else "") for says, step in STEPS.items())


def amsgrad_of_newest(w: Array, grad_w: Array, m: Array, v: Array, v_max: Array, **settings: Any) -> Any:
    """Adam's step; the largest v is kept, and not used."""
    w, m, v = numpy_manual.adam(w, grad_w, m, v, **settings)
    return w, m, v, np.maximum(v_max, v)


def amsgrad_of_corrected(
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
) -> Any:
    """v_max is the largest corrected v, and is not corrected again."""
    _, m, v = numpy_manual.adam(w, grad_w, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    v_max = np.maximum(v_max, v / (1 - beta2**t))
    return w - lr / (1 - beta1**t) * m / (np.sqrt(v_max) + eps), m, v, v_max


def coupled_adamw(w: Array, grad_w: Array, *state: Array, weight_decay: float, **settings: Any) -> Any:
    """Adam with the gradient ∂L/∂w + weight_decay·w, an L2 penalty in the loss (PyTorch's Adam(weight_decay=…))."""
    return numpy_manual.adam(w, grad_w + weight_decay * w, *state, **settings)


def adamw_without_rate(w: Array, *tensors: Array, weight_decay: float, **settings: Any) -> Any:
    """w ← w − weight_decay·w, then Adam's step (Chainer's weight_decay_rate)."""
    return numpy_manual.adam((1 - weight_decay) * w, *tensors, **settings)


def adamw_after_step(w: Array, *tensors: Array, lr: float, weight_decay: float, **settings: Any) -> Any:
    """Adam's step, then w ← w − lr·weight_decay·w."""
    w, *state = numpy_manual.adam(w, *tensors, lr=lr, **settings)
    return (1 - lr * weight_decay) * w, *state


def undecayed_adamw(*tensors: Array, weight_decay: float, **settings: Any) -> Any:
    """Adam."""
    return numpy_manual.adam(*tensors, **settings)


def decay_of_an_l1_penalty(w: Array, grad_w: Array, *, rate: float) -> Array:
    """∂L/∂w + rate·sign(w)."""
    return grad_w + rate * np.sign(w)


def decay_of_a_whole_penalty(w: Array, grad_w: Array, *, rate: float) -> Array:
    """∂L/∂w + 2·rate·w: rate·‖w‖² is added to the loss, not half of it."""
    return grad_w + 2 * rate * w


OPTIMIZERS: Variants = {
    numpy_manual.momentum: (
        Variant("the gradient is multiplied by 1 - momentum, as in a dampened momentum", dampened_momentum),
        Variant(
            "the velocity has the learning rate in it, as Chainer's MomentumSGD",
            momentum_of_steps,
            "momentum_under_a_changing_lr",
        ),
        Variant("the velocity has the learning rate in it", momentum_of_steps_back, "momentum_under_a_changing_lr"),
        Variant("the step is Nesterov's", numpy_manual.nesterov),
        Variant("the step is that of Chainer's NesterovAG", numpy_manual.nesterov_ag, "nesterov"),
    ),
    numpy_manual.nesterov: (
        Variant("the step is that of plain momentum", numpy_manual.momentum),
        Variant("the step is that of Chainer's NesterovAG", numpy_manual.nesterov_ag, "nesterov"),
        Variant("the gradient is multiplied by 1 - momentum, as in a dampened momentum", dampened_nesterov),
    ),
    numpy_manual.nesterov_ag: (
        Variant("momentum² is multiplied by the old velocity, not the new", nesterov_ag_of_the_paper, "nesterov"),
        Variant("the step is Nesterov's as PyTorch takes it", numpy_manual.nesterov, "nesterov"),
        Variant("the step is that of plain momentum", momentum_of_steps),
    ),
    numpy_manual.adagrad: (
        Variant("eps is added inside the root", adagrad_with_eps_inside),
        Variant("0.1 is added to the sum of squares, as where it starts at 0.1", adagrad_from_a_tenth),
    ),
    numpy_manual.rmsprop: (
        Variant("eps is added inside the root", rmsprop_with_eps_inside, "rmsprop_eps_inside_sqrt"),
    ),
    numpy_manual.adadelta: (Variant("eps is added outside of the roots", adadelta_with_eps_outside),),
    numpy_manual.adam: _steps(_adam, "adam_eps"),
    numpy_manual.amsgrad: (
        *_steps(_amsgrad, "amsgrad_eps"),
        Variant("the step is Adam's, by the newest v and not the largest", amsgrad_of_newest),
        Variant("the largest of the corrected v is kept", amsgrad_of_corrected),
    ),
    numpy_manual.adamw: (
        Variant("the decay is added to the gradient, as in Adam with an L2 penalty", coupled_adamw),
        Variant("the decay is not multiplied by the learning rate", adamw_without_rate, "adamw_decay"),
        Variant("the weights decay after the step", adamw_after_step),
        Variant("the weights don't decay", undecayed_adamw, "adamw_decays_by_default"),
        *_steps(_adamw, "adam_eps"),
    ),
    numpy_manual.weight_decay: (
        Variant("the decay is that of an L1 penalty, rate·sign(w)", decay_of_an_l1_penalty),
        Variant("the decay is that of rate·‖w‖², not of half of it", decay_of_a_whole_penalty),
    ),
}
"""The rules that are easily mistaken for another."""
