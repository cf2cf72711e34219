"""How Chainer's optimizers update a parameter: their update rules, hyperparameters and hooks."""

from collections.abc import Iterator
from typing import Any

from backends.capture.chainer.functions import plain
from backends.capture.training import Rule

KINDS = {
    "SGD": "sgd",
    "MomentumSGD": "momentum",
    "NesterovAG": "nesterov",
    "AdaGrad": "adagrad",
    "RMSprop": "rmsprop",
    "AdaDelta": "adadelta",
    "Adam": "adam",
    "AdamW": "adamw",
    "AMSGrad": "amsgrad",
}
SHARED_SETTINGS = {"alpha": "lr", "weight_decay_rate": "weight_decay"}
"""Of Adam, by Chainer's names; others have the shared names anyway."""
HOOKS = {"WeightDecay": ("weight_decay", "rate"), "GradientClipping": ("clip_by_norm", "threshold")}
"""Hooks that are settings of the rule: the shared name, and the hook's attribute."""


def is_trained(parameter: Any) -> bool:
    """Whether an optimizer updates a parameter."""
    return parameter.update_rule is not None and bool(parameter.update_rule.enabled)


def rule_of(optimizer: Any, update_rule: Any = None) -> Rule:
    """How an optimizer updates the parameter of an update rule; without one, those that have nothing of their own.

    What a hook does in another place than the other framework would is a setting of its own, such as a clipping after
    a weight decay.
    """
    name = type(optimizer).__name__
    hyperparameters = optimizer.hyperparam
    if update_rule is not None:
        hyperparameters = update_rule.hyperparam
        if type(update_rule) is not type(optimizer.create_update_rule()):
            name = type(update_rule).__name__
    settings = _settings(hyperparameters)
    kind = KINDS.get(name.removesuffix("Rule"), name)
    if settings.get("weight_decay") and kind in ("adam", "adamw", "amsgrad"):
        kind = "adamw"  # Chainer's Adam has the weight decay of AdamW
    if settings.pop("amsgrad", False):
        kind = f"{name} with amsgrad" if kind == "adamw" else "amsgrad"
    hooks = [*_hooks(optimizer, "pre")]
    _add_hooks(settings, [*hooks, *_hooks(update_rule, "pre")])
    for hook in (*_hooks(update_rule, "post"), *_hooks(optimizer, "post")):
        settings[f"{type(hook).__name__} after the update"] = True
    if "clip_by_norm" in settings and not all(map(is_trained, optimizer.target.params())):
        settings["GradientClipping of parameters that are not updated"] = True
    names = (f"chainer.optimizers.{name}", *(f"chainer.optimizer_hooks.{type(hook).__name__}" for hook in hooks))
    return Rule(name, kind, settings, names)


def _hooks(owner: Any, timing: str) -> Iterator[Any]:
    """The hooks of an optimizer or an update rule, in the order in which they are called."""
    if owner is not None:
        yield from (getattr(owner._hookable, f"_{timing}_update_hooks") or {}).values()


def _add_hooks(settings: dict[str, Any], hooks: list[Any]) -> None:
    """Add what hooks do before an update to the settings of the rule."""
    rule_decays, has_decayed = bool(settings.get("weight_decay")), False
    for hook in hooks:
        name = type(hook).__name__
        shared, attribute = HOOKS.get(name, (name, ""))
        value = plain(getattr(hook, attribute, True))
        if shared == "weight_decay" and rule_decays:
            settings[name] = value
        elif shared == "weight_decay":
            settings[shared] = settings.get(shared, 0.0) + value
            has_decayed = True
        else:
            settings[shared] = value
            if shared == "clip_by_norm" and has_decayed:
                settings[f"{name} after WeightDecay"] = True


def _settings(hyperparameters: Any) -> dict[str, Any]:
    """The numbers among the hyperparameters of an optimizer or of one update rule."""
    given = hyperparameters.get_dict()
    shared = {} if "lr" in given else SHARED_SETTINGS  # RMSprop has an alpha that is no learning rate
    return {shared.get(key, key): plain(value) for key, value in given.items() if isinstance(value, int | float)}
