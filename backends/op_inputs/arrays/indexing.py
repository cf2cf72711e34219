"""Inputs of the ops that read elements at other places."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array


def slice_axis(random: np.random.RandomState) -> Inputs:
    x, axis = array(random, 3), int(random.randint(-3, 3))
    start = int(random.randint(x.shape[axis]))
    return [x], {"start": start, "stop": int(random.randint(start, x.shape[axis])) + 1, "axis": axis}


def select(random: np.random.RandomState) -> Inputs:
    x, axis = array(random, 3), int(random.randint(-3, 3))
    return [x], {"index": int(random.randint(-x.shape[axis], x.shape[axis])), "axis": axis}


def gather(random: np.random.RandomState) -> Inputs:
    """Some places more often than once, others never; as many or fewer along the other axes."""
    x = array(random, int(random.randint(1, 4)))
    axis = int(random.randint(-x.ndim, x.ndim))
    shape = [length if random.rand() < 0.8 else int(random.randint(1, length + 1)) for length in x.shape]
    shape[axis] = int(random.randint(1, 6))
    return [x, random.randint(0, x.shape[axis], tuple(shape))], {"axis": axis}


def flip(random: np.random.RandomState) -> Inputs:
    x = array(random, int(random.randint(1, 4)))
    return [x], {"axis": int(random.randint(-x.ndim, x.ndim))}


INPUTS: dict[str, Maker] = {
    "slice_axis": slice_axis,
    "select": select,
    "gather": gather,
    "flip": flip,
}
