"""Exclusive or, which no single layer can compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import data, momentum, param, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


def _inputs() -> Array:
    """All four pairs of −1 and 1."""
    import numpy as np

    return np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])


def _differ() -> Array:
    """1 where the two of a pair differ, else −1."""
    import numpy as np

    return np.array([[-1.0], [1.0], [1.0], [-1.0]])


@scenario(
    seed=1,
    epochs=60,
    optimizer=momentum(lr=0.1, momentum=0.8),
    x=data(_inputs),
    y=data(_differ),
    w1=param(2, 4),
    b1=param(4, scale=0.5),
    w2=param(4, 1),
    b2=param(1, fill=0.0),
)
def xor(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Exclusive or: four points that no straight line separates, learned exactly by one hidden tanh layer.

    Without the hidden layer the best loss is 1; with it, it goes to 0 (Rumelhart, Hinton & Williams 1986). Four rows
    and seventeen weights can be followed by hand. Exercises matmul, add and tanh.
    """
    h = op.tanh(op.add(op.matmul(x, w1), b1))
    y_p = op.add(op.matmul(h, w2), b2)
    return op.mean_squared_error(y_p, y)
