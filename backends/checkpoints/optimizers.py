"""What Chainer's optimizers keep of each weight, and what PyTorch's call it."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from backends.layouts.transformations import Array


@dataclass(frozen=True)
class UpdateRule:
    """One optimizer of both frameworks."""

    states: Mapping[str, str]
    """PyTorch's name of each state, by Chainer's."""
    counts_steps: bool = True
    """Whether PyTorch keeps a step of each weight."""
    holds_lr: bool = False
    """Whether Chainer's state holds the learning rate: its v is −lr times PyTorch's momentum_buffer."""
    note: str = ""
    """In what the two still differ."""


_EPS = (
    "Chainer adds eps before v's bias is corrected, PyTorch after: the two are the same with eps / √(1 − beta2ᵗ) for "
    "PyTorch, see `lockstep differences adam_eps`"
)

UPDATE_RULES: Mapping[str, UpdateRule] = {
    "sgd": UpdateRule({}, counts_steps=False),
    "momentum_sgd": UpdateRule({"v": "momentum_buffer"}, counts_steps=False, holds_lr=True),
    "adam": UpdateRule({"m": "exp_avg", "v": "exp_avg_sq"}, note=_EPS),
    "amsgrad": UpdateRule({"m": "exp_avg", "v": "exp_avg_sq", "vhat": "max_exp_avg_sq"}, note=_EPS),
    "rmsprop": UpdateRule({"ms": "square_avg"}),
    "adagrad": UpdateRule({"h": "sum"}),
    "adadelta": UpdateRule({"msg": "square_avg", "msdx": "acc_delta"}),
}
"""Those whose state can be taken over. Chainer's NesterovAG keeps a v as momentum does, and is another rule."""


def written_states(states: Mapping[str, Mapping[str, Array]], parameters: Iterable[str]) -> bytes:
    """A file of `{"state": …}` as in an optimizer's `state_dict`, for the parameters in the order of the model's."""
    import torch

    numbered = {
        number: {state: torch.from_numpy(np.array(array)) for state, array in states[name].items()}
        for number, name in enumerate(parameters)
        if states.get(name)
    }
    buffer = io.BytesIO()
    torch.save({"state": numbered}, buffer)
    return buffer.getvalue()
