"""Inputs of recurrent cells."""

import numpy as np

from backends.contract import Array
from backends.op_inputs.kinds import Inputs, Maker


def cell(random: np.random.RandomState, *, states: int, gates: int, biases: int) -> Inputs:
    """Data, states, the two matrices and the biases of a cell with so many of each."""
    rows, inputs, units = random.randint(1, 4, size=3)
    scale = random.choice([1.0, 4.0])  # at 4 gates close

    def normal(*shape: int) -> Array:
        return np.asarray(random.standard_normal(shape))

    arrays = [normal(rows, inputs), *(normal(rows, units) for _ in range(states))]
    arrays += [scale * normal(inputs, gates * units), scale * normal(units, gates * units)]
    return [*arrays, *(normal(gates * units) for _ in range(biases))], {}


INPUTS: dict[str, Maker] = {
    "rnn": lambda random: cell(random, states=1, gates=1, biases=1),
    "lstm": lambda random: cell(random, states=2, gates=4, biases=1),
    "gru_reset_before": lambda random: cell(random, states=1, gates=3, biases=1),
    "gru_reset_after": lambda random: cell(random, states=1, gates=3, biases=2),
}
