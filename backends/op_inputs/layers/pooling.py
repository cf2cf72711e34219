"""Inputs of pooling, with windows that overlap, meet, leave gaps and reach beyond the image."""

from typing import Any

import numpy as np

from backends.contract import Array
from backends.op_inputs.kinds import Inputs, Maker
from backends.op_inputs.layers.convolution import one_or_two


def images(random: np.random.RandomState, most_apart: int) -> tuple[Array, dict[str, Any]]:
    """An image, and windows with elements up to so many pixels apart, for all of which there is a place."""
    (window, lengths), (stride, steps), (dilation, apart) = (
        one_or_two(random, 1, end) for end in (4, 4, most_apart + 1)
    )
    reach = apart * (lengths - 1) + 1
    borders = random.randint(0, lengths // 2 + 1)
    pad = int(borders[0]) if len({*borders.tolist()}) == 1 else tuple(borders.tolist())
    examples, channels = random.randint(1, 3, size=2)
    x = random.standard_normal((examples, channels, *(reach + random.randint(0, 4, size=2))))
    reaches_out = np.any(steps > reach - borders)  # a window might see no image at all
    cover_all = bool(random.rand() < 0.5 and not reaches_out)
    settings = {"window": window, "stride": stride, "pad": pad, "cover_all": cover_all}
    return x, settings if most_apart == 1 else {**settings, "dilation": dilation}


def max_pool2d(random: np.random.RandomState) -> Inputs:
    """Half of the images have few different values, so that the largest one of a window comes up again."""
    x, settings = images(random, most_apart=2)
    return [np.round(x) if random.rand() < 0.5 else x], settings


def avg_pool2d(random: np.random.RandomState) -> Inputs:
    x, settings = images(random, most_apart=1)
    settings |= {"count_pad": bool(random.rand() < 0.5)}
    return [x], settings if random.rand() < 0.7 else {**settings, "divisor": int(random.randint(1, 5))}


def signals(random: np.random.RandomState, most_apart: int) -> tuple[Array, dict[str, Any]]:
    """An image of one row, and the settings along it."""
    x, settings = images(random, most_apart)
    along = {name: number if isinstance(number, bool | int) else number[1] for name, number in settings.items()}
    return x[:, :, 0], along


def max_pool1d(random: np.random.RandomState) -> Inputs:
    """As of images, half of the signals have few different values."""
    x, settings = signals(random, most_apart=2)
    return [np.round(x) if random.rand() < 0.5 else x], settings


def avg_pool1d(random: np.random.RandomState) -> Inputs:
    x, settings = signals(random, most_apart=1)
    return [x], {**settings, "count_pad": bool(random.rand() < 0.5)}


INPUTS: dict[str, Maker] = {
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "max_pool1d": max_pool1d,
    "avg_pool1d": avg_pool1d,
}
