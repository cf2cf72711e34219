"""Inputs of the normalising layers."""

import numpy as np

from backends.contract import Array
from tests.backends.op_inputs.kinds import Inputs, Maker


def layer_norm(random: np.random.RandomState) -> Inputs:
    rows, columns = random.randint(1, 4, size=random.randint(1, 4)), random.randint(2, 6)
    x = random.standard_normal((*rows, columns))
    return [x, random.uniform(0.5, 2, columns), random.standard_normal(columns)], {"eps": 1e-3}


def channels_of(random: np.random.RandomState, channels: int) -> list[Array]:
    """Vectors, signals or images whose channels have means and deviations of their own, gain and bias."""
    behind = random.randint(0, 3)
    x = random.standard_normal((random.randint(2, 4), channels, *random.randint(1, 4, size=behind)))
    per_channel = (channels, *[1] * behind)
    x = x * random.uniform(0.5, 2, per_channel) + random.standard_normal(per_channel)
    return [x, random.uniform(0.5, 2, channels), random.standard_normal(channels)]


def batch_norm(random: np.random.RandomState) -> Inputs:
    channels = random.randint(1, 5)
    x, gain, bias = channels_of(random, channels)
    running = [random.standard_normal(channels), random.uniform(0.5, 2, channels)]
    return [x, gain, bias, *running], {"eps": 1e-3, "momentum": float(random.choice([0.1, 0.3, 1.0]))}


def group_norm(random: np.random.RandomState) -> Inputs:
    groups = int(random.randint(1, 4))
    return channels_of(random, groups * random.randint(2, 5)), {"groups": groups, "eps": 1e-3}


def local_response_norm(random: np.random.RandomState) -> Inputs:
    x, _, _ = channels_of(random, random.randint(1, 6))
    x = x if x.ndim > 2 else x[:, :, None]  # PyTorch takes no vectors
    settings = {"k": float(random.choice([1, 2])), "alpha": 0.3, "beta": float(random.choice([0.5, 0.6, 0.75]))}
    return [x], {"n": int(random.choice([1, 3, 5])), **settings}


INPUTS: dict[str, Maker] = {
    "layer_norm": layer_norm,
    "batch_norm": batch_norm,
    "group_norm": group_norm,
    "local_response_norm": local_response_norm,
}
