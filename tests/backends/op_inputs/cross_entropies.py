"""Inputs of the losses of labels and probabilities."""

from typing import Any

import numpy as np

from backends.contract import Array
from tests.backends.op_inputs.kinds import Inputs, Maker, array, matrix

IGNORED = 1


def labels(random: np.random.RandomState, x: Array) -> tuple[Array, dict[str, Any]]:
    """A label for every position, some of them ignored, and settings that say so."""
    t = np.asarray(random.randint(0, x.shape[1], (x.shape[0], *x.shape[2:])))
    settings: dict[str, Any] = {"reduction": str(random.choice(["mean", "sum", "none"]))}
    if random.rand() < 0.5:
        settings["class_weight"] = tuple(random.uniform(0.1, 4, x.shape[1]).tolist())
    if random.rand() < 0.5:
        t.flat[0] = 0
        settings["ignore_label"] = IGNORED
    return t, settings


def cross_entropy(random: np.random.RandomState) -> Inputs:
    x = array(random, int(random.randint(2, 5)), 3)
    t, settings = labels(random, x)
    if random.rand() < 0.5:
        settings["smoothing"] = float(random.uniform(0, 0.5))
    if random.rand() < 0.3:
        settings.pop("ignore_label", None)
        shares = np.asarray(random.uniform(0.05, 1, x.shape))
        t = np.asarray(shares / np.sum(shares, axis=1, keepdims=True))
    return [x, t], settings


def negative_log_likelihood(random: np.random.RandomState) -> Inputs:
    log_p = -np.abs(array(random, int(random.randint(2, 5)), 3))
    t, settings = labels(random, log_p)
    return [log_p, t], settings


def probabilities(random: np.random.RandomState, shape: tuple[int, ...]) -> Array:
    """Rows of positive numbers that sum to 1."""
    p = random.uniform(0.05, 1, shape)
    return np.asarray(p / np.sum(p, axis=1, keepdims=True))


def kl_divergence(random: np.random.RandomState) -> Inputs:
    shape = matrix(random).shape
    return [np.log(probabilities(random, shape)), probabilities(random, shape)], {}


INPUTS: dict[str, Maker] = {
    "cross_entropy": cross_entropy,
    "negative_log_likelihood": negative_log_likelihood,
    "kl_divergence": kl_divergence,
}
