"""Inputs of the losses that measure a distance."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array, matrix, reduction


def mean_squared_error(random: np.random.RandomState) -> Inputs:
    y = matrix(random)
    return [y, np.asarray(random.standard_normal(y.shape))], reduction(random)


def distances(random: np.random.RandomState) -> Inputs:
    """Two arrays, no element of which is near the other's."""
    y = matrix(random)
    apart = np.asarray(random.standard_normal(y.shape))
    return [y, y + np.sign(apart) * (0.1 + np.abs(apart))], reduction(random)


def huber(random: np.random.RandomState) -> Inputs:
    inputs, settings = distances(random)
    return inputs, {"delta": float(random.choice([0.05, 0.5, 1.5])), **settings}


def smooth_l1(random: np.random.RandomState) -> Inputs:
    inputs, settings = distances(random)
    return inputs, {"beta": float(random.choice([0.0, 0.05, 0.5, 1.5])), **settings}


def triplet(random: np.random.RandomState) -> Inputs:
    anchor = matrix(random)
    others = [np.asarray(random.standard_normal(anchor.shape)) for _ in range(2)]
    return [anchor, *others], {"margin": float(random.uniform(0.1, 2)), **reduction(random)}


def triplet_margin(random: np.random.RandomState) -> Inputs:
    inputs, settings = triplet(random)
    if random.rand() < 0.5:
        settings["p"] = float(random.choice([1.0, 1.5, 2.0, 3.0]))
    if random.rand() < 0.5:
        settings |= {"swap": True, "eps": float(random.choice([1e-6, 1e-2]))}
    return inputs, settings


def cosine_distance(random: np.random.RandomState) -> Inputs:
    """Rows, many of which are shorter than the larger eps."""
    axes = int(random.randint(1, 4))
    x = array(random, axes)
    settings = {"eps": float(random.choice([1e-3, 1.0])), **reduction(random)}
    if random.rand() < 0.5:
        settings["axis"] = int(random.randint(-axes, axes))
    return [x, np.asarray(random.standard_normal(x.shape))], settings


INPUTS: dict[str, Maker] = {
    "mean_squared_error": mean_squared_error,
    "mean_absolute_error": distances,
    "huber": huber,
    "smooth_l1": smooth_l1,
    "triplet": triplet,
    "triplet_margin": triplet_margin,
    "cosine_distance": cosine_distance,
}
