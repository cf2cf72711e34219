"""Inputs of the sums so far."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array


def cumsum(random: np.random.RandomState) -> Inputs:
    x = array(random, int(random.randint(1, 4)))
    return [x], {"axis": int(random.randint(-x.ndim, x.ndim))}


INPUTS: dict[str, Maker] = {"cumsum": cumsum}
