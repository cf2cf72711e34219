"""Optimizers' rules that are easily mistaken for one of the suite's, written by hand with its signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array

Rule = Callable[..., Any]


def dampened_momentum(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v + (1 − momentum)·∂L/∂w, a running mean of gradients (PyTorch's dampening)."""
    v = momentum * v + (1 - momentum) * grad_w
    return w - lr * v, v


def momentum_of_steps(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v − lr·∂L/∂w,  w ← w + v: the velocity has the learning rate in it (Chainer's MomentumSGD)."""
    v = momentum * v - lr * grad_w
    return w + v, v


def nesterov_ag_of_the_paper(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """w ← w + momentum²·v − (1 + momentum)·lr·∂L/∂w with the old v (Bengio et al. 2013, arXiv:1212.0901)."""
    return w + momentum**2 * v - (1 + momentum) * lr * grad_w, momentum * v - lr * grad_w


def adagrad_with_eps_inside(w: Array, grad_w: Array, h: Array, *, lr: float, eps: float) -> tuple[Array, Array]:
    """w ← w − lr·∂L/∂w / √(h + eps)."""
    h = h + grad_w * grad_w
    return w - lr * grad_w / np.sqrt(h + eps), h


def rmsprop_with_eps_inside(
    w: Array, grad_w: Array, v: Array, *, lr: float, alpha: float, eps: float
) -> tuple[Array, Array]:
    """w ← w − lr·∂L/∂w / √(v + eps) (Chainer's eps_inside_sqrt)."""
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    return w - lr * grad_w / np.sqrt(v + eps), v


def _adam(step: Callable[..., Array]) -> Rule:
    """Adam with another step, a function of m, v, 1 − β₁ᵗ, 1 − β₂ᵗ and eps."""

    def rule(
        w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
    ) -> tuple[Array, Array, Array]:
        m = beta1 * m + (1 - beta1) * grad_w
        v = beta2 * v + (1 - beta2) * grad_w * grad_w
        return w - lr * step(m, v, 1 - beta1**t, 1 - beta2**t, eps), m, v

    return rule


ADAM: dict[str, Rule] = {
    "eps is added inside the root": _adam(lambda m, v, c1, c2, eps: m / c1 / np.sqrt(v / c2 + eps)),
    "eps is added before v's bias is corrected": _adam(
        lambda m, v, c1, c2, eps: m / c1 / ((np.sqrt(v) + eps) / c2**0.5)
    ),
    "no bias is corrected": _adam(lambda m, v, c1, c2, eps: m / (np.sqrt(v) + eps)),
    "m's bias is not corrected": _adam(lambda m, v, c1, c2, eps: m / (np.sqrt(v / c2) + eps)),
    "v's bias is not corrected": _adam(lambda m, v, c1, c2, eps: m / c1 / (np.sqrt(v) + eps)),
}


def _decoupled(adam: Rule) -> Rule:
    """AdamW with a variant of Adam's step."""

    def rule(w: Array, *tensors: Array, lr: float, weight_decay: float, **settings: Any) -> Any:
        return adam((1 - lr * weight_decay) * w, *tensors, lr=lr, **settings)

    return rule


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


OPTIMIZER_VARIANTS: dict[Rule, dict[str, Rule]] = {
    numpy_manual.momentum: {
        "the gradient is multiplied by 1 - momentum, as in a dampened momentum": dampened_momentum,
        "the velocity has the learning rate in it, as Chainer's MomentumSGD": momentum_of_steps,
        "the step is Nesterov's": numpy_manual.nesterov,
    },
    numpy_manual.nesterov: {"the step is that of plain momentum": numpy_manual.momentum},
    numpy_manual.nesterov_ag: {"momentum² is multiplied by the old velocity, not the new": nesterov_ag_of_the_paper},
    numpy_manual.adagrad: {"eps is added inside the root": adagrad_with_eps_inside},
    numpy_manual.rmsprop: {"eps is added inside the root": rmsprop_with_eps_inside},
    numpy_manual.adam: ADAM,
    numpy_manual.adamw: {
        "the decay is added to the gradient, as in Adam with an L2 penalty": coupled_adamw,
        "the decay is not multiplied by the learning rate": adamw_without_rate,
        "the weights decay after the step": adamw_after_step,
        **{description: _decoupled(adam) for description, adam in ADAM.items()},
    },
}
"""By the hand-written rule: its variants, each under what it does differently."""
