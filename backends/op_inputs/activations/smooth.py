"""Inputs of the smooth activations."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array, matrix


def scores(random: np.random.RandomState) -> Inputs:
    """From close together to far apart, along the last axis or any."""
    scale = float(np.exp(random.uniform(0, 3)))
    if random.rand() < 0.5:
        return [matrix(random, scale)], {}
    axes = int(random.randint(1, 4))
    return [array(random, axes, scale)], {"axis": int(random.randint(-axes, axes))}


INPUTS: dict[str, Maker] = {
    "softplus": lambda random: ([matrix(random, 5)], {}),
    "sigmoid": lambda random: ([matrix(random, 3)], {}),
    "tanh": lambda random: ([matrix(random, 2)], {}),
    "swish": lambda random: ([matrix(random, 4)], {}),
    "mish": lambda random: ([matrix(random, 4)], {}),
    "log_sigmoid": lambda random: ([matrix(random, 5)], {}),
    "gelu": lambda random: ([matrix(random)], {}),  # further below 0, 1 + erf has no digits left to differentiate
    "gelu_tanh": lambda random: ([matrix(random)], {}),
    "softmax": scores,
    "log_softmax": scores,
}
