"""Inputs of the losses."""

import numpy as np

from tests.op_inputs.kinds import Inputs, Maker, matrix


def mean_squared_error(random: np.random.RandomState) -> Inputs:
    y = matrix(random)
    return [y, np.asarray(random.standard_normal(y.shape))], {}


def softmax_cross_entropy(random: np.random.RandomState) -> Inputs:
    x = matrix(random, 3)
    return [x, random.randint(0, x.shape[1], len(x))], {}


INPUTS: dict[str, Maker] = {
    "mean_squared_error": mean_squared_error,
    "softmax_cross_entropy": softmax_cross_entropy,
}
