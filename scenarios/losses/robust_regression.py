"""Regression on data with outliers, by losses that do not square them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import data, momentum, param, randn, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


def _measured() -> Array:
    """An angle and a constant, (24, 2)."""
    import numpy as np

    return np.stack([np.linspace(-2, 2, 24), np.ones(24)], axis=1)


def _with_outliers() -> Array:
    """The angle's sine and cosine with a little noise; every eighth measurement of each is far off."""
    import numpy as np

    angle = _measured()[:, 0]
    y = np.stack([np.sin(angle), np.cos(angle)], axis=1) + 0.05 * np.random.RandomState(3).standard_normal((24, 2))
    y[::8, 0] += 6.0
    y[4::8, 1] -= 6.0
    return y


@scenario(
    seed=1,
    epochs=30,
    optimizer=momentum(lr=0.1, momentum=0.9),
    x=data(_measured),
    y=data(_with_outliers),
    w1=param(2, 8),
    w2=param(8, 2, scale=0.5),
)
def robust_regression_huber(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """Two curves through measurements with outliers, which Huber's loss keeps from bending the curves.

    Beyond delta an outlier pulls with the same force however far away it is: the gradient is that of the squared
    error, clipped. The mean is over all elements; Chainer's own loss sums over an axis. Exercises huber, tanh, matmul.
    """
    y_p = op.matmul(op.tanh(op.matmul(x, w1)), w2)
    return op.huber(y_p, y, delta=0.5)


@scenario(
    seed=2,
    epochs=30,
    optimizer=sgd(lr=0.05),
    x=randn(20, 4),
    y=randn(20, 2),
    w1=param(4, 10, scale=0.5),
    b1=param(10, fill=0.0),
    w2=param(10, 2, scale=0.5),
)
def mean_absolute_error_regression(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Fits a median rather than a mean: the gradient only tells on which side of the target a prediction is.

    Its size does not shrink near the minimum, so steps of constant size end in a zigzag. Exercises
    mean_absolute_error, tanh, matmul, add.
    """
    y_p = op.matmul(op.tanh(op.add(op.matmul(x, w1), b1)), w2)
    return op.mean_absolute_error(y_p, y)
