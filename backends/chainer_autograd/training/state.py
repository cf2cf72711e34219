"""The state of Chainer's optimizers, in the form of the hand-written rules."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.training.written import NesterovRule
from backends.contract import Array, Program

DOWNHILL = (
    chainer.optimizers.corrected_momentum_sgd.CorrectedMomentumSGDRule,
    chainer.optimizers.momentum_sgd.MomentumSGDRule,
    NesterovRule,
)
"""Their velocity points downhill; that of the hand-written rules and of PyTorch points uphill."""

STATE_NAMES = {"ms": "v", "msg": "v", "msdx": "u", "vhat": "v_max", "mem": "length", "g2": "v", "n": "v"}
"""The hand-written rules' names for Chainer's state."""


def state_of(parameters: Mapping[str, Any], program: Program) -> dict[str, Array]:
    """The optimizers' state; state v of weight w1 is called `v_w1`. Chainer makes it at the first update of each."""
    state: dict[str, Array] = {}
    for name, parameter in parameters.items():
        rule = parameter.update_rule
        sign = -1 if isinstance(rule, DOWNHILL) else 1
        made = {STATE_NAMES.get(slot, slot): sign * array for slot, array in (rule.state or {}).items()}
        first = {} if made else program.first_state_of(name)
        made |= {slot: np.full_like(parameter.array, number) for slot, number in first.items()}
        state |= {f"{slot}_{name}": array for slot, array in made.items()}
    return state


def learning_rate(holder: Any) -> float:
    """The current learning rate of an optimizer, or of one parameter's update rule."""
    its = holder.hyperparam
    return float(its.lr if hasattr(its, "lr") else its.alpha * its.eta)


def rate_of(optimizer: Any) -> str:
    """The attribute that holds the learning rate: lr; Adam's alpha, or if a weight decays its eta, which starts at 1.

    `optimizer` may also be the hyperparameters of one parameter.
    """
    if hasattr(getattr(optimizer, "hyperparam", optimizer), "lr"):
        return "lr"
    parameters = optimizer.target.params() if isinstance(optimizer, chainer.Optimizer) else ()
    its = [parameter.update_rule.hyperparam for parameter in parameters]
    rates = [each.weight_decay_rate for each in its if each.parent is optimizer.hyperparam]
    return "eta" if any([optimizer.weight_decay_rate, *rates]) else "alpha"
