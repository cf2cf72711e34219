"""Inputs of elementwise arithmetic."""

import numpy as np

from backends.contract import Array
from backends.op_inputs.kinds import Inputs, Maker, matrix, positive

EXPONENTS = (2.0, 3.0, 0.5, 1.5, -1.0, -0.5)
"""Each of them exact in float32 too."""


def add(random: np.random.RandomState) -> Inputs:
    x = matrix(random)
    return [x, random.standard_normal(x.shape[1] if random.rand() < 0.5 else x.shape)], {}


def broadcast(random: np.random.RandomState, x: Array) -> Array:
    """An array of x's shape, of one that is repeated along an axis of x, or a single number."""
    shapes = (x.shape, (x.shape[0], 1), (1, x.shape[1]), (x.shape[1],), ())
    return np.asarray(random.standard_normal(shapes[random.randint(len(shapes))]))


def subtract(random: np.random.RandomState) -> Inputs:
    x = matrix(random)
    pair = [x, broadcast(random, x)]
    return pair if random.rand() < 0.5 else pair[::-1], {}


def divide(random: np.random.RandomState) -> Inputs:
    pair, _ = subtract(random)
    return [pair[0], np.asarray(np.sign(pair[1]) * (0.3 + np.abs(pair[1])))], {}


def power(random: np.random.RandomState) -> Inputs:
    exponent = EXPONENTS[random.randint(len(EXPONENTS))]
    whole = exponent in (2.0, 3.0)
    return [matrix(random) if whole else positive(random)], {"exponent": exponent}


def extremes(random: np.random.RandomState) -> Inputs:
    """Two arrays, no element of which is near the other's."""
    x = matrix(random)
    b = broadcast(random, x)
    return [np.asarray(b + np.sign(x) * (0.1 + np.abs(x))), b], {}


def where(random: np.random.RandomState) -> Inputs:
    x = matrix(random)
    mask = random.randint(0, 2, x.shape if random.rand() < 0.5 else x.shape[1])
    return [np.asarray(mask), x, broadcast(random, x)], {}


INPUTS: dict[str, Maker] = {
    "add": add,
    "subtract": subtract,
    "multiply": subtract,
    "divide": divide,
    "negative": lambda random: ([matrix(random)], {}),
    "power": power,
    "maximum": extremes,
    "minimum": extremes,
    "where": where,
}
