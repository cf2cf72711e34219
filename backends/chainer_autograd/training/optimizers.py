"""Chainer's optimizers, with the settings that make them equal the hand-written rules."""

from typing import Any

import numpy as np

from backends.chainer_autograd.framework import chainer


def sgd(model: Any, *, lr: float) -> Any:
    """w ← w − lr·∂L/∂w."""
    return chainer.optimizers.SGD(lr=lr).setup(model)


def momentum(model: Any, *, lr: float, momentum: float) -> Any:
    """v ← momentum·v − ∂L/∂w,  w ← w + lr·v."""
    # Chainer's MomentumSGD keeps lr inside v, so a changing lr would have another effect than in PyTorch.
    return chainer.optimizers.CorrectedMomentumSGD(lr=lr, momentum=momentum).setup(model)


def nesterov(model: Any, *, lr: float, momentum: float) -> Any:
    """v ← momentum·v − ∂L/∂w,  w ← w − lr·(∂L/∂w − momentum·v)."""
    # Chainer's NesterovAG is another rule: nesterov_ag.
    return Nesterov(lr=lr, momentum=momentum).setup(model)


def nesterov_ag(model: Any, *, lr: float, momentum: float) -> Any:
    """v ← momentum·v − lr·∂L/∂w,  w ← w + momentum²·v − (1 + momentum)·lr·∂L/∂w."""
    return chainer.optimizers.NesterovAG(lr=lr, momentum=momentum).setup(model)


def adagrad(model: Any, *, lr: float, eps: float) -> Any:
    """h ← h + (∂L/∂w)²,  w ← w − lr·∂L/∂w / (√h + eps)."""
    return chainer.optimizers.AdaGrad(lr=lr, eps=eps).setup(model)


def rmsprop(model: Any, *, lr: float, alpha: float, eps: float) -> Any:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / (√v + eps)."""
    return chainer.optimizers.RMSprop(lr=lr, alpha=alpha, eps=eps).setup(model)


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


def weight_decay(optimizer: Any, *, rate: float) -> None:
    """∂L/∂w + rate·w: a hook that changes every gradient in place before its update."""
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(rate))


def _correct_eps(optimizer: Any) -> None:
    """Chainer adds eps to √v before the bias correction, others to √v̂ after it: scale eps at every update."""
    given: dict[Any, float] = {}

    def scale(optimizer: Any) -> None:
        for parameter in optimizer.target.params():
            rule = parameter.update_rule
            eps = given.setdefault(rule, rule.hyperparam.eps)
            rule.hyperparam.eps = eps * (1 - rule.hyperparam.beta2 ** (optimizer.t + 1)) ** 0.5

    optimizer.add_hook(scale, name="eps after the bias correction")


class NesterovRule(chainer.optimizer.UpdateRule):  # type: ignore[misc]
    """The update of one parameter by PyTorch's form of Nesterov's momentum."""

    def init_state(self, param: Any) -> None:
        """The velocity starts at 0."""
        self.state["v"] = np.zeros_like(param.array)

    def update_core_cpu(self, param: Any) -> None:
        """One update, in place."""
        v, lr, momentum = self.state["v"], self.hyperparam.lr, self.hyperparam.momentum
        v *= momentum
        v -= param.grad
        param.array -= lr * (param.grad - momentum * v)


class Nesterov(chainer.optimizer.GradientMethod):  # type: ignore[misc]
    """PyTorch's form of Nesterov's momentum, which Chainer lacks, written with Chainer's interface for optimizers."""

    lr = chainer.optimizer.HyperparameterProxy("lr")
    momentum = chainer.optimizer.HyperparameterProxy("momentum")

    def __init__(self, lr: float, momentum: float) -> None:
        super().__init__()
        self.hyperparam.lr = lr
        self.hyperparam.momentum = momentum

    def create_update_rule(self) -> NesterovRule:
        """One rule per parameter."""
        return NesterovRule(self.hyperparam)
