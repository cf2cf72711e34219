"""What PyTorch's optimizers keep, as the hand-written rules have it."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from backends.contract import Array

STATE_NAMES = {
    "momentum_buffer": "v",
    "exp_avg": "m",
    "exp_avg_sq": "v",
    "max_exp_avg_sq": "v_max",
    "sum": "h",
    "square_avg": "v",
    "acc_delta": "u",
}
"""What the hand-written rules call PyTorch's optimizer state."""

COUNTERS = ("step",)
"""State that is the number of updates, which the hand-written rules are given."""


def state_of(optimizer: torch.optim.Optimizer, parameters: Mapping[str, Tensor]) -> dict[str, Array]:
    """An optimizer's state, as `v_w1` for state v of weight w1."""
    return {
        f"{STATE_NAMES.get(slot, slot)}_{name}": np.asarray(value)
        for name, parameter in parameters.items()
        for slot, value in optimizer.state[parameter].items()
        if value is not None and slot not in COUNTERS
    }
