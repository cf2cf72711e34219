"""Optimizers: how new weights are computed from the old ones and their gradients."""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.language.rules import Optimizer, noting_defaults
from scenarios.language.values import with_example

OPTIMIZERS: Mapping[str, tuple[str, ...]] = {
    "sgd": ("lr",),
    "momentum": ("lr", "momentum"),
    "dampened_momentum": ("lr", "momentum", "dampening"),
    "nesterov": ("lr", "momentum"),
    "nesterov_ag": ("lr", "momentum"),
    "adagrad": ("lr", "eps"),
    "rmsprop": ("lr", "alpha", "eps"),
    "rmsprop_eps_inside": ("lr", "alpha", "eps"),
    "rmsprop_with_momentum": ("lr", "momentum", "alpha", "eps"),
    "rmsprop_centered": ("lr", "alpha", "eps"),
    "rmsprop_graves": ("lr", "momentum", "alpha", "eps"),
    "smorms3": ("lr", "eps"),
    "adadelta": ("rho", "eps"),
    "adam": ("lr", "beta1", "beta2", "eps"),
    "amsgrad": ("lr", "beta1", "beta2", "eps"),
    "adamw": ("lr", "weight_decay", "beta1", "beta2", "eps"),
    "adamax": ("lr", "beta1", "beta2", "eps"),
    "nadam": ("lr", "beta1", "beta2", "eps", "momentum_decay"),
    "radam": ("lr", "beta1", "beta2", "eps"),
    "adabound": ("lr", "final_lr", "gamma", "beta1", "beta2", "eps"),
    "amsbound": ("lr", "final_lr", "gamma", "beta1", "beta2", "eps"),
    "msvag": ("lr", "beta"),
    "lion": ("lr", "beta1", "beta2", "weight_decay"),
}
"""The settings of each optimizer."""
OF_STATE: Mapping[str, tuple[str, ...]] = {
    "adagrad": ("initial_h",),
    "rmsprop": ("initial_v",),
    "rmsprop_eps_inside": ("initial_v",),
    "rmsprop_with_momentum": ("initial_v",),
}
"""The settings that say what an optimizer's state starts at, which may be left out: `initial_h` of state `h`."""


def _starting(**state: float | None) -> dict[str, float]:
    """The settings that say what state starts at, of those that are given."""
    return {f"initial_{slot}": number for slot, number in state.items() if number is not None}


@with_example("sgd(lr=0.1)")
def sgd(*, lr: float) -> Optimizer:
    """Plain gradient descent: w ← w − lr·∂L/∂w."""
    return Optimizer("sgd", {"lr": lr})


@with_example("momentum(lr=0.05, momentum=0.9)")
def momentum(*, lr: float, momentum: float) -> Optimizer:
    """Gradient descent with momentum: v ← momentum·v + ∂L/∂w, w ← w − lr·v."""
    return Optimizer("momentum", {"lr": lr, "momentum": momentum})


@with_example("dampened_momentum(lr=0.05, momentum=0.9, dampening=0.5)")
def dampened_momentum(*, lr: float, momentum: float, dampening: float) -> Optimizer:
    """Momentum that takes all of the first gradient, of later ones a part: v ← momentum·v + (1 − dampening)·∂L/∂w."""
    return Optimizer("dampened_momentum", {"lr": lr, "momentum": momentum, "dampening": dampening})


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
def adagrad(*, lr: float, eps: float = 1e-8, initial_h: float | None = None) -> Optimizer:
    """AdaGrad: the step is divided by the root of the sum of all squared gradients so far, from `initial_h` or 0."""
    return Optimizer("adagrad", {"lr": lr, "eps": eps, **_starting(h=initial_h)})


@with_example("rmsprop(lr=0.01)")
@noting_defaults
def rmsprop(*, lr: float, alpha: float = 0.99, eps: float = 1e-8, initial_v: float | None = None) -> Optimizer:
    """RMSprop: the step is divided by the root of a running mean of squared gradients, from `initial_v` or 0."""
    return Optimizer("rmsprop", {"lr": lr, "alpha": alpha, "eps": eps, **_starting(v=initial_v)})


