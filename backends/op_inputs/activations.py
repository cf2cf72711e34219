"""Inputs of the activations."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array, away_from, matrix


def leaky_relu(random: np.random.RandomState) -> Inputs:
    return [away_from(0, random)], {"slope": float(random.uniform(0.01, 0.5))}


def elu(random: np.random.RandomState) -> Inputs:
    return [3 * away_from(0, random)], {"alpha": float(random.uniform(0.2, 2))}


def hard_sigmoid(random: np.random.RandomState) -> Inputs:
    return [away_from(2.5 if random.rand() < 0.5 else -2.5, random)], {}


def clipped_relu(random: np.random.RandomState) -> Inputs:
    ceiling = float(random.uniform(0.5, 6))
    return [away_from(ceiling if random.rand() < 0.5 else 0, random)], {"ceiling": ceiling}


def scores(random: np.random.RandomState) -> Inputs:
    """From close together to far apart, along the last axis or any."""
    scale = float(np.exp(random.uniform(0, 3)))
    if random.rand() < 0.5:
        return [matrix(random, scale)], {}
    axes = int(random.randint(1, 4))
    return [array(random, axes, scale)], {"axis": int(random.randint(-axes, axes))}


def maxout(random: np.random.RandomState) -> Inputs:
    rows, units, pieces = (int(size) for size in random.randint(1, 4, size=3))
    return [random.standard_normal((rows, units * pieces))], {"pieces": pieces}


def prelu(random: np.random.RandomState) -> Inputs:
    """A slope for each feature or channel, or one for all."""
    x = away_from(0, random)
    if random.rand() < 0.5:
        x = np.stack([x, -x], axis=2)
    return [x, 0.25 * random.standard_normal(x.shape[1] if random.rand() < 0.5 else 1)], {}


INPUTS: dict[str, Maker] = {
    "relu": lambda random: ([away_from(0, random)], {}),
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": lambda random: ([3 * away_from(0, random)], {}),
    "softplus": lambda random: ([matrix(random, 5)], {}),
    "sigmoid": lambda random: ([matrix(random, 3)], {}),
    "tanh": lambda random: ([matrix(random, 2)], {}),
    "hard_sigmoid": hard_sigmoid,
    "clipped_relu": clipped_relu,
    "swish": lambda random: ([matrix(random, 4)], {}),
    "hard_swish": lambda random: ([away_from(3 if random.rand() < 0.5 else -3, random)], {}),
    "mish": lambda random: ([matrix(random, 4)], {}),
    "log_sigmoid": lambda random: ([matrix(random, 5)], {}),
    "gelu": lambda random: ([matrix(random)], {}),  # further below 0, 1 + erf has no digits left to differentiate
    "gelu_tanh": lambda random: ([matrix(random)], {}),
    "softmax": scores,
    "log_softmax": scores,
    "maxout": maxout,
    "prelu": prelu,
}
