"""Inputs of the ops that repeat elements or put others around them."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array


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
    "broadcast_to": broadcast_to,
    "tile": tile,
    "pad": pad,
}
