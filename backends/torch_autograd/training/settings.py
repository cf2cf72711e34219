"""The settings of PyTorch's parameter groups by their names in scenarios, and schedules of any of them."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.optim import SGD, Optimizer

BETAS = {"beta1": 0, "beta2": 1}
OTHER_NAMES = {"rate": "weight_decay"}
LEAST = math.ulp(0.0)
"""The least number above 0."""


def setting_of(group: dict[str, Any], setting: str) -> float:
    """The value of a setting."""
    if setting in BETAS and "betas" in group:
        return float(group["betas"][BETAS[setting]])
    return float(group[OTHER_NAMES.get(setting, setting)])


def change_setting(group: dict[str, Any], setting: str, value: float) -> None:
    """Give a setting another value."""
    if setting in BETAS and "betas" in group:
        betas = [*group["betas"]]
        betas[BETAS[setting]] = value
        group["betas"] = tuple(betas)
    else:
        group[OTHER_NAMES.get(setting, setting)] = value


def scheduled(schedule: Callable[[Optimizer], Any], optimizer: Optimizer, setting: str) -> Any:
    """The schedule of an optimizer's learning rate, or of another setting."""
    return schedule(optimizer) if setting == "lr" else ScheduledSetting(optimizer, setting, schedule)


class ScheduledSetting:
    """Changes another setting than the learning rate, which is all that PyTorch's schedulers change.

    Its scheduler changes the learning rate of a stand-in, which then becomes the setting of each group.
    """

    def __init__(self, optimizer: Optimizer, setting: str, schedule: Callable[[Optimizer], Any]) -> None:
        self._groups = optimizer.param_groups
        self._setting = setting
        firsts = [setting_of(group, setting) for group in self._groups]
        self._stand_in = SGD([{"params": [torch.zeros(())], "lr": first} for first in firsts])
        self._scheduler = schedule(self._stand_in)
        self._hand_on()

    def step(self) -> None:
        """Set the values of the next update."""
        self._stand_in.step()  # which changes nothing; PyTorch warns of schedulers that are stepped without
        self._scheduler.step()
        self._hand_on()

    def _hand_on(self) -> None:
        for group, stand_in in zip(self._groups, self._stand_in.param_groups, strict=True):
            value = stand_in["lr"]
            if value == 0 and self._setting == "momentum":
                value = LEAST  # at 0 PyTorch would leave the velocity as it is, and take it up again later
            change_setting(group, self._setting, value)
