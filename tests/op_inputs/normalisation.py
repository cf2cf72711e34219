"""Inputs of the normalising layers."""

import numpy as np

from tests.op_inputs.kinds import Inputs, Maker


def layer_norm(random: np.random.RandomState) -> Inputs:
    rows, columns = random.randint(1, 6), random.randint(2, 6)
    x = random.standard_normal((rows, columns))
    return [x, random.uniform(0.5, 2, columns), random.standard_normal(columns)], {"eps": 1e-3}


INPUTS: dict[str, Maker] = {"layer_norm": layer_norm}
