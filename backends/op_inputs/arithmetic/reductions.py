"""Inputs of reductions over one axis, several or all of them."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array

AXES = (None, 0, 1, -1, (0, 2), (1, -1), (2, 0), (-3, 1, 2))


def reduction(random: np.random.RandomState) -> Inputs:
    return [array(random, 3)], {"axis": AXES[random.randint(len(AXES))], "keepdims": bool(random.rand() < 0.5)}


def reduce_var(random: np.random.RandomState) -> Inputs:
    """Of three values at least, divided by their number, one less or two less."""
    (_, settings), shape = reduction(random), random.randint(3, 5, size=3)
    return [random.standard_normal(shape)], {**settings, "correction": int(random.randint(3))}


def logsumexp(random: np.random.RandomState) -> Inputs:
    """Over one axis or several; of a matrix over the last one."""
    inputs, settings = reduction(random)
    if settings["axis"] is None:
        return [array(random, 2)], {"keepdims": settings["keepdims"]}
    return inputs, settings


INPUTS: dict[str, Maker] = {
    "reduce_sum": reduction,
    "reduce_mean": reduction,
    "reduce_var": reduce_var,
    "reduce_max": reduction,
    "reduce_min": reduction,
    "logsumexp": logsumexp,
}
