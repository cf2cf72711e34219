"""Inputs of the losses."""

import numpy as np

from backends.contract import Array
from tests.backends.op_inputs.kinds import Inputs, Maker, away_from, matrix


def mean_squared_error(random: np.random.RandomState) -> Inputs:
    y = matrix(random)
    return [y, np.asarray(random.standard_normal(y.shape))], {}


def softmax_cross_entropy(random: np.random.RandomState) -> Inputs:
    x = matrix(random, 3)
    return [x, random.randint(0, x.shape[1], len(x))], {}


def distances(random: np.random.RandomState) -> Inputs:
    """Two arrays, no element of which is near the other's."""
    y = matrix(random)
    apart = np.asarray(random.standard_normal(y.shape))
    return [y, y + np.sign(apart) * (0.1 + np.abs(apart))], {}


def huber(random: np.random.RandomState) -> Inputs:
    inputs, _ = distances(random)
    return inputs, {"delta": float(random.choice([0.05, 0.5, 1.5]))}


def weighted_softmax_cross_entropy(random: np.random.RandomState) -> Inputs:
    inputs, _ = softmax_cross_entropy(random)
    return inputs, {"class_weight": tuple(random.uniform(0.1, 4, inputs[0].shape[1]).tolist())}


def masked_softmax_cross_entropy(random: np.random.RandomState) -> Inputs:
    (x, t), _ = softmax_cross_entropy(random)
    ignore_label = int(random.choice([-1, -100, 5]))  # 5 is no class of what `matrix` makes
    ignored = random.uniform(size=len(t)) < 0.5
    ignored[random.randint(len(t))] = False
    return [x, np.where(ignored, ignore_label, t)], {"ignore_label": ignore_label}


def smoothed_softmax_cross_entropy(random: np.random.RandomState) -> Inputs:
    inputs, _ = softmax_cross_entropy(random)
    return inputs, {"smoothing": float(random.uniform(0, 0.5))}


def sigmoid_cross_entropy(random: np.random.RandomState) -> Inputs:
    x = matrix(random, 3)
    return [x, np.asarray(random.randint(0, 2, x.shape))], {}


def hinge(random: np.random.RandomState) -> Inputs:
    x = away_from(1, random) if random.rand() < 0.5 else away_from(-1, random)
    return [x, random.randint(0, x.shape[1], len(x))], {}


def probabilities(random: np.random.RandomState, shape: tuple[int, ...]) -> Array:
    """Rows of positive numbers that sum to 1."""
    p = random.uniform(0.05, 1, shape)
    return np.asarray(p / np.sum(p, axis=1, keepdims=True))


def kl_divergence(random: np.random.RandomState) -> Inputs:
    shape = matrix(random).shape
    return [np.log(probabilities(random, shape)), probabilities(random, shape)], {}


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
    "softmax_cross_entropy": softmax_cross_entropy,
    "weighted_softmax_cross_entropy": weighted_softmax_cross_entropy,
    "masked_softmax_cross_entropy": masked_softmax_cross_entropy,
    "smoothed_softmax_cross_entropy": smoothed_softmax_cross_entropy,
    "sigmoid_cross_entropy": sigmoid_cross_entropy,
    "hinge": hinge,
    "kl_divergence": kl_divergence,
    "triplet": triplet,
    "cosine_distance": cosine_distance,
}
