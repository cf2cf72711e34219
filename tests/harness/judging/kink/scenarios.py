"""The first row of the data sums to 0 or to a tiny number, as the order of the additions will have it."""

from typing import Any

import numpy as np

from scenarios import data, param, randn, scenario, sgd


def unit_at_the_kink(op: Any, x: Any, y: Any, w: Any) -> Any:
    """One ReLU unit."""
    h = op.matmul(x, w)
    h_r = op.relu(h)
    return op.mean_squared_error(h_r, y)


# With this seed both nudged runs leave the unit off; otherwise the measured allowance would cover it.
@scenario(
    seed=3,
    epochs=3,
    optimizer=sgd(lr=0.1),
    dtype="float64",
    x=data(lambda: np.asarray([[1, 1e-17, -1], [1, 1, 1], [-1, -1, -1]])),
    y=randn(3, 1),
    w=param(3, 1, fill=1),
)
def kink_in_both(op: Any, x: Any, y: Any, w: Any) -> Any:
    """1 + 1e-17 − 1: the order matters in float32 and in float64."""
    return unit_at_the_kink(op, x, y, w)


@scenario(
    seed=3,
    epochs=3,
    optimizer=sgd(lr=0.1),
    x=data(lambda: np.asarray([[1, 1e-9, -1], [1, 1, 1], [-1, -1, -1]])),
    y=randn(3, 1),
    w=param(3, 1, fill=1),
)
def kink_in_float32(op: Any, x: Any, y: Any, w: Any) -> Any:
    """1 + 1e-9 − 1: the order matters in float32 alone."""
    return unit_at_the_kink(op, x, y, w)
