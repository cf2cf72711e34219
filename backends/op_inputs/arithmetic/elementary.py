"""Inputs of the elementary functions."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, away_from, matrix, positive


def clip(random: np.random.RandomState) -> Inputs:
    low, high = sorted(random.uniform(-2, 2, 2).tolist())
    return [away_from(high if random.rand() < 0.5 else low, random)], {"low": low, "high": high + 0.2}


INPUTS: dict[str, Maker] = {
    "exp": lambda random: ([matrix(random, 3)], {}),
    "log": lambda random: ([positive(random)], {}),
    "sqrt": lambda random: ([positive(random)], {}),
    "sin": lambda random: ([matrix(random, 3)], {}),
    "cos": lambda random: ([matrix(random, 3)], {}),
    "absolute": lambda random: ([away_from(0, random)], {}),
    "clip": clip,
}
