"""The rules by which a scenario trains: what they are, and gradient clipping and weight decay.

A rule is a name, which the backends look up, and settings. Updates are counted from 1 over the whole run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, ParamSpec, Self, TypeVar

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
    "dampening": MEAN_DECAY,
    "alpha": MEAN_DECAY,
    "rho": MEAN_DECAY,
    "beta": MEAN_DECAY,
    "beta1": MEAN_DECAY,
    "beta2": MEAN_DECAY,
    "eps": AT_LEAST_0,
    "momentum_decay": AT_LEAST_0,
    "initial_h": AT_LEAST_0,
    "initial_v": AT_LEAST_0,
    "final_lr": AT_LEAST_0,
    "gamma": ABOVE_0,
    "weight_decay": AT_LEAST_0,
    "rate": AT_LEAST_0,
    "share": MEAN_DECAY,
    "max_norm": AT_LEAST_0,
    "limit": AT_LEAST_0,
    "factor": AT_LEAST_0,
    "every": COUNT,
    "updates": COUNT,
    "batches": COUNT,
    "trained_from": COUNT,
}
"""The values that a setting may take, whichever rule it belongs to. Frameworks only refuse others at an update."""

OWN_RANGES: Mapping[str, Mapping[str, Kind[Any]]] = {
    rule: {"lr": Kind("a finite number above 0 (the bounds are divided by it)", ABOVE_0.read)}
    for rule in ("adabound", "amsbound")
}
"""The values that a setting may take in some rules alone."""


def checked_settings(settings: Mapping[str, Any], where: str, rule: str = "") -> dict[str, float]:
    """Read every setting, of a rule if one is named, as a number in its range.

    Raises ScenarioError for one that is none.
    """
    numbers = checked_by_name(settings, NUMBER, where)
    ranges = {**RANGES, **OWN_RANGES.get(rule, {})}
    return {
        name: ranges[name].checked(value, f"{where}: {name}") if name in ranges else value
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
        object.__setattr__(self, "settings", checked_settings(self.settings, f"{self.name}(...)", self.name))

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.by_key.items())})"

    @property
    def names(self) -> tuple[str, ...]:
        """The functions that a backend needs for it, its own first."""
        return (self.name,)

    @property
    def by_key(self) -> dict[str, float]:
        """Its settings, by what `--set` calls them."""
        return dict(self.settings)

    def vary(self, changed: Mapping[str, float]) -> Self:
        """A copy with the values that `changed` has for its settings, which count as given."""
        settings = {name: changed.get(name, value) for name, value in self.settings.items()}
        given = None if self.given is None else self.given | (changed.keys() & self.settings.keys())
        return replace(self, settings=settings, given=given)


class Optimizer(Rule):
    """How new weights are computed from the old ones and their gradients."""


class Clipping(Rule):
    """How gradients are kept small before the optimizer receives them."""


class Decay(Rule):
    """What is added to a weight's gradient, after clipping, to keep the weight small."""


class Average(Rule):
    """What is kept of each weight beside it, and trains nothing."""


class Accumulation(Rule):
    """How many batches a step of the optimizer takes its gradient from."""

    @property
    def names(self) -> tuple[str, ...]:
        """None: it is part of a backend's loop."""
        return ()


P = ParamSpec("P")
RuleKind = TypeVar("RuleKind", bound=Rule)


def noting_defaults(function: Callable[P, RuleKind]) -> Callable[P, RuleKind]:
    """Make a function whose rule knows which of its settings were left at their defaults."""

    @wraps(function)
    def call(*arguments: P.args, **settings: P.kwargs) -> RuleKind:
        return replace(function(*arguments, **settings), given=frozenset(settings))

    return call


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


@with_example("gradient_accumulation(batches=4)")
def gradient_accumulation(*, batches: int) -> Accumulation:
    """One step of the optimizer for every so many batches: the mean over all of their rows, however many each has.

    The loss must be a mean over the rows of a batch. The last step of an epoch takes the batches that are left.
    """
    return Accumulation("gradient_accumulation", {"batches": batches})


@with_example("weight_average(share=0.99)")
def weight_average(*, share: float) -> Average:
    """An exponential moving average of each weight, which keeps `share` of itself at every update."""
    return Average("weight_average", {"share": share})
