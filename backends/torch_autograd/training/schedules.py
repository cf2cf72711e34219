"""Schedules: PyTorch's schedulers, stepped after every update or epoch."""

from collections.abc import Callable
from typing import Any

import torch
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LinearLR, LRScheduler, SequentialLR, StepLR

from backends.torch_autograd.training.settings import change_setting, setting_of


def step_decay(optimizer: Optimizer, *, every: int, factor: float) -> LRScheduler:
    """lr·factor^⌊(t − 1) / every⌋: multiplied by factor once every `every` updates."""
    return StepLR(optimizer, step_size=every, gamma=factor)


def exponential_decay(optimizer: Optimizer, *, factor: float) -> LRScheduler:
    """lr·factor^(t − 1): multiplied by factor after every update."""
    return ExponentialLR(optimizer, gamma=factor)


def cosine_decay(optimizer: Optimizer, *, updates: int) -> LRScheduler:
    """lr·(1 + cos(π·(t − 1) / updates)) / 2, from lr to 0, and up again."""
    return CosineAnnealingLR(optimizer, T_max=updates)


def warm_up(optimizer: Optimizer, *, updates: int) -> LRScheduler:
    """lr·min(t / updates, 1): in equal steps up to lr."""
    # At least 1 of total_iters, by which SequentialLR divides.
    return LinearLR(optimizer, start_factor=1 / updates, total_iters=max(updates - 1, 1))


def in_sequence(optimizer: Optimizer, schedulers: list[LRScheduler], *, after: list[int]) -> LRScheduler:
    """The rate of the schedule whose turn it is, at its own update: the k-th begins where the one before ends."""
    return SequentialLR(optimizer, schedulers, milestones=after)


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
            change_setting(group, self._setting, stand_in["lr"])
