"""The settings of Chainer's optimizers that schedules change, and where they are held."""

from collections.abc import Callable
from typing import Any

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.training.state import learning_rate

DECAY = chainer.optimizer_hooks.WeightDecay.name


def setting_of(optimizer: Any, parameter: Any, setting: str) -> float:
    """The value that a setting has for one parameter."""
    rule = parameter.update_rule
    if setting == "lr":
        return learning_rate(rule)
    if setting == "rate":
        return float(next((hook.rate for hook in (*_decays(rule), *_decays(optimizer))), 0))
    return float(getattr(rule.hyperparam, setting))


def holders_of(optimizer: Any, setting: str) -> list[Any]:
    """What has a setting as an attribute: hyperparameters of the optimizer, of parameters and of groups; or hooks."""
    rules = [parameter.update_rule for parameter in optimizer.target.params()]
    if setting == "rate":
        return [hook for each in (optimizer, *rules) for hook in _decays(each)]
    its = [rule.hyperparam for rule in rules]
    own = [each for each in its if each.parent is optimizer.hyperparam and setting in vars(each)]
    of_groups = {id(each.parent): each.parent for each in its if each.parent is not optimizer.hyperparam}
    return [optimizer.hyperparam, *own, *of_groups.values()]


def _decays(hooked: Any) -> list[Any]:
    """The weight decay among the hooks of an optimizer or an update rule, to which Chainer has no access by name."""
    hooks = hooked._hookable._pre_update_hooks
    return [hooks[DECAY]] if DECAY in hooks else []


class ScheduledSetting(chainer.training.Extension):  # type: ignore[misc]
    """Changes any setting by an extension that changes the learning rate of a stand-in."""

    def __init__(self, holder: Any, setting: str, schedule: Callable[[Any], Any]) -> None:
        self._holder, self._setting = holder, setting
        self._stand_in = chainer.optimizer.Hyperparameter()
        self._stand_in.lr = getattr(holder, setting)
        self._extension = schedule(self._stand_in)

    def initialize(self, trainer: Any) -> None:
        """Set the value of the first update."""
        self._extension.initialize(trainer)
        setattr(self._holder, self._setting, self._stand_in.lr)

    def __call__(self, trainer: Any) -> None:
        """Set the value of the next update."""
        self._extension(trainer)
        setattr(self._holder, self._setting, self._stand_in.lr)
