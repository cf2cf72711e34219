"""The state of PyTorch's optimizers, in the form of the hand-written rules."""

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
    "exp_inf": "u",
    "mu_product": "mu",
}
"""The hand-written rules' names for PyTorch's state."""

OF_RMSPROP = {"momentum_buffer": "b"}
"""What it calls as momentum does, beside its v."""

COUNTERS = ("step",)
"""State that counts updates; the hand-written rules take that number as a setting."""


def state_of(optimizer: torch.optim.Optimizer, parameters: Mapping[str, Tensor]) -> dict[str, Array]:
    """An optimizer's state; state v of weight w1 is called `v_w1`, and has the shape of w1."""
    names = STATE_NAMES | (OF_RMSPROP if isinstance(optimizer, torch.optim.RMSprop) else {})
    return {
        f"{names.get(slot, slot)}_{name}": np.asarray(value if value.ndim else torch.full_like(parameter, value))
        for name, parameter in parameters.items()
        for slot, value in optimizer.state[parameter].items()
        if value is not None and slot not in COUNTERS
    }
