"""Inputs of the ops that make images of another size."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array


def resize_bilinear(random: np.random.RandomState) -> Inputs:
    """Larger, smaller and the same in either direction."""
    size = tuple(int(length) for length in random.randint(1, 7, size=2))
    return [array(random, 4)], {"size": size, "align_corners": bool(random.rand() < 0.5)}


def resize_nearest(random: np.random.RandomState) -> Inputs:
    """One scale, or one for each direction."""
    both = tuple(int(scale) for scale in random.randint(1, 4, size=2))
    return [array(random, 4)], {"scale": both[0] if random.rand() < 0.5 else both}


INPUTS: dict[str, Maker] = {
    "resize_bilinear": resize_bilinear,
    "resize_nearest": resize_nearest,
}
