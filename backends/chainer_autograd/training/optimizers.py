"""Chainer's optimizers, with the settings that make them equal the hand-written rules."""

from typing import Any

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.training.written import (
    AdaMax,
    DampenedMomentum,
    Lion,
    NAdam,
    Nesterov,
    RAdam,
    RMSpropCentered,
    RMSpropWithMomentum,
)


def sgd(model: Any, *, lr: float) -> Any:
    """w ← w − lr·∂L/∂w."""
    return chainer.optimizers.SGD(lr=lr).setup(model)


def momentum(model: Any, *, lr: float, momentum: float) -> Any:
    """v ← momentum·v − ∂L/∂w,  w ← w + lr·v."""
    # Chainer's MomentumSGD keeps lr inside v, so a changing lr would have another effect than in PyTorch.
    return chainer.optimizers.CorrectedMomentumSGD(lr=lr, momentum=momentum).setup(model)


def dampened_momentum(model: Any, *, lr: float, momentum: float, dampening: float) -> Any:
    """v ← momentum·v + (1 − dampening)·∂L/∂w, but all of ∂L/∂w at the first step,  w ← w − lr·v."""
    # Chainer has no dampening.
    return DampenedMomentum(lr=lr, momentum=momentum, dampening=dampening).setup(model)


def nesterov(model: Any, *, lr: float, momentum: float) -> Any:
    """v ← momentum·v − ∂L/∂w,  w ← w − lr·(∂L/∂w − momentum·v)."""
    # Chainer's NesterovAG is another rule: nesterov_ag.
    return Nesterov(lr=lr, momentum=momentum).setup(model)


def nesterov_ag(model: Any, *, lr: float, momentum: float) -> Any:
    """v ← momentum·v − lr·∂L/∂w,  w ← w + momentum²·v − (1 + momentum)·lr·∂L/∂w."""
    return chainer.optimizers.NesterovAG(lr=lr, momentum=momentum).setup(model)


def adagrad(model: Any, *, lr: float, eps: float, initial_h: float = 0.0) -> Any:
    """h ← h + (∂L/∂w)²,  w ← w − lr·∂L/∂w / (√h + eps)."""
    optimizer = chainer.optimizers.AdaGrad(lr=lr, eps=eps).setup(model)
    if initial_h:
        _start_state(optimizer, h=initial_h)
    return optimizer


def rmsprop(model: Any, *, lr: float, alpha: float, eps: float, initial_v: float = 0.0) -> Any:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / (√v + eps)."""
    optimizer = chainer.optimizers.RMSprop(lr=lr, alpha=alpha, eps=eps).setup(model)
    if initial_v:
        _start_state(optimizer, ms=initial_v)
    return optimizer


def rmsprop_eps_inside(model: Any, *, lr: float, alpha: float, eps: float, initial_v: float = 0.0) -> Any:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / √(v + eps)."""
    optimizer = chainer.optimizers.RMSprop(lr=lr, alpha=alpha, eps=eps, eps_inside_sqrt=True).setup(model)
    if initial_v:
        _start_state(optimizer, ms=initial_v)
    return optimizer


def rmsprop_with_momentum(
    model: Any, *, lr: float, momentum: float, alpha: float, eps: float, initial_v: float = 0.0
) -> Any:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  b ← momentum·b + ∂L/∂w / (√v + eps),  w ← w − lr·b."""
    # Chainer's RMSpropGraves, which has a momentum, is another rule.
    optimizer = RMSpropWithMomentum(lr=lr, momentum=momentum, alpha=alpha, eps=eps).setup(model)
    if initial_v:
        _start_state(optimizer, v=initial_v)
    return optimizer


def rmsprop_centered(model: Any, *, lr: float, alpha: float, eps: float) -> Any:
    """v and g, running means of (∂L/∂w)² and of ∂L/∂w,  w ← w − lr·∂L/∂w / (√(v − g²) + eps)."""
    # Chainer's RMSpropGraves, which is centered, too, is another rule: rmsprop_graves.
    return RMSpropCentered(lr=lr, alpha=alpha, eps=eps).setup(model)


def rmsprop_graves(model: Any, *, lr: float, momentum: float, alpha: float, eps: float) -> Any:
    """v and g as in rmsprop_centered,  delta ← momentum·delta − lr·∂L/∂w / √(v − g² + eps),  w ← w + delta."""
    return chainer.optimizers.RMSpropGraves(lr=lr, momentum=momentum, alpha=alpha, eps=eps).setup(model)


def smorms3(model: Any, *, lr: float, eps: float) -> Any:
    """g and v, means of ∂L/∂w and its square over about `length` updates,  w ← w − min(g²/v, lr)·∂L/∂w / (√v + eps)."""
    return chainer.optimizers.SMORMS3(lr=lr, eps=eps).setup(model)


def adadelta(model: Any, *, rho: float, eps: float) -> Any:
    """v ← rho·v + (1 − rho)·g²,  d = √((u + eps) / (v + eps))·g,  u ← rho·u + (1 − rho)·d²,  w ← w − d."""
    return chainer.optimizers.AdaDelta(rho=rho, eps=eps).setup(model)


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


def weight_decay(optimizer: Any, *, rate: float) -> None:
    """∂L/∂w + rate·w: a hook that changes every gradient in place before its update."""
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(rate))


def weight_average(average: Any, parameter: Any, *, share: float) -> Any:
    """average ← share·average + (1 − share)·w, with the new w."""
    # Chainer has none.
    return share * average + (1 - share) * parameter.array


def _start_state(optimizer: Any, **numbers: float) -> None:
    """Chainer's state starts at 0: let it start at other numbers, by Chainer's names."""

    def start(rule: Any, parameter: Any) -> None:
        if rule.t == 1:
            for name, number in numbers.items():
                rule.state[name].fill(number)

    for parameter in optimizer.target.params():
        parameter.update_rule.add_hook(start, name="first state")


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
