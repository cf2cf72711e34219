"""Inputs of the activations with a kink."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, away_from


def leaky_relu(random: np.random.RandomState) -> Inputs:
    return [away_from(0, random)], {"slope": float(random.uniform(0.01, 0.5))}


def elu(random: np.random.RandomState) -> Inputs:
    return [3 * away_from(0, random)], {"alpha": float(random.uniform(0.2, 2))}


def hard_sigmoid(random: np.random.RandomState) -> Inputs:
    return [away_from(2.5 if random.rand() < 0.5 else -2.5, random)], {}


def clipped_relu(random: np.random.RandomState) -> Inputs:
    ceiling = float(random.uniform(0.5, 6))
    return [away_from(ceiling if random.rand() < 0.5 else 0, random)], {"ceiling": ceiling}


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
    "hard_sigmoid": hard_sigmoid,
    "clipped_relu": clipped_relu,
    "hard_swish": lambda random: ([away_from(3 if random.rand() < 0.5 else -3, random)], {}),
    "maxout": maxout,
    "prelu": prelu,
}
