"""The optimizer of a live training, in the rules of the scenario language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backends.capture.training import Rule
from harness.errors import InputError
from scenarios import Clipping, Decay, Optimizer, clip_by_norm, weight_decay
from scenarios.language import rules

SETTINGS: Mapping[str, tuple[str, ...]] = {
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
"""What each rule of the scenario language is told, by the names that a live training's rule has, too."""
OF_CHAINER = {"nesterov": "nesterov_ag"}
"""Rules of Chainer that are others than those of the same name."""
EPS_BEFORE_CORRECTION = ("adam", "amsgrad", "adamw")
"""Rules whose eps Chainer adds before the bias correction."""
NEUTRAL = {"eta": 1.0}
"""What changes nothing if it has this value; other settings that a rule has no name for are refused."""
UNUSED = {"final_lr", "gamma"}
"""Settings of Chainer's Adam that only AdaBound uses, which is another rule."""


@dataclass(frozen=True)
class Rules:
    """An optimizer, and what stands around it."""

    optimizer: Optimizer
    clipping: Clipping | None
    decay: Decay | None
    note: str = ""
    """How the rule is another one than the training's own; empty if it is the same."""


def rules_of(rule: Rule, framework: str) -> Rules:
    """A live training's rule in the scenario language. Raises InputError for one that it has not."""
    kind = OF_CHAINER.get(rule.kind, rule.kind) if framework == "chainer" else rule.kind
    if kind not in SETTINGS:
        raise InputError(f"there is no rule like {rule.name}; give one, as in optimizer=sgd(lr=0.1)")
    given = dict(rule.settings)
    norm = given.pop("clip_by_norm", None)
    rate = given.pop("weight_decay", 0.0)
    if framework == "chainer" and kind == "adamw":
        rate /= given["lr"]  # Chainer's rate is not multiplied by the learning rate
    settings = {name: given.pop(name) for name in SETTINGS[kind] if name in given}
    if kind == "adamw":
        settings["weight_decay"] = rate
        rate = 0.0
    strange = [
        name
        for name, value in given.items()
        if value is not False and name not in UNUSED and value != NEUTRAL.get(name)
    ]
    if strange:
        told = ", ".join(f"{name}={given[name]!r}" for name in strange)
        raise InputError(
            f"{kind} has no counterpart of {told} of {rule.name}; give a rule, as in optimizer=sgd(lr=0.1)"
        )
    is_early = framework == "chainer" and kind in EPS_BEFORE_CORRECTION
    return Rules(
        getattr(rules, kind)(**settings),
        None if norm is None else clip_by_norm(max_norm=norm),
        weight_decay(rate=rate) if rate else None,
        f"{rule.name} adds eps before the bias correction, {kind} after it" if is_early else "",
    )


def trained_alike(trained: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether all weights are updated with the same settings."""
    settings = [*trained.values()]
    return all(each == settings[0] for each in settings[1:])
