"""Inputs of the losses of labels and probabilities."""

from typing import Any

import numpy as np

from backends.contract import Array
from backends.op_inputs.kinds import Inputs, Maker, array, matrix, reduction

IGNORED = 1


def labels(random: np.random.RandomState, x: Array) -> tuple[Array, dict[str, Any]]:
    """A label for every position, some of them ignored, and settings that say so."""
    axis = min(x.ndim - 1, 1)
    t = np.asarray(random.randint(0, x.shape[axis], (*x.shape[:axis], *x.shape[axis + 1 :])))
    settings: dict[str, Any] = {"reduction": str(random.choice(["mean", "sum", "none"]))}
    if random.rand() < 0.5:
        settings["class_weight"] = tuple(random.uniform(0.1, 4, x.shape[axis]).tolist())
    if random.rand() < 0.5:
        t.flat[0] = 0
        settings["ignore_label"] = IGNORED
    return t, settings


def cross_entropy(random: np.random.RandomState) -> Inputs:
    x = array(random, int(random.randint(1, 5)), 3)
    t, settings = labels(random, x)
    if random.rand() < 0.5:
        settings["smoothing"] = float(random.uniform(0, 0.5))
    if random.rand() < 0.3:
        settings.pop("ignore_label", None)
        shares = np.asarray(random.uniform(0.05, 1, x.shape))
        t = np.asarray(shares / np.sum(shares, axis=min(x.ndim - 1, 1), keepdims=True))
    return [x, t], settings


def negative_log_likelihood(random: np.random.RandomState) -> Inputs:
    log_p = -np.abs(array(random, int(random.randint(1, 5)), 3))
    t, settings = labels(random, log_p)
    return [log_p, t], settings


def probabilities(random: np.random.RandomState, shape: tuple[int, ...]) -> Array:
    """Rows of positive numbers that sum to 1."""
    p = random.uniform(0.05, 1, shape)
    return np.asarray(p / np.sum(p, axis=1, keepdims=True))


def answers(random: np.random.RandomState, shape: tuple[int, ...]) -> list[Array]:
    """Targets, as labels or as what lies between, and sometimes weights that fill their shape."""
    t = random.randint(0, 2, shape) if random.rand() < 0.5 else random.uniform(0, 1, shape)
    weighed = shape[int(random.randint(0, len(shape) + 1)) :]
    weight = random.uniform(0.1, 4, [size if random.rand() < 0.7 else 1 for size in weighed])
    return [np.asarray(t), *([np.asarray(weight)] if random.rand() < 0.5 else [])]


def binary_cross_entropy_with_logits(random: np.random.RandomState) -> Inputs:
    x = array(random, int(random.randint(1, 4)), 3)
    settings = reduction(random)
    if random.rand() < 0.5:
        classes = x.shape[-1] if random.rand() < 0.7 else 1
        settings["positive_weight"] = tuple(random.uniform(0.1, 4, classes).tolist())
    return [x, *answers(random, x.shape)], settings


def binary_cross_entropy(random: np.random.RandomState) -> Inputs:
    p = np.asarray(random.uniform(0.02, 0.98, array(random, int(random.randint(1, 4))).shape))
    return [p, *answers(random, p.shape)], reduction(random)


def kl_divergence(random: np.random.RandomState) -> Inputs:
    shape = matrix(random).shape
    t, settings = probabilities(random, shape), reduction(random, "batchmean")
    if random.rand() < 0.5:
        t, settings = np.log(t), {"log_target": True, **settings}
    return [np.log(probabilities(random, shape)), t], settings


INPUTS: dict[str, Maker] = {
    "cross_entropy": cross_entropy,
    "negative_log_likelihood": negative_log_likelihood,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
    "binary_cross_entropy": binary_cross_entropy,
    "kl_divergence": kl_divergence,
}
