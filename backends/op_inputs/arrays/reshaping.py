"""Inputs of the ops that change the shape or the order of axes."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array


def reshape(random: np.random.RandomState) -> Inputs:
    x = array(random, 3)
    shapes = ((-1,), (x.shape[0], -1), (-1, x.shape[2]), (x.shape[2], 1, -1))
    return [x], {"shape": shapes[random.randint(len(shapes))]}


def squeeze(random: np.random.RandomState) -> Inputs:
    shape, axis = random.randint(1, 4, size=3), int(random.randint(-3, 3))
    shape[axis] = 1
    return [random.standard_normal(tuple(shape))], {"axis": axis}


def expand_dims(random: np.random.RandomState) -> Inputs:
    return [array(random, 2)], {"axis": int(random.randint(-3, 3))}


def transpose(random: np.random.RandomState) -> Inputs:
    axes = int(random.randint(1, 5))
    return [array(random, axes)], {"axes": tuple(int(axis) for axis in random.permutation(axes))}


INPUTS: dict[str, Maker] = {
    "reshape": reshape,
    "squeeze": squeeze,
    "expand_dims": expand_dims,
    "transpose": transpose,
}
