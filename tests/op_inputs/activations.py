"""Inputs of the activations."""

from tests.op_inputs.kinds import Maker, away_from, matrix

INPUTS: dict[str, Maker] = {
    "relu": lambda random: ([away_from(0, random)], {}),
    "sigmoid": lambda random: ([matrix(random, 3)], {}),
    "tanh": lambda random: ([matrix(random, 2)], {}),
}
