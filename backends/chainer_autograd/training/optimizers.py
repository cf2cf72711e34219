"""Chainer's optimizers, with the settings that make them equal the hand-written rules."""

from typing import Any

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.training.written import DampenedMomentum, Nesterov, RMSpropCentered, RMSpropWithMomentum


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


def _start_state(optimizer: Any, **numbers: float) -> None:
    """Chainer's state starts at 0: let it start at other numbers, by Chainer's names."""

    def start(rule: Any, parameter: Any) -> None:
        if rule.t == 1:
            for name, number in numbers.items():
                rule.state[name].fill(number)

    for parameter in optimizer.target.params():
        parameter.update_rule.add_hook(start, name="first state")
