"""The state of Chainer's optimizers, in the form of the hand-written rules."""

from collections.abc import Mapping
from typing import Any

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.training.written import Nesterov
from backends.contract import Array

DOWNHILL = (chainer.optimizers.CorrectedMomentumSGD, chainer.optimizers.MomentumSGD, Nesterov)
"""Their velocity points downhill; that of the hand-written rules and of PyTorch points uphill."""

STATE_NAMES = {"ms": "v", "msg": "v", "msdx": "u", "vhat": "v_max", "mem": "length", "g2": "v"}
"""The hand-written rules' names for Chainer's state."""


def state_of(optimizer: Any, parameters: Mapping[str, Any]) -> dict[str, Array]:
    """An optimizer's state; state v of weight w1 is called `v_w1`."""
    sign = -1 if isinstance(optimizer, DOWNHILL) else 1
    return {
        f"{STATE_NAMES.get(slot, slot)}_{name}": sign * array
        for name, parameter in parameters.items()
        for slot, array in (parameter.update_rule.state or {}).items()
    }


def learning_rate(holder: Any) -> float:
    """The current learning rate of an optimizer, or of one parameter's update rule."""
    its = holder.hyperparam
    return float(its.alpha * its.eta if hasattr(its, "eta") else its.lr)


def rate_of(optimizer: Any) -> str:
    """The attribute that holds the learning rate: lr; Adam's alpha, or if a weight decays its eta, which starts at 1.

    `optimizer` may also be the hyperparameters of one parameter.
    """
    if not hasattr(optimizer, "eta"):
        return "lr"
    parameters = optimizer.target.params() if isinstance(optimizer, chainer.Optimizer) else ()
    rates = [optimizer.weight_decay_rate, *(each.update_rule.hyperparam.weight_decay_rate for each in parameters)]
    return "eta" if any(rates) else "alpha"
