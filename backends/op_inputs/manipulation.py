"""Inputs of the ops that move elements."""

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


def slice_axis(random: np.random.RandomState) -> Inputs:
    x, axis = array(random, 3), int(random.randint(-3, 3))
    start = int(random.randint(x.shape[axis]))
    return [x], {"start": start, "stop": int(random.randint(start, x.shape[axis])) + 1, "axis": axis}


def select(random: np.random.RandomState) -> Inputs:
    x, axis = array(random, 3), int(random.randint(-3, 3))
    return [x], {"index": int(random.randint(-x.shape[axis], x.shape[axis])), "axis": axis}


def broadcast_to(random: np.random.RandomState) -> Inputs:
    """An array with axes of size 1 among the others, and up to two new ones in front."""
    sizes = random.randint(1, 4, size=random.randint(1, 4))
    x = random.standard_normal(tuple(int(size) if random.rand() < 0.5 else 1 for size in sizes))
    front = random.randint(1, 4, size=random.randint(0, 3)).tolist()
    return [x], {"shape": (*front, *(int(size) if one == 1 else one for size, one in zip(sizes, x.shape, strict=True)))}


def tile(random: np.random.RandomState) -> Inputs:
    """Up to three times along each axis, and up to two new axes in front."""
    x = array(random, int(random.randint(0, 4)))
    return [x], {"repeats": tuple(random.randint(1, 4, size=x.ndim + random.randint(0, 3)).tolist())}


def pad(random: np.random.RandomState) -> Inputs:
    x = array(random, int(random.randint(1, 4)))
    widths = tuple(tuple(random.randint(0, 3, size=2).tolist()) for _ in range(x.ndim))
    return [x], {"widths": widths, "value": float(random.choice([0, 1.5, -2]))}


INPUTS: dict[str, Maker] = {
    "reshape": reshape,
    "squeeze": squeeze,
    "expand_dims": expand_dims,
    "transpose": transpose,
    "concatenate": concatenate,
    "stack": stack,
    "split": split,
    "slice_axis": slice_axis,
    "select": select,
    "broadcast_to": broadcast_to,
    "tile": tile,
    "pad": pad,
}
