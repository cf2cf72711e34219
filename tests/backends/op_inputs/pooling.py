"""Inputs of pooling, with windows that overlap, meet, leave gaps and reach beyond the image."""

from typing import Any

import numpy as np

from backends.contract import Array
from tests.backends.op_inputs.kinds import Inputs, Maker


def images(random: np.random.RandomState) -> tuple[Array, dict[str, Any]]:
    window, stride = (int(number) for number in random.randint(1, 4, size=2))
    pad = int(random.randint(0, window // 2 + 1))
    examples, channels = random.randint(1, 3, size=2)
    x = random.standard_normal((examples, channels, *random.randint(window, 6, size=2)))
    return x, {"window": window, "stride": stride, "pad": pad}


def max_pool2d(random: np.random.RandomState) -> Inputs:
    """Half of the images have few different values, so that the largest one of a window comes up again."""
    x, settings = images(random)
    cover_all = bool(random.rand() < 0.5)
    reaches_out = settings["stride"] > settings["window"] - settings["pad"]  # a window might see no image at all
    return [np.round(x) if random.rand() < 0.5 else x], {**settings, "cover_all": cover_all and not reaches_out}


def avg_pool2d(random: np.random.RandomState) -> Inputs:
    x, settings = images(random)
    return [x], settings


INPUTS: dict[str, Maker] = {"max_pool2d": max_pool2d, "avg_pool2d": avg_pool2d}
