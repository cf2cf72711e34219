"""Schedules: PyTorch's schedulers, stepped after every step or epoch."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LinearLR, LRScheduler, SequentialLR, StepLR


def step_decay(optimizer: Optimizer, *, every: int, factor: float) -> LRScheduler:
    """lr·factor^⌊(t − 1) / every⌋: multiplied by factor once every `every` steps."""
    return StepLR(optimizer, step_size=every, gamma=factor)


def exponential_decay(optimizer: Optimizer, *, factor: float) -> LRScheduler:
    """lr·factor^(t − 1): multiplied by factor after every step."""
    return ExponentialLR(optimizer, gamma=factor)


def cosine_decay(optimizer: Optimizer, *, updates: int) -> LRScheduler:
    """lr·(1 + cos(π·(t − 1) / updates)) / 2, from lr to 0, and up again."""
    return CosineAnnealingLR(optimizer, T_max=updates)


def warm_up(optimizer: Optimizer, *, updates: int) -> LRScheduler:
    """lr·min(t / updates, 1): in equal steps up to lr."""
    # At least 1 of total_iters, by which SequentialLR divides.
    return LinearLR(optimizer, start_factor=1 / updates, total_iters=max(updates - 1, 1))


def in_sequence(optimizer: Optimizer, schedulers: list[LRScheduler], *, after: list[int]) -> LRScheduler:
    """The value by the schedule whose turn it is, at its own step: the k-th begins where the one before ends."""
    return SequentialLR(optimizer, schedulers, milestones=after)
