"""Trainings of a few lines by hand, for tests of single numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from backends.capture.training import Training
from backends.contract import Array

Weights = dict[str, Array]


def ones(weights: Weights) -> Weights:
    """A gradient of 1 for every element."""
    return {name: np.ones_like(array) for name, array in weights.items()}


def training(
    loss: Callable[[Weights, Array], Any],
    gradient: Callable[[Weights], Weights] | None = None,
    *,
    rate: float = 0.0,
    **weights: Any,
) -> Training:
    """A training that reports this loss and these gradients of its weights, or ones, and descends by them."""

    def step(current: Weights, x: Array) -> tuple[Any, Weights]:
        value, gradients = loss(current, x), (gradient or ones)(current)
        for name, array in gradients.items():
            current[name] -= current[name].dtype.type(rate) * array
        return value, gradients

    return Training(step=step, weights={name: np.array(array, np.float64) for name, array in weights.items()})
