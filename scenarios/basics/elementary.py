"""Networks of elementary functions, and of choices between two values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import data, param, randn, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


def _all_but_every_third() -> Array:
    """1 where a value is known."""
    import numpy as np

    return np.asarray(np.arange(36).reshape(12, 3) % 3 > 0, np.int64)


@scenario(
    seed=71,
    epochs=40,
    optimizer=sgd(lr=0.05),
    x=randn(12, 3),
    y=randn(12, 2),
    frequencies=param(3, 5),
    w_sin=param(5, 2, scale=0.5),
    w_cos=param(5, 2, scale=0.5),
)
def periodic_features(op: Any, x: Any, y: Any, frequencies: Any, w_sin: Any, w_cos: Any) -> Any:
    """A regression on the sines and cosines of learned frequencies.

    Both functions have the other one as their gradient, up to the sign. Ops: matmul, sin, cos, add, mean_squared_error.
    """
    angles = op.matmul(x, frequencies)
    y_p = op.add(op.matmul(op.sin(angles), w_sin), op.matmul(op.cos(angles), w_cos))
    return op.mean_squared_error(y_p, y)


@scenario(
    seed=72,
    epochs=40,
    optimizer=sgd(lr=0.05),
    x=randn(12, 3),
    known=data(_all_but_every_third),
    y=randn(12, 2),
    missing=param(3, fill=0.1),
    w1=param(3, 6),
    w2=param(3, 6),
    w3=param(6, 2, scale=0.5),
)
def missing_values(op: Any, x: Any, known: Any, y: Any, missing: Any, w1: Any, w2: Any, w3: Any) -> Any:
    """A regression on rows with missing values, each of which is replaced by a number that is learned.

    What is chosen gets the gradient, and nothing else does: where takes by a mask, maximum and minimum by size, clip
    what is in range. Ops: where, matmul, maximum, minimum, absolute, subtract, clip,
    mean_squared_error.
    """
    filled = op.where(known, x, missing)
    a, b = op.matmul(filled, w1), op.matmul(filled, w2)
    wide, narrow = op.maximum(a, b), op.absolute(op.minimum(a, b))
    h = op.clip(op.subtract(wide, narrow), low=-1.0, high=1.0)
    return op.mean_squared_error(op.matmul(h, w3), y)
