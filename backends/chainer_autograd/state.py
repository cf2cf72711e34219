"""What Chainer's optimizers keep, as the hand-written rules have it."""

from collections.abc import Mapping
from typing import Any

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.nesterov import Nesterov
from backends.contract import Array

DOWNHILL = (chainer.optimizers.CorrectedMomentumSGD, Nesterov)
"""Their velocity points downhill; the hand-written rules and PyTorch keep it pointing uphill."""

STATE_NAMES = {"ms": "v", "msg": "v", "msdx": "u", "vhat": "v_max"}
"""What the hand-written rules call Chainer's state."""


def state_of(optimizer: Any, parameters: Mapping[str, Any]) -> dict[str, Array]:
    """An optimizer's state, as `v_w1` for state v of weight w1."""
    sign = -1 if isinstance(optimizer, DOWNHILL) else 1
    return {
        f"{STATE_NAMES.get(slot, slot)}_{name}": sign * array
        for name, parameter in parameters.items()
        for slot, array in (parameter.update_rule.state or {}).items()
    }


def learning_rate(optimizer: Any) -> float:
    """The learning rate that an optimizer has now."""
    return float(optimizer.alpha * optimizer.eta if isinstance(optimizer, chainer.optimizers.Adam) else optimizer.lr)
