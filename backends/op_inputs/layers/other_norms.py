"""Inputs of the layers that divide by a size."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array
from backends.op_inputs.layers.normalisation import channels_of, some_of


def local_response_norm(random: np.random.RandomState) -> Inputs:
    x, _, _ = channels_of(random, random.randint(1, 6))
    x = x if x.ndim > 2 else x[:, :, None]  # PyTorch takes no vectors
    settings = {"k": float(random.choice([1, 2])), "alpha": 0.3, "beta": float(random.choice([0.5, 0.6, 0.75]))}
    return [x], {"n": int(random.choice([1, 3, 5])), **settings}


def rms_norm(random: np.random.RandomState) -> Inputs:
    """Rows alone, batches of them and sequences."""
    x = array(random, int(random.randint(1, 4)))
    return [x, *some_of(random, [random.uniform(0.5, 2, x.shape[-1])])], {"eps": 1e-3}


def weight_norm(random: np.random.RandomState) -> Inputs:
    """Weights of layers and kernels, no row of them next to 0."""
    v = array(random, int(random.randint(2, 5)))
    return [v + 0.1 * np.sign(v), random.standard_normal(len(v))], {}


INPUTS: dict[str, Maker] = {
    "local_response_norm": local_response_norm,
    "rms_norm": rms_norm,
    "weight_norm": weight_norm,
}
