"""Inputs of gates."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker


def glu(random: np.random.RandomState) -> Inputs:
    """Along the last axis or any."""
    shape = [int(size) for size in random.randint(1, 4, size=random.randint(1, 4))]
    axis = int(random.randint(-len(shape), len(shape))) if random.rand() < 0.5 else -1
    shape[axis] *= 2
    return [3 * random.standard_normal(shape)], {} if axis == -1 else {"axis": axis}


def swiglu(random: np.random.RandomState) -> Inputs:
    """Rows, alone or in sequences."""
    width, hidden, width_out = (int(size) for size in random.randint(1, 5, size=3))
    front = tuple(random.randint(1, 4, size=random.randint(1, 3)))
    shapes = [(*front, width), (width, hidden), (width, hidden), (hidden, width_out)]
    return [np.asarray(random.standard_normal(shape)) for shape in shapes], {}


INPUTS: dict[str, Maker] = {
    "glu": glu,
    "swiglu": swiglu,
}
