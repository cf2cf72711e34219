"""Parameter groups in Chainer: parameters whose update rules have hyperparameters and hooks of their own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.training.settings import ScheduledSetting, holders_of
from backends.chainer_autograd.training.state import rate_of
from backends.contract import Program


def grouped(model: Any, *, parameters: Mapping[str, Any], ops: Any, program: Program) -> Any:
    """The optimizer of a program with its decay, set up with the parameters of a model.

    An optimizer that a group has of its own gives its parameters other update rules, which the first one calls, too.
    """
    optimizer = getattr(ops, program.optimizer.op)(model, **program.optimizer.settings)
    for group in program.own_groups:
        rule = program.optimizer_in(group)
        getattr(ops, rule.op)(part_of(parameters, group.weights), **rule.settings)
    for group in program.common_groups:
        rule = program.optimizer_in(group)
        its = getattr(ops, rule.op)(chainer.Chain(), **rule.settings).hyperparam.get_dict()
        common = optimizer.hyperparam.get_dict()
        for weight in group.weights:
            own = parameters[weight].update_rule.hyperparam
            for name, value in its.items():
                if value != common[name]:
                    setattr(own, name, value)
    _add_decay(optimizer, parameters, ops, program)
    return optimizer


def part_of(parameters: Mapping[str, Any], names: Iterable[str]) -> Any:
    """A chain of some of the parameters."""
    part = chainer.Chain()
    with part.init_scope():
        for name in names:
            setattr(part, f"parameter_{name}", parameters[name])
    return part


def _add_decay(optimizer: Any, parameters: Mapping[str, Any], ops: Any, program: Program) -> None:
    """A hook of the optimizer, or where groups decay otherwise, of each parameter that decays."""
    if program.decay is None:
        return
    decay = getattr(ops, program.decay.op)
    rules = program.decays
    if all(rule == program.decay for rule in rules.values()):
        decay(optimizer, **program.decay.settings)
        return
    for name, rule in rules.items():
        if any(rule.settings.values()):
            decay(parameters[name].update_rule, **rule.settings)


class Scheduler:
    """The schedule of an optimizer, and of each parameter or group that has the setting of its own.

    What it changes is the learning rate, unless it is given another setting.
    """

    def __init__(self, schedule: Callable[[Any], Any], optimizer: Any, setting: str = "lr") -> None:
        if setting == "lr":
            _, *others = holders_of(optimizer, rate_of(optimizer))
            self._extensions = [schedule(holder) for holder in (optimizer, *others)]
        else:
            holders = holders_of(optimizer, setting)
            self._extensions = [ScheduledSetting(holder, setting, schedule) for holder in holders]

    def initialize(self, trainer: Any) -> None:
        """Set the values of the first update."""
        for extension in self._extensions:
            extension.initialize(trainer)

    def __call__(self, trainer: Any) -> None:
        """Set the values of the next update."""
        for extension in self._extensions:
            extension(trainer)
