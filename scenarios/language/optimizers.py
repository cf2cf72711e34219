"""Optimizers: how new weights are computed from the old ones and their gradients."""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.language.rules import Optimizer, noting_defaults
from scenarios.language.values import with_example

OPTIMIZERS: Mapping[str, tuple[str, ...]] = {
    "sgd": ("lr",),
    "momentum": ("lr", "momentum"),
    "nesterov": ("lr", "momentum"),
    "nesterov_ag": ("lr", "momentum"),
    "adagrad": ("lr", "eps"),
    "rmsprop": ("lr", "alpha", "eps"),
    "adadelta": ("rho", "eps"),
    "adam": ("lr", "beta1", "beta2", "eps"),
    "amsgrad": ("lr", "beta1", "beta2", "eps"),
    "adamw": ("lr", "weight_decay", "beta1", "beta2", "eps"),
}
"""The settings of each optimizer."""


@with_example("sgd(lr=0.1)")
def sgd(*, lr: float) -> Optimizer:
    """Plain gradient descent: w ← w − lr·∂L/∂w."""
    return Optimizer("sgd", {"lr": lr})


@with_example("momentum(lr=0.05, momentum=0.9)")
def momentum(*, lr: float, momentum: float) -> Optimizer:
    """Gradient descent with momentum: v ← momentum·v + ∂L/∂w, w ← w − lr·v."""
    return Optimizer("momentum", {"lr": lr, "momentum": momentum})


@with_example("nesterov(lr=0.05, momentum=0.9)")
def nesterov(*, lr: float, momentum: float) -> Optimizer:
    """Nesterov's momentum, as PyTorch has it: v ← momentum·v + ∂L/∂w, w ← w − lr·(∂L/∂w + momentum·v)."""
    return Optimizer("nesterov", {"lr": lr, "momentum": momentum})


@with_example("nesterov_ag(lr=0.05, momentum=0.9)")
def nesterov_ag(*, lr: float, momentum: float) -> Optimizer:
    """Nesterov's momentum, as Chainer's NesterovAG has it: a different rule."""
    return Optimizer("nesterov_ag", {"lr": lr, "momentum": momentum})


@with_example("adagrad(lr=0.01)")
@noting_defaults
def adagrad(*, lr: float, eps: float = 1e-8) -> Optimizer:
    """AdaGrad: the step is divided by the root of the sum of all squared gradients so far."""
    return Optimizer("adagrad", {"lr": lr, "eps": eps})


@with_example("rmsprop(lr=0.01)")
@noting_defaults
def rmsprop(*, lr: float, alpha: float = 0.99, eps: float = 1e-8) -> Optimizer:
    """RMSprop: the step is divided by the root of a running mean of squared gradients."""
    return Optimizer("rmsprop", {"lr": lr, "alpha": alpha, "eps": eps})


@with_example("adadelta()")
@noting_defaults
def adadelta(*, rho: float = 0.95, eps: float = 1e-6) -> Optimizer:
    """AdaDelta: like RMSprop, with a running mean of squared steps in place of the learning rate."""
    return Optimizer("adadelta", {"rho": rho, "eps": eps})


@with_example("adam(lr=0.001)")
@noting_defaults
def adam(*, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam: w ← w − lr·m̂ / (√v̂ + eps), with running means m of the gradient and v of its square."""
    return Optimizer("adam", {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps})


@with_example("amsgrad(lr=0.001)")
@noting_defaults
def amsgrad(*, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """AMSGrad: Adam with the largest v so far in place of v."""
    return Optimizer("amsgrad", {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps})


@with_example("adamw(lr=0.001, weight_decay=0.01)")
@noting_defaults
def adamw(*, lr: float, weight_decay: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam with decoupled weight decay: w ← w − lr·weight_decay·w before Adam's step."""
    settings = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    return Optimizer("adamw", settings)
