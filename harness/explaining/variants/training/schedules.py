"""Schedules that run ahead, lag behind, or are not used."""

import math
from typing import Any

from backends import numpy_manual
from harness.explaining.variants.variant import Function, Variant, Variants


def _at(schedule: Function, shift: int) -> Function:
    """The schedule at an update that comes `shift` later."""

    def shifted(t: int, **settings: Any) -> Any:
        return schedule(t + shift, **settings)

    return shifted


def unscheduled(t: int, *, lr: float, **settings: Any) -> float:
    """The value that the schedule starts from."""
    return lr


def whole_wave(t: int, *, lr: float, updates: int) -> float:
    """lr·(1 + cos(2π·(t − 1) / updates)) / 2, which is lr again after all updates."""
    return lr * (1 + math.cos(2 * math.pi * (t - 1) / updates)) / 2


def _with(schedule: Function, *others: Variant) -> tuple[Variant, ...]:
    return (
        Variant("it is the value of update t - 1", _at(schedule, -1)),
        Variant("it is the value of update t + 1", _at(schedule, 1)),
        Variant("the schedule is not used: it is the value at the start", unscheduled),
        *others,
    )


SCHEDULES: Variants = {
    numpy_manual.step_decay: _with(numpy_manual.step_decay),
    numpy_manual.exponential_decay: _with(numpy_manual.exponential_decay),
    numpy_manual.cosine_decay: _with(
        numpy_manual.cosine_decay, Variant("it is a whole wave, cos(2π·…), and rises again", whole_wave)
    ),
    numpy_manual.warm_up: _with(numpy_manual.warm_up),
}
"""The schedules that are easily mistaken for another rule."""
