"""Inputs of the ops that join arrays or cut one into several."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker


def concatenate(random: np.random.RandomState) -> Inputs:
    """One to three arrays that differ in length along the axis."""
    axis, shape = int(random.randint(-3, 3)), list(random.randint(1, 4, size=3))
    parts = []
    for _ in range(random.randint(1, 4)):
        shape[axis] = random.randint(1, 4)
        parts.append(random.standard_normal(tuple(shape)))
    return parts, {"axis": axis}


def stack(random: np.random.RandomState) -> Inputs:
    shape = tuple(random.randint(1, 4, size=2))
    return [random.standard_normal(shape) for _ in range(random.randint(1, 4))], {"axis": int(random.randint(-3, 3))}


def split(random: np.random.RandomState) -> Inputs:
    axis, sections = int(random.randint(-2, 2)), int(random.randint(2, 4))
    shape = list(random.randint(1, 4, size=2))
    if random.rand() < 0.5:
        shape[axis] *= sections
        return [random.standard_normal(tuple(shape))], {"sections": sections, "axis": axis}
    shape[axis] = 6
    places = tuple(sorted(int(place) for place in random.choice(np.arange(1, 6), sections, replace=False)))
    return [random.standard_normal(tuple(shape))], {"sections": places, "axis": axis}


INPUTS: dict[str, Maker] = {
    "concatenate": concatenate,
    "stack": stack,
    "split": split,
}
