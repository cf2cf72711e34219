"""What the mutants of losses train on: exact hits, scores far out, and probabilities as targets."""

from typing import Any

import numpy as np

from scenarios import data, param, randn, scenario, sgd

Array = np.ndarray[Any, np.dtype[Any]]


def _rows_and_zeros(columns: int) -> Array:
    """Every third row is 0."""
    x = np.random.RandomState(31).standard_normal((9, columns))
    x[::3] = 0
    return np.asarray(x)


@scenario(
    seed=31,
    epochs=3,
    optimizer=sgd(lr=0.1),
    x=data(lambda: _rows_and_zeros(4)),
    y=data(lambda: _rows_and_zeros(3)),
    w=param(4, 3, scale=0.5),
    b=param(3, fill=0.0),
)
def exact_hits(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
    """Mean absolute error of predictions of which a third are exactly right."""
    return op.mean_absolute_error(op.add(op.matmul(x, w), b), y)


@scenario(
    seed=32,
    epochs=3,
    optimizer=sgd(lr=1e-4),
    x=randn(10, 4, scale=300.0),
    t=data(lambda: np.arange(30).reshape(10, 3) * 3 % 2),
    w=param(4, 3),
)
def large_yes_and_no(op: Any, x: Any, t: Any, w: Any) -> Any:
    """Sigmoid cross entropy of scores beyond where exp overflows."""
    return op.sigmoid_cross_entropy(op.matmul(x, w), t)


def _probabilities() -> Array:
    p = np.random.RandomState(33).uniform(0.1, 1, (8, 4))
    return np.asarray(p / p.sum(axis=1, keepdims=True))


@scenario(
    seed=33,
    epochs=3,
    optimizer=sgd(lr=0.1),
    x=randn(8, 5),
    t=data(_probabilities),
    w=param(5, 4, scale=0.4),
)
def log_probabilities(op: Any, x: Any, t: Any, w: Any) -> Any:
    """The divergence of target probabilities from what a product takes for the logarithms of some."""
    return op.kl_divergence(op.matmul(x, w), t)
