"""Chainer's optimizers that keep a mean of the gradients beside that of their sizes: Adam, and what came of it."""

from typing import Any

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.training.written import AdaMax, Lion, NAdam, RAdam


def adam(model: Any, *, lr: float, beta1: float, beta2: float, eps: float) -> Any:
    """w ← w − lr·m̂ / (√v̂ + eps)."""
    optimizer = chainer.optimizers.Adam(alpha=lr, beta1=beta1, beta2=beta2, eps=eps).setup(model)
    _correct_eps(optimizer)
    return optimizer


def amsgrad(model: Any, *, lr: float, beta1: float, beta2: float, eps: float) -> Any:
    """Adam with the largest v so far in place of v."""
    optimizer = chainer.optimizers.Adam(alpha=lr, beta1=beta1, beta2=beta2, eps=eps, amsgrad=True).setup(model)
    _correct_eps(optimizer)
    return optimizer


def adamw(model: Any, *, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float) -> Any:
    """w ← w − lr·weight_decay·w, then Adam's step."""
    # Chainer does not multiply the decay by the learning rate, which it calls alpha; its eta scales both.
    optimizer = chainer.optimizers.Adam(
        alpha=lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay_rate=lr * weight_decay
    ).setup(model)
    _correct_eps(optimizer)
    return optimizer


def adamax(model: Any, *, lr: float, beta1: float, beta2: float, eps: float) -> Any:
    """m ← β₁·m + (1 − β₁)·g,  u ← max(β₂·u, |g| + eps),  w ← w − lr / (1 − β₁ᵗ)·m / u."""
    # Chainer has no such optimizer.
    return AdaMax(lr=lr, beta1=beta1, beta2=beta2, eps=eps).setup(model)


def nadam(model: Any, *, lr: float, beta1: float, beta2: float, eps: float, momentum_decay: float) -> Any:
    """m and v as in adam,  w ← w − lr·((1 − μₜ) / (1 − mu)·g + μₜ₊₁ / (1 − mu·μₜ₊₁)·m) / (√v̂ + eps)."""
    # Chainer has no such optimizer.
    return NAdam(lr=lr, beta1=beta1, beta2=beta2, eps=eps, momentum_decay=momentum_decay).setup(model)


def radam(model: Any, *, lr: float, beta1: float, beta2: float, eps: float) -> Any:
    """w ← w − lr·m̂·r·√(1 − β₂ᵗ) / (√v + eps), or w − lr·m̂ where ρₜ ≤ 5."""
    # Chainer has no such optimizer.
    return RAdam(lr=lr, beta1=beta1, beta2=beta2, eps=eps).setup(model)


def adabound(model: Any, *, lr: float, final_lr: float, gamma: float, beta1: float, beta2: float, eps: float) -> Any:
    """w ← w − rate·m with rate = lr·√(1 − β₂ᵗ) / ((1 − β₁ᵗ)·(√v + eps)), clipped by two bounds."""
    optimizer = chainer.optimizers.AdaBound(
        alpha=lr, final_lr=final_lr, gamma=gamma, beta1=beta1, beta2=beta2, eps=eps
    ).setup(model)
    _bound_by_own_rates(optimizer)
    return optimizer


def amsbound(model: Any, *, lr: float, final_lr: float, gamma: float, beta1: float, beta2: float, eps: float) -> Any:
    """AdaBound with the largest v so far in place of v."""
    optimizer = chainer.optimizers.AMSBound(
        alpha=lr, final_lr=final_lr, gamma=gamma, beta1=beta1, beta2=beta2, eps=eps
    ).setup(model)
    _bound_by_own_rates(optimizer)
    return optimizer


def msvag(model: Any, *, lr: float, beta: float) -> Any:
    """w ← w − lr·m̂·m̂² / (m̂² + ρ·s) with s = (v̂ − m̂²) / (1 − ρ), an estimate of the gradient's variance."""
    optimizer = chainer.optimizers.MSVAG(lr=lr, beta=beta).setup(model)
    _take_powers_of_own_beta(optimizer)
    return optimizer


def lion(model: Any, *, lr: float, beta1: float, beta2: float, weight_decay: float) -> Any:
    """w ← w − lr·weight_decay·w − lr·sign(β₁·m + (1 − β₁)·g),  m ← β₂·m + (1 − β₂)·g."""
    # Chainer has no such optimizer.
    return Lion(lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay).setup(model)


def _correct_eps(optimizer: Any) -> None:
    """Chainer adds eps to √v before the bias correction, others to √v̂ after it: scale eps at every update."""
    given: dict[Any, float] = {}

    def scale(rule: Any, parameter: Any) -> None:
        eps = given.setdefault(rule, rule.hyperparam.eps)
        rule.hyperparam.eps = eps * (1 - rule.hyperparam.beta2**rule.t) ** 0.5

    for parameter in optimizer.target.params():
        parameter.update_rule.add_hook(scale, name="eps after the bias correction")


def _bound_by_own_rates(optimizer: Any) -> None:
    """Chainer scales the bounds of a parameter with a rate of its own by that rate, others as all bounds are scaled."""
    first = optimizer.alpha

    def scale(rule: Any, parameter: Any) -> None:
        if optimizer.alpha and rule.hyperparam.alpha != optimizer.alpha:
            rule.initial_alpha = first * rule.hyperparam.alpha / optimizer.alpha

    for parameter in optimizer.target.params():
        parameter.update_rule.add_hook(scale, name="bounds by own rates")


def _take_powers_of_own_beta(optimizer: Any) -> None:
    """Chainer takes powers of the optimizer's beta, also where a parameter has one of its own: set each anew."""

    def take(rule: Any, parameter: Any) -> None:
        rule.beta_power = rule.hyperparam.beta**rule.t

    for parameter in optimizer.target.params():
        parameter.update_rule.add_hook(take, name="powers of own beta")
