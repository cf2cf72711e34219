"""Schedules: extensions of Chainer's Trainer, called after every step or epoch without a Trainer."""

import math
from collections.abc import Sequence
from typing import Any

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.training.state import rate_of

extensions = chainer.training.extensions


def step_decay(optimizer: Any, *, every: int, factor: float) -> Any:
    """lr·factor^⌊(t − 1) / every⌋: multiplied by factor once every `every` steps."""
    return extensions.StepShift(rate_of(optimizer), factor, every, optimizer=optimizer)


def exponential_decay(optimizer: Any, *, factor: float) -> Any:
    """lr·factor^(t − 1): multiplied by factor after every step."""
    return extensions.ExponentialShift(rate_of(optimizer), factor, optimizer=optimizer)


def cosine_decay(optimizer: Any, *, updates: int) -> Any:
    """lr·(1 + cos(π·(t − 1) / updates)) / 2, from lr to 0, and up again."""
    # Chainer has no such extension.
    return _CosineShift(rate_of(optimizer), updates, optimizer)


def warm_up(optimizer: Any, *, updates: int) -> Any:
    """lr·min(t / updates, 1): in equal steps up to lr."""
    attribute = rate_of(optimizer)
    lr = getattr(optimizer, attribute)
    return extensions.WarmupShift(attribute, lr / updates, updates - 1, lr, optimizer=optimizer)


def in_sequence(optimizer: Any, schedules: Sequence[Any], *, after: Sequence[int]) -> Any:
    """The value by the schedule whose turn it is, at its own step: the k-th begins where the one before ends."""
    # Chainer has no such extension.
    return _InSequence(rate_of(optimizer), schedules, after, optimizer)


class _CosineShift(chainer.training.Extension):  # type: ignore[misc]
    """Multiplies an optimizer's attribute by half a cosine, from 1 to 0, and up again."""

    def __init__(self, attribute: str, updates: int, optimizer: Any) -> None:
        self._attribute = attribute
        self._updates = updates
        self._optimizer = optimizer
        self._first = getattr(optimizer, attribute)
        self._t = 0

    def __call__(self, trainer: Any) -> None:
        self._t += 1
        angle = math.pi * self._t / self._updates
        setattr(self._optimizer, self._attribute, self._first * (1 + math.cos(angle)) / 2)


class _InSequence(chainer.training.Extension):  # type: ignore[misc]
    """Calls one extension after the other, each of which starts from an optimizer's attribute as it is at first."""

    def __init__(self, attribute: str, schedules: Sequence[Any], after: Sequence[int], optimizer: Any) -> None:
        self._attribute = attribute
        self._schedules = dict(zip([0, *after], schedules, strict=True))
        self._optimizer = optimizer
        self._first = getattr(optimizer, attribute)
        self._t = 0
        self._current = schedules[0]

    def initialize(self, trainer: Any) -> None:
        setattr(self._optimizer, self._attribute, self._first)
        self._current.initialize(trainer)

    def __call__(self, trainer: Any) -> None:
        self._t += 1
        if self._t in self._schedules:
            self._current = self._schedules[self._t]
            self.initialize(trainer)
        else:
            self._current(trainer)
