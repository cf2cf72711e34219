"""What the mutants of single ops train on: equal sizes, exact zeros, ties, and inputs far out."""

from typing import Any

import numpy as np

from scenarios import data, param, randn, scenario, sgd

Array = np.ndarray[Any, np.dtype[Any]]


def _with_rows_of_zeros() -> Array:
    x = np.random.RandomState(31).standard_normal((10, 4))
    x[::3] = 0
    return x


@scenario(
    seed=31,
    epochs=4,
    optimizer=sgd(lr=0.05),
    x=data(_with_rows_of_zeros),
    y=randn(10, 3),
    w1=param(4, 6),
    w2=param(6, 6),
    slope=param(6, fill=0.25),
    w3=param(4, 6),
    w_out=param(6, 3, scale=0.5),
)
def zeros(op: Any, x: Any, y: Any, w1: Any, w2: Any, slope: Any, w3: Any, w_out: Any) -> Any:
    """Rows of zeros and no bias: rectifiers get inputs of exactly 0, with a gradient from the rest of the row."""
    a = op.leaky_relu(op.matmul(x, w1), slope=0.125)
    b = op.prelu(op.matmul(a, w2), slope)
    c = op.elu(op.matmul(x, w3), alpha=2.0)
    return op.mean_squared_error(op.matmul(op.add(b, c), w_out), y)


@scenario(
    seed=32,
    epochs=4,
    optimizer=sgd(lr=0.05),
    x=randn(10, 4),
    y=randn(10, 2),
    w1=param(4, 6),
    w_out=param(2, 2),
)
def equal(op: Any, x: Any, y: Any, w1: Any, w_out: Any) -> Any:
    """The largest of several ReLU units, many of which are 0: ties."""
    h = op.relu(op.matmul(x, w1))
    largest = op.reduce_max(op.reshape(h, shape=(-1, 2, 3)), axis=2)
    return op.mean_squared_error(op.matmul(largest, w_out), y)


@scenario(
    seed=36,
    epochs=4,
    optimizer=sgd(lr=0.05),
    x=randn(10, 4),
    y=randn(10, 2),
    w1=param(4, 8),
    w_out=param(2, 2),
)
def equal_smallest(op: Any, x: Any, y: Any, w1: Any, w_out: Any) -> Any:
    """The smallest over two axes of units that are cut off below: ties."""
    h = op.clip(op.matmul(x, w1), low=-0.5, high=2.0)
    smallest = op.reduce_min(op.reshape(h, shape=(-1, 2, 2, 2)), axis=(1, 3))
    return op.mean_squared_error(op.matmul(smallest, w_out), y)


@scenario(
    seed=33,
    epochs=4,
    optimizer=sgd(lr=0.05),
    x=randn(4, 4, 4),
    y=randn(4, 4),
    w1=param(4, 4, scale=0.5),
    w2=param(4, 4, scale=0.5),
    w3=param(4, 4, scale=0.5),
)
def cube(op: Any, x: Any, y: Any, w1: Any, w2: Any, w3: Any) -> Any:
    """Every axis is 4 long, so that a wrong one has the right shape; softmax is taken of a square, too."""
    h = op.tanh(op.batch_matmul(x, w1))
    turned = op.transpose(h, axes=(1, 2, 0))
    weighted = op.multiply(op.batch_matmul(turned, w2), w3)
    scores = op.reduce_sum(weighted, axis=0)
    return op.mean_squared_error(op.softmax(scores), y)


@scenario(
    seed=34,
    epochs=4,
    optimizer=sgd(lr=0.05),
    x=randn(6, 5, 3),
    y=randn(6, 4),
    w=param(3, 4, scale=0.5),
)
def steps(op: Any, x: Any, y: Any, w: Any) -> Any:
    """Two inner steps of a sequence, and one of these."""
    h = op.tanh(op.batch_matmul(x, w))
    inner = op.slice_axis(h, start=2, stop=4, axis=1)
    return op.mean_squared_error(op.select(inner, index=1, axis=1), y)


def _rows_of_every_size() -> Array:
    random = np.random.RandomState(35)
    return np.asarray(random.standard_normal((16, 4)) * np.geomspace(0.05, 300, 16)[:, None])


@scenario(
    seed=35,
    epochs=4,
    optimizer=sgd(lr=1e-3),
    x=data(_rows_of_every_size),
    y=randn(16, 4),
    w1=param(4, 4, scale=0.5),
    w2=param(4, 4, scale=0.5),
    w3=param(4, 4, scale=0.5),
    w_out=param(4, 4, scale=0.1),
)
def far(op: Any, x: Any, y: Any, w1: Any, w2: Any, w3: Any, w_out: Any) -> Any:
    """Softplus, softmax and log_softmax of inputs from next to nothing to beyond where exp overflows."""
    a = op.softplus(op.matmul(x, w1))
    b = op.softmax(op.matmul(x, w2))
    c = op.log_softmax(op.matmul(x, w3))
    return op.mean_squared_error(op.matmul(op.add(op.add(a, b), c), w_out), y)


@scenario(
    seed=37,
    epochs=3,
    optimizer=sgd(lr=0.1),
    ids=data(lambda: np.array([[0, 2, -1], [1, -1, 0], [2, 2, -1], [-1, -1, 1]])),
    y=randn(4, 2),
    table=param(3, 2),
    w=param(2, 2),
)
def ignored_words(op: Any, ids: Any, y: Any, table: Any, w: Any) -> Any:
    """Words among which some are labels to ignore."""
    sentence = op.reduce_sum(op.embedding(ids, table, ignore_label=-1), axis=1)
    return op.mean_squared_error(op.matmul(sentence, w), y)
