"""Schedules: the value that a setting has at step t, counted from 1, from the one it starts at, `lr`.

With `per="epoch"`, t counts epochs.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence


def step_decay(t: int, *, lr: float, every: int, factor: float) -> float:
    """lr·factor^⌊(t − 1) / every⌋: by factor once every `every` steps (He et al. 2016, arXiv:1512.03385)."""
    return lr * factor ** ((t - 1) // every)


def exponential_decay(t: int, *, lr: float, factor: float) -> float:
    """lr·factor^(t − 1): multiplied by factor after every step (Szegedy et al. 2016, arXiv:1512.00567, 8)."""
    return lr * factor ** (t - 1)


def cosine_decay(t: int, *, lr: float, updates: int) -> float:
    """lr·(1 + cos(π·(t − 1) / updates)) / 2, from lr to 0 and up again (Loshchilov & Hutter 2017, arXiv:1608.03983)."""
    return lr * (1 + math.cos(math.pi * (t - 1) / updates)) / 2


def warm_up(t: int, *, lr: float, updates: int) -> float:
    """lr·min(t / updates, 1): in equal steps up to lr (Goyal et al. 2017, arXiv:1706.02677)."""
    return lr * min(t / updates, 1.0)


def in_sequence(t: int, *, lr: float, schedules: Sequence[Callable[..., float]], after: Sequence[int]) -> float:
    """The value by the schedule whose turn it is, at its own step: the k-th begins where the one before ends.

    Schedule k ends after step `after[k]`; each starts from lr and counts from 1, as PyTorch's SequentialLR has it and
    as in warm restarts (Loshchilov & Hutter 2017, arXiv:1608.03983).
    """
    k = bisect_left(after, t)
    start = after[k - 1] if k > 0 else 0
    return schedules[k](t - start, lr=lr)
