"""Inputs of convolutions: images of different height and width, kernels too, with every setting."""

import numpy as np

from tests.backends.op_inputs.kinds import Inputs, Maker


def conv2d(random: np.random.RandomState) -> Inputs:
    groups, stride, dilation = (int(number) for number in random.randint(1, 3, size=3))
    pad = int(random.randint(0, 3))
    examples, inputs, outputs = random.randint(1, 3, size=3)
    size = random.randint(1, 4, size=2)
    image = dilation * (size - 1) + 1 + random.randint(0, 3, size=2)
    x = random.standard_normal((examples, groups * inputs, *image))
    w = random.standard_normal((groups * outputs, inputs, *size))
    settings = {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups}
    return [x, w, random.standard_normal(groups * outputs)], settings


def deconv2d(random: np.random.RandomState) -> Inputs:
    stride, pad = int(random.randint(1, 4)), int(random.randint(0, 2))
    examples, inputs, outputs = random.randint(1, 4, size=3)
    size = random.randint(2 * pad + 1, 5, size=2)
    x = random.standard_normal((examples, inputs, *random.randint(1, 4, size=2)))
    w = random.standard_normal((inputs, outputs, *size))
    return [x, w, random.standard_normal(outputs)], {"stride": stride, "pad": pad}


def depthwise_conv2d(random: np.random.RandomState) -> Inputs:
    stride, pad = int(random.randint(1, 3)), int(random.randint(0, 3))
    examples, channels, multiplier = random.randint(1, 4, size=3)
    size = random.randint(1, 4, size=2)
    x = random.standard_normal((examples, channels, *(size + random.randint(0, 3, size=2))))
    w = random.standard_normal((channels * multiplier, 1, *size))
    return [x, w, random.standard_normal(channels * multiplier)], {"stride": stride, "pad": pad}


INPUTS: dict[str, Maker] = {"conv2d": conv2d, "deconv2d": deconv2d, "depthwise_conv2d": depthwise_conv2d}
