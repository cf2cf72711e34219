"""Parameters that are frozen at first: Chainer's optimizers leave out those whose update rule is not enabled."""

from typing import Any

import numpy as np


def freeze(parameter: Any) -> None:
    """Leave a parameter as it is. Its gradient is still computed."""
    parameter.update_rule.enabled = False


def thaw(parameter: Any) -> None:
    """Train a parameter from now on."""
    parameter.update_rule.enabled = True


def leave_out(parameter: Any) -> None:
    """Let the clipping see no gradient of a frozen parameter."""
    parameter.grad = np.zeros_like(parameter.array)
