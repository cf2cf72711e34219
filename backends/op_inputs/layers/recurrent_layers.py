"""Inputs of layers of recurrent cells."""

import numpy as np

from backends.contract import Array
from backends.op_inputs.kinds import Inputs, Maker


def layers(random: np.random.RandomState, *, states: int, gates: int, biases: int) -> Inputs:
    """Sequences of unequal lengths, one layer or two, in one direction or both."""
    rows, features, units = (int(size) for size in random.randint(1, 3, size=3))
    steps = int(random.randint(1, 4))
    count, directions = (int(size) for size in random.randint(1, 3, size=2))

    def normal(*shape: int) -> Array:
        return np.asarray(random.standard_normal(shape))

    arrays = [normal(rows, steps, features), random.randint(1, steps + 1, rows)]
    arrays += [normal(rows, count * directions, units) for _ in range(states)]
    for number in range(count * directions):
        below = features if number < directions else directions * units
        arrays += [normal(below, gates * units), normal(units, gates * units)]
        arrays += [normal(gates * units) for _ in range(biases)]
    return arrays, {"bidirectional": True} if directions == 2 else {}


INPUTS: dict[str, Maker] = {
    "lstm_layers": lambda random: layers(random, states=2, gates=4, biases=1),
    "gru_layers": lambda random: layers(random, states=1, gates=3, biases=2),
}
