"""The rules by which a scenario trains: optimizers, learning rate schedules, gradient clipping and weight decay.

A rule is a name, which the backends look up, and settings. Updates are counted from 1 over the whole run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from scenarios.language.values import (
    ABOVE_0,
    AT_LEAST_0,
    BY_NAME,
    COUNT,
    MEAN_DECAY,
    NAME,
    NUMBER,
    Kind,
    check_fields,
    checked_by_name,
    with_example,
)

RANGES: Mapping[str, Kind[Any]] = {
    "lr": AT_LEAST_0,
    "momentum": Kind("a finite number above 0 (with 0 it is sgd)", ABOVE_0.read),
    "alpha": MEAN_DECAY,
    "rho": MEAN_DECAY,
    "beta1": MEAN_DECAY,
    "beta2": MEAN_DECAY,
    "eps": AT_LEAST_0,
    "weight_decay": AT_LEAST_0,
    "rate": AT_LEAST_0,
    "max_norm": AT_LEAST_0,
    "limit": AT_LEAST_0,
    "factor": AT_LEAST_0,
    "every": COUNT,
    "updates": COUNT,
}
"""The values that a setting may take, whichever rule it belongs to. Frameworks only refuse others at an update."""
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


def checked_settings(settings: Mapping[str, Any], where: str) -> dict[str, float]:
    """Read every setting as a number in its range. Raises ScenarioError for one that is none."""
    numbers = checked_by_name(settings, NUMBER, where)
    return {
        name: RANGES[name].checked(value, f"{where}: {name}") if name in RANGES else value
        for name, value in numbers.items()
    }


@dataclass(frozen=True)
class Rule:
    """A rule's name and its settings."""

    name: str
    settings: Mapping[str, float]
    given: frozenset[str] | None = field(default=None, compare=False)
    """The settings that are not left at their defaults; None: all of them."""

    def __post_init__(self) -> None:
        check_fields(self, {"name": NAME, "settings": BY_NAME}, type(self).__name__)
        object.__setattr__(self, "settings", checked_settings(self.settings, f"{self.name}(...)"))


class Optimizer(Rule):
    """How new weights are computed from the old ones and their gradients."""


class Schedule(Rule):
    """How the learning rate changes from update to update."""


class Clipping(Rule):
    """How gradients are kept small before the optimizer receives them."""


class Decay(Rule):
    """What is added to a weight's gradient, after clipping, to keep the weight small."""


P = ParamSpec("P")
RuleKind = TypeVar("RuleKind", bound=Rule)


def _noting_defaults(function: Callable[P, RuleKind]) -> Callable[P, RuleKind]:
    """Make a function whose rule knows which of its settings were left at their defaults."""

    @wraps(function)
    def call(*arguments: P.args, **settings: P.kwargs) -> RuleKind:
        return replace(function(*arguments, **settings), given=frozenset(settings))

    return call


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
@_noting_defaults
def adagrad(*, lr: float, eps: float = 1e-8) -> Optimizer:
    """AdaGrad: the step is divided by the root of the sum of all squared gradients so far."""
    return Optimizer("adagrad", {"lr": lr, "eps": eps})


@with_example("rmsprop(lr=0.01)")
@_noting_defaults
def rmsprop(*, lr: float, alpha: float = 0.99, eps: float = 1e-8) -> Optimizer:
    """RMSprop: the step is divided by the root of a running mean of squared gradients."""
    return Optimizer("rmsprop", {"lr": lr, "alpha": alpha, "eps": eps})


@with_example("adadelta()")
@_noting_defaults
def adadelta(*, rho: float = 0.95, eps: float = 1e-6) -> Optimizer:
    """AdaDelta: like RMSprop, with a running mean of squared steps in place of the learning rate."""
    return Optimizer("adadelta", {"rho": rho, "eps": eps})


@with_example("adam(lr=0.001)")
@_noting_defaults
def adam(*, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam: w ← w − lr·m̂ / (√v̂ + eps), with running means m of the gradient and v of its square."""
    return Optimizer("adam", {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps})


@with_example("amsgrad(lr=0.001)")
@_noting_defaults
def amsgrad(*, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """AMSGrad: Adam with the largest v so far in place of v."""
    return Optimizer("amsgrad", {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps})


@with_example("adamw(lr=0.001, weight_decay=0.01)")
@_noting_defaults
def adamw(*, lr: float, weight_decay: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam with decoupled weight decay: w ← w − lr·weight_decay·w before Adam's step."""
    settings = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    return Optimizer("adamw", settings)


@with_example("step_decay(every=10, factor=0.5)")
def step_decay(*, every: int, factor: float) -> Schedule:
    """The learning rate is multiplied by `factor` once every `every` updates."""
    return Schedule("step_decay", {"every": every, "factor": factor})


@with_example("exponential_decay(factor=0.99)")
def exponential_decay(*, factor: float) -> Schedule:
    """The learning rate is multiplied by `factor` after every update."""
    return Schedule("exponential_decay", {"factor": factor})


@with_example("cosine_decay(updates=100)")
def cosine_decay(*, updates: int) -> Schedule:
    """The learning rate falls along half a cosine to 0 over `updates` updates, and then rises again."""
    return Schedule("cosine_decay", {"updates": updates})


@with_example("warm_up(updates=10)")
def warm_up(*, updates: int) -> Schedule:
    """The learning rate rises in equal steps and reaches its full value at update number `updates`."""
    return Schedule("warm_up", {"updates": updates})


@with_example("clip_by_norm(max_norm=1.0)")
def clip_by_norm(*, max_norm: float) -> Clipping:
    """All gradients are scaled down together if their joint norm is above `max_norm`."""
    return Clipping("clip_by_norm", {"max_norm": max_norm})


@with_example("clip_by_value(limit=0.1)")
def clip_by_value(*, limit: float) -> Clipping:
    """Every element of every gradient is clamped to −limit … limit."""
    return Clipping("clip_by_value", {"limit": limit})


@with_example("weight_decay(rate=0.01)")
def weight_decay(*, rate: float) -> Decay:
    """Weight decay, or L2 regularisation: rate·w is added to the gradient of w."""
    return Decay("weight_decay", {"rate": rate})
