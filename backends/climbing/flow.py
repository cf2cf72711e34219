"""What flows through the article's network in an epoch."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from backends.contract import Array


class Flow(NamedTuple):
    """The values of h, h_r and y_p, and the gradients of the loss towards them."""

    values: tuple[Array, Array, Array]
    gradients: tuple[Array, Array, Array]


def flow_by_hand(variables: Mapping[str, Any]) -> Flow:
    """What flowed in a rung that computes every gradient by hand, from its own variables."""
    h, h_r, y_p, grad_h, grad_h_r, grad_y_p = (
        np.asarray(variables[name]) for name in ("h", "h_r", "y_p", "grad_h", "grad_h_r", "grad_y_p")
    )
    return Flow((h, h_r, y_p), (grad_h, grad_h_r, grad_y_p))
