"""The state of PyTorch's optimizers, in the form of the hand-written rules."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from backends.contract import Array, Program

STATE_NAMES = {
    "momentum_buffer": "v",
    "exp_avg": "m",
    "exp_avg_sq": "v",
    "max_exp_avg_sq": "v_max",
    "sum": "h",
    "square_avg": "v",
    "grad_avg": "g",
    "acc_delta": "u",
    "exp_inf": "u",
    "mu_product": "mu",
}
"""The hand-written rules' names for PyTorch's state."""

OF_RMSPROP = {"momentum_buffer": "b"}
"""What it calls as momentum does, beside its v."""

COUNTERS = ("step",)
"""State that counts updates; the hand-written rules take that number as a setting."""


def state_of(
    optimizers: Sequence[torch.optim.Optimizer], parameters: Mapping[str, Tensor], program: Program
) -> dict[str, Array]:
    """The optimizers' state; state v of weight w1 is called `v_w1`, and has the shape of w1.

    PyTorch makes the state of a parameter at its first step.
    """
    state: dict[str, Array] = {}
    for name, parameter in parameters.items():
        made: dict[str, Tensor] = {}
        for optimizer in optimizers:
            its = optimizer.state.get(parameter)
            if not its:
                continue
            names = STATE_NAMES | (OF_RMSPROP if isinstance(optimizer, torch.optim.RMSprop) else {})
            made |= {names.get(slot, slot): value for slot, value in its.items() if slot not in COUNTERS}
        first = {} if made else program.first_state_of(name)
        made |= {slot: torch.full_like(parameter, number) for slot, number in first.items()}
        state |= {
            f"{slot}_{name}": np.asarray((value if value.ndim else torch.full_like(parameter, value.item())).detach())
            for slot, value in made.items()
            if value is not None
        }
    return state
