"""What Chainer's optimizers keep of each weight, and what PyTorch's call it."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from backends.checkpoints.files import written
from backends.layouts.transformations import Array


@dataclass(frozen=True)
class UpdateRule:
    """One optimizer of both frameworks."""

    name: str
    """Chainer's class."""
    states: Mapping[str, str]
    """PyTorch's name of each state, by Chainer's."""
    settings: Mapping[str, str]
    """PyTorch's name of each setting, by Chainer's."""
    fixed: Mapping[str, object] = field(default_factory=dict)
    """The settings that only PyTorch has, with the one value that Chainer's rule is like."""
    counts_steps: bool = True
    """Whether PyTorch keeps a step of each weight."""
    holds_lr: bool = False
    """Whether Chainer's state holds the learning rate: its v is −lr times PyTorch's momentum_buffer."""
    note: str = ""
    """In what the two still differ."""


_EPS = (
    "Chainer adds eps before v's bias is corrected, PyTorch after: the two are the same where PyTorch's eps is "
    "Chainer's / √(1 − beta2ᵗ), see `lockstep differences adam_eps`"
)
_DECAY = "Chainer's weight_decay_rate is PyTorch's weight_decay times lr, see `lockstep differences adamw_decay`"
_ADAM = {"alpha": "lr", "beta1": "beta1", "beta2": "beta2", "eps": "eps"}
_MOMENTS = {"m": "exp_avg", "v": "exp_avg_sq"}
_UPWARDS = {"maximize": False}
_PLAIN = _UPWARDS | {"dampening": 0, "nesterov": False}

UPDATE_RULES: Mapping[str, UpdateRule] = {
    "sgd": UpdateRule("SGD", {}, {"lr": "lr"}, _PLAIN | {"momentum": 0}, counts_steps=False),
    "momentum_sgd": UpdateRule(
        "MomentumSGD",
        {"v": "momentum_buffer"},
        {"lr": "lr", "momentum": "momentum"},
        _PLAIN,
        counts_steps=False,
        holds_lr=True,
    ),
    "adam": UpdateRule("Adam", _MOMENTS, _ADAM, _UPWARDS, note=_EPS),
    "adamw": UpdateRule("AdamW", _MOMENTS, _ADAM, _UPWARDS, note=f"{_EPS}. {_DECAY}"),
    "amsgrad": UpdateRule("AMSGrad", _MOMENTS | {"vhat": "max_exp_avg_sq"}, _ADAM, _UPWARDS, note=_EPS),
    "rmsprop": UpdateRule(
        "RMSprop", {"ms": "square_avg"}, {"lr": "lr", "alpha": "alpha", "eps": "eps"}, _UPWARDS | {"momentum": 0}
    ),
    "adagrad": UpdateRule("AdaGrad", {"h": "sum"}, {"lr": "lr", "eps": "eps"}, _UPWARDS | {"lr_decay": 0}),
    "adadelta": UpdateRule(
        "AdaDelta", {"msg": "square_avg", "msdx": "acc_delta"}, {"rho": "rho", "eps": "eps"}, _UPWARDS | {"lr": 1.0}
    ),
}
"""Those whose state can be taken over. NesterovAG keeps a v as momentum does, and is another rule than PyTorch's."""

States = Mapping[str, Mapping[str, Array]]
"""What an optimizer keeps of each weight, by the names of both."""


def in_chainer(rule: UpdateRule, settings: Mapping[str, object]) -> str:
    """The optimizer to write in Chainer, for the settings of one of PyTorch's parameter groups."""
    given = {name: settings[other] for name, other in rule.settings.items() if other in settings}
    decay = settings.get("weight_decay", 0)
    hook = ""
    if decay and settings.get("decoupled_weight_decay", rule.name == "AdamW"):
        given["weight_decay_rate"] = float(str(settings["lr"])) * float(str(decay))
    elif decay:
        hook = f", with optimizer_hooks.WeightDecay({decay})"
    return f"optimizers.{rule.name}({', '.join(f'{name}={value}' for name, value in given.items())}){hook}"


def written_for_torch(states: States, parameters: Iterable[str]) -> bytes:
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


def written_for_chainer(states: States) -> bytes:
    """A file as `save_npz` writes it of an optimizer that was set up for a model with these weights.

    `t` of the whole is the largest of the weights'; `epoch`, which PyTorch doesn't count, is 0.
    """
    entries = {f"{name}/{state}": array for name, kept in states.items() for state, array in kept.items()}
    updates = max((int(kept["t"]) for kept in states.values()), default=0)
    return written({"t": np.array(updates), "epoch": np.array(0), **entries}, ".npz")
