"""Targets that are a yes, a no, or what lies between: whether they fit, and what they weigh."""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array
from backends.numpy_manual.losses.loss_reductions import REDUCTIONS


def answers_misfit(x: Array, t: Array, weight: Array | None, reduction: str) -> str:
    """What would be right where answers, weights or the reduction do not fit; empty where they do."""
    if x.shape != t.shape:
        return "their shapes must be the same"
    if np.any((t < 0) | (t > 1)):  # NaN passes: a diverged teacher gives it
        return "t must hold 0 for no and 1 for yes, or what lies between"
    if weight is not None:
        fills = zip(weight.shape[::-1], x.shape[::-1], strict=False)
        if weight.ndim > x.ndim or not all(have in (1, needed) for have, needed in fills):
            return "weight must have the shape of the scores, or one that fills it"
    return "" if reduction in REDUCTIONS else 'reduction must be "mean", "sum" or "none"'


def weights_of_answers(
    x: Array, t: Array, weight: Array | None, positive_weight: Sequence[float] | None
) -> tuple[Array, Array, Array, Array]:
    """What a yes and a no weigh at each element, and how much of both its target is worth."""
    for_no = np.ones_like(x) if weight is None else np.ones_like(x) * weight
    for_yes = for_no if positive_weight is None else for_no * np.array(positive_weight, x.dtype)
    if t.dtype.kind == "f":
        return for_yes, for_no, for_yes * t, for_no * (1 - t)
    return for_yes, for_no, np.where(t == 1, for_yes, 0), np.where(t == 0, for_no, 0)
