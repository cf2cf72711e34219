"""Inputs of the normalising layers."""

import numpy as np

from backends.contract import Array
from backends.op_inputs.kinds import Inputs, Maker


def some_of(random: np.random.RandomState, parts: list[Array]) -> list[Array]:
    """All of them more often than not, else the first ones or none."""
    return parts if random.rand() < 0.6 else parts[: random.randint(0, len(parts))]


def layer_norm(random: np.random.RandomState) -> Inputs:
    """Rows along the last axis or along two: one alone, batches of them and sequences."""
    front, along = random.randint(1, 4, size=random.randint(0, 3)), int(random.randint(1, 3))
    row = random.randint(2, 5, size=along)
    x = random.standard_normal((*front, *row))
    parts = some_of(random, [random.uniform(0.5, 2, row), random.standard_normal(tuple(row))])
    if along == 1:
        return [x, *parts], {"eps": 1e-3}
    return [x, *parts], {"eps": 1e-3, "axis": (-2, -1) if random.rand() < 0.5 else (x.ndim - 2, x.ndim - 1)}


def channels_of(random: np.random.RandomState, channels: int) -> list[Array]:
    """Vectors, signals or images whose channels have means and deviations of their own, gain and bias."""
    behind = random.randint(0, 3)
    x = random.standard_normal((random.randint(2, 4), channels, *random.randint(1, 4, size=behind)))
    per_channel = (channels, *[1] * behind)
    x = x * random.uniform(0.5, 2, per_channel) + random.standard_normal(per_channel)
    return [x, random.uniform(0.5, 2, channels), random.standard_normal(channels)]


def statistics(random: np.random.RandomState, channels: int) -> list[Array]:
    """A mean and a variance of each channel."""
    return [random.standard_normal(channels), random.uniform(0.5, 2, channels)]


def batch_norm(random: np.random.RandomState) -> Inputs:
    """With running statistics, or without and then also without bias and gain; some vary far less than eps."""
    x, *parts = channels_of(random, random.randint(1, 5))
    x = x * 1e-3 if random.rand() < 0.2 else x
    if random.rand() < 0.4:
        return [x, *some_of(random, parts)], {"eps": 1e-3}
    running = statistics(random, x.shape[1])
    return [x, *parts, *running], {"eps": 1e-3, "momentum": float(random.choice([0.1, 0.3, 1.0]))}


def fixed_batch_norm(random: np.random.RandomState) -> Inputs:
    x, *parts = channels_of(random, random.randint(1, 5))
    return [x, *statistics(random, x.shape[1]), *some_of(random, parts)], {"eps": 1e-3}


def group_norm(random: np.random.RandomState) -> Inputs:
    groups = int(random.randint(1, 4))
    x, *parts = channels_of(random, groups * random.randint(2, 5))
    return [x, *some_of(random, parts)], {"groups": groups, "eps": 1e-3}


def instance_norm(random: np.random.RandomState) -> Inputs:
    x, *parts = channels_of(random, random.randint(1, 5))
    x = x if x.ndim > 2 else x[:, :, None]
    x = np.concatenate([x, x + random.standard_normal(x.shape)], axis=2)  # one value alone has no variance
    return [x, *some_of(random, parts)], {"eps": 1e-3}


INPUTS: dict[str, Maker] = {
    "layer_norm": layer_norm,
    "batch_norm": batch_norm,
    "fixed_batch_norm": fixed_batch_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
}