@with_example("rmsprop_eps_inside(lr=0.01)")
@noting_defaults
def rmsprop_eps_inside(
    *, lr: float, alpha: float = 0.99, eps: float = 1e-8, initial_v: float | None = None
) -> Optimizer:
    """RMSprop with eps inside the root, as Chainer has it with eps_inside_sqrt=True."""
    return Optimizer("rmsprop_eps_inside", {"lr": lr, "alpha": alpha, "eps": eps, **_starting(v=initial_v)})


@with_example("rmsprop_with_momentum(lr=0.01, momentum=0.9)")
@noting_defaults
def rmsprop_with_momentum(
    *, lr: float, momentum: float, alpha: float = 0.99, eps: float = 1e-8, initial_v: float | None = None
) -> Optimizer:
    """RMSprop whose steps are gathered in a velocity, as PyTorch has it with momentum."""
    settings = {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, **_starting(v=initial_v)}
    return Optimizer("rmsprop_with_momentum", settings)


@with_example("rmsprop_centered(lr=0.01)")
@noting_defaults
def rmsprop_centered(*, lr: float, alpha: float = 0.99, eps: float = 1e-8) -> Optimizer:
    """RMSprop whose steps are divided by the gradient's deviation from its mean, as PyTorch has it with centered."""
    return Optimizer("rmsprop_centered", {"lr": lr, "alpha": alpha, "eps": eps})


@with_example("rmsprop_graves(lr=0.001)")
@noting_defaults
def rmsprop_graves(*, lr: float, momentum: float = 0.9, alpha: float = 0.95, eps: float = 1e-4) -> Optimizer:
    """Graves's RMSprop, Chainer's RMSpropGraves: centered, with eps inside the root, and lr inside the velocity."""
    return Optimizer("rmsprop_graves", {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps})


@with_example("smorms3(lr=0.01)")
@noting_defaults
def smorms3(*, lr: float, eps: float = 1e-16) -> Optimizer:
    """SMORMS3: RMSprop whose mean forgets the faster, the steadier the gradient; `lr` is the largest rate."""
    return Optimizer("smorms3", {"lr": lr, "eps": eps})


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


@with_example("adamax(lr=0.002)")
@noting_defaults
def adamax(*, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """AdaMax: Adam that divides by the largest recent gradient in place of the root of the mean of squares."""
    return Optimizer("adamax", {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps})


@with_example("nadam(lr=0.002)")
@noting_defaults
def nadam(
    *, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, momentum_decay: float = 0.004
) -> Optimizer:
    """NAdam: Adam with Nesterov's look ahead, and a momentum that grows towards beta1."""
    settings = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "momentum_decay": momentum_decay}
    return Optimizer("nadam", settings)


@with_example("radam(lr=0.001)")
@noting_defaults
def radam(*, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """RAdam: Adam whose first steps are not divided by √v̂, and the next ones are rectified for its variance."""
    return Optimizer("radam", {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps})


@with_example("adabound(lr=0.001, final_lr=0.1)")
@noting_defaults
def adabound(
    *,
    lr: float,
    final_lr: float = 0.1,
    gamma: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Optimizer:
    """AdaBound: Adam whose rate for each element is kept between two bounds, which both approach final_lr."""
    settings = {"lr": lr, "final_lr": final_lr, "gamma": gamma, "beta1": beta1, "beta2": beta2, "eps": eps}
    return Optimizer("adabound", settings)


@with_example("amsbound(lr=0.001, final_lr=0.1)")
@noting_defaults
def amsbound(
    *,
    lr: float,
    final_lr: float = 0.1,
    gamma: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Optimizer:
    """AMSBound: AdaBound with the largest v so far in place of v."""
    settings = {"lr": lr, "final_lr": final_lr, "gamma": gamma, "beta1": beta1, "beta2": beta2, "eps": eps}
    return Optimizer("amsbound", settings)


@with_example("msvag(lr=0.1)")
@noting_defaults
def msvag(*, lr: float, beta: float = 0.9) -> Optimizer:
    """M-SVAG: momentum that moves each element the less, the more its gradient varies."""
    return Optimizer("msvag", {"lr": lr, "beta": beta})


@with_example("lion(lr=0.0001)")
@noting_defaults
def lion(*, lr: float, beta1: float = 0.9, beta2: float = 0.99, weight_decay: float = 0.0) -> Optimizer:
    """Lion: steps of lr along the sign of a mean of gradients, beside a decoupled weight decay."""
    return Optimizer("lion", {"lr": lr, "beta1": beta1, "beta2": beta2, "weight_decay": weight_decay})
