"""Inputs of convolutions: images of different height and width, kernels too, with every setting, with and without bias.

Half of the settings are one number for both axes, half are two.
"""

from functools import partial
from typing import Any

import numpy as np

from backends.contract import Array
from backends.op_inputs.kinds import Inputs, Maker


def one_or_two(random: np.random.RandomState, low: int, high: int, axes: int = 2) -> tuple[Any, Array]:
    """A random setting, below `high`, and the number of each axis."""
    if axes == 1 or random.rand() < 0.5:
        number = int(random.randint(low, high))
        return number, np.full(axes, number)
    numbers = random.randint(low, high, size=axes)
    return tuple(numbers.tolist()), numbers


def convolution(random: np.random.RandomState, axes: int) -> Inputs:
    groups = int(random.randint(1, 3))
    (stride, _), (dilation, apart), (pad, _) = (one_or_two(random, *ends, axes) for ends in ((1, 3), (1, 3), (0, 3)))
    examples, inputs, outputs = random.randint(1, 3, size=3)
    size = random.randint(1, 4, size=axes)
    image = apart * (size - 1) + 1 + random.randint(0, 3, size=axes)
    x = random.standard_normal((examples, groups * inputs, *image))
    w = random.standard_normal((groups * outputs, inputs, *size))
    settings = {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups}
    return [x, w, *bias(random, groups * outputs)], settings


def bias(random: np.random.RandomState, channels: int) -> list[Array]:
    """One, or none for every fourth call."""
    return [random.standard_normal(channels)] if random.rand() < 0.75 else []


def deconvolution(random: np.random.RandomState, axes: int) -> Inputs:
    groups = int(random.randint(1, 3))
    (stride, steps), (pad, borders), (dilation, _) = (
        one_or_two(random, *ends, axes) for ends in ((1, 4), (0, 2), (1, 3))
    )
    more = random.randint(0, steps)
    examples, inputs, outputs = random.randint(1, 4, size=3)
    size = random.randint(2 * borders + 1, 5, size=axes)
    x = random.standard_normal((examples, groups * inputs, *random.randint(1, 4, size=axes)))
    w = random.standard_normal((groups * inputs, outputs, *size))
    output_pad = int(more[0]) if axes == 1 or len({*more}) == 1 else tuple(more.tolist())
    settings = {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups, "output_pad": output_pad}
    return [x, w, *bias(random, groups * outputs)], settings


def depthwise_conv2d(random: np.random.RandomState) -> Inputs:
    (stride, _), (pad, _), (dilation, apart) = (one_or_two(random, *ends) for ends in ((1, 3), (0, 3), (1, 3)))
    examples, channels, multiplier = random.randint(1, 4, size=3)
    size = random.randint(1, 4, size=2)
    x = random.standard_normal((examples, channels, *(apart * (size - 1) + 1 + random.randint(0, 3, size=2))))
    w = random.standard_normal((channels * multiplier, 1, *size))
    return [x, w, *bias(random, channels * multiplier)], {"stride": stride, "pad": pad, "dilation": dilation}


INPUTS: dict[str, Maker] = {
    "conv2d": partial(convolution, axes=2),
    "conv1d": partial(convolution, axes=1),
    "deconv2d": partial(deconvolution, axes=2),
    "deconv1d": partial(deconvolution, axes=1),
    "depthwise_conv2d": depthwise_conv2d,
}
