"""Inputs of the losses that measure a distance."""

import numpy as np

from tests.backends.op_inputs.kinds import Inputs, Maker, matrix


def mean_squared_error(random: np.random.RandomState) -> Inputs:
    y = matrix(random)
    return [y, np.asarray(random.standard_normal(y.shape))], {}


def distances(random: np.random.RandomState) -> Inputs:
    """Two arrays, no element of which is near the other's."""
    y = matrix(random)
    apart = np.asarray(random.standard_normal(y.shape))
    return [y, y + np.sign(apart) * (0.1 + np.abs(apart))], {}


def huber(random: np.random.RandomState) -> Inputs:
    inputs, _ = distances(random)
    return inputs, {"delta": float(random.choice([0.05, 0.5, 1.5]))}


def triplet(random: np.random.RandomState) -> Inputs:
    anchor = matrix(random)
    others = [np.asarray(random.standard_normal(anchor.shape)) for _ in range(2)]
    return [anchor, *others], {"margin": float(random.uniform(0.1, 2))}


def cosine_distance(random: np.random.RandomState) -> Inputs:
    x = matrix(random)
    return [x, np.asarray(random.standard_normal(x.shape))], {"eps": float(random.choice([1e-3, 0.5]))}


INPUTS: dict[str, Maker] = {
    "mean_squared_error": mean_squared_error,
    "mean_absolute_error": distances,
    "huber": huber,
    "triplet": triplet,
    "cosine_distance": cosine_distance,
}
