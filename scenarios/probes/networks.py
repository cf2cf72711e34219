"""What the mutants of layers, optimizers and training loops train on: small networks of matmul, add and activations."""

from typing import Any

import numpy as np

from scenarios import adam, adamw, data, momentum, param, randn, scenario, sgd

Array = np.ndarray[Any, np.dtype[Any]]


@scenario(
    seed=11,
    epochs=8,
    optimizer=sgd(lr=0.1),
    x=randn(12, 5),
    y=randn(12, 3, scale=2.0),
    w1=param(5, 7, scale=0.5),
    b1=param(7, scale=0.1),
    w2=param(7, 3, scale=0.5),
)
def plain(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """One hidden ReLU layer with a bias, mean squared error."""
    h = op.relu(op.add(op.matmul(x, w1), b1))
    return op.mean_squared_error(op.matmul(h, w2), y)


@scenario(
    seed=12,
    epochs=8,
    optimizer=sgd(lr=0.1),
    x=randn(6, 6),
    t=data(lambda: np.array([3, 0, 5, 1, 2, 4])),
    w1=param(6, 6, scale=0.4),
    b1=param(6, scale=0.1),
    gain=param(6, scale=1.0),
    bias=param(6, scale=0.1),
    w2=param(6, 6, scale=0.4),
)
def square(op: Any, x: Any, t: Any, w1: Any, b1: Any, gain: Any, bias: Any, w2: Any) -> Any:
    """Every size is 6, so that transposed products and sums along the wrong axis have the right shape."""
    h = op.layer_norm(op.add(op.matmul(x, w1), b1), gain, bias, eps=1e-3)
    return op.softmax_cross_entropy(op.matmul(op.tanh(h), w2), t)


def _with_rows_of_zeros() -> Array:
    random = np.random.RandomState(13)
    x = random.standard_normal((10, 4))
    x[::3] = 0
    x[1::3] *= 1e-8
    return x


@scenario(
    seed=13,
    epochs=5,
    optimizer=sgd(lr=0.1),
    x=data(_with_rows_of_zeros),
    y=randn(10, 3),
    w1=param(4, 6, scale=0.5),
    b1=param(6, fill=0.0),
    w2=param(6, 3, scale=0.5),
)
def ties(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Rows of zeros, rows of next to nothing and no bias yet: ReLU's inputs are exactly 0 or close to it."""
    h = op.relu(op.add(op.matmul(x, w1), b1))
    return op.mean_squared_error(op.matmul(h, w2), y)


@scenario(
    seed=21,
    epochs=5,
    optimizer=sgd(lr=1e-3),
    x=randn(10, 4, scale=6.0),
    y=randn(10, 3),
    w1=param(4, 6, scale=0.7),
    w2=param(6, 3, scale=0.5),
)
def steep(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """Inputs of ReLU beyond 6."""
    return op.mean_squared_error(op.matmul(op.relu(op.matmul(x, w1)), w2), y)


def _rows_of_every_size() -> Array:
    random = np.random.RandomState(14)
    return np.asarray(random.standard_normal((16, 4)) * np.geomspace(0.05, 900, 16)[:, None])


@scenario(
    seed=14,
    epochs=5,
    optimizer=sgd(lr=1e-3),
    x=data(_rows_of_every_size),
    y=randn(16, 3),
    w1=param(4, 6, scale=0.7),
    w2=param(4, 6, scale=0.7),
    w_out=param(6, 3, scale=0.5),
)
def large(op: Any, x: Any, y: Any, w1: Any, w2: Any, w_out: Any) -> Any:
    """Sigmoid, tanh and ReLU of inputs from next to nothing to beyond where exp overflows."""
    gate = op.sigmoid(op.matmul(x, w1))
    unit = op.tanh(op.matmul(x, w2))
    return op.mean_squared_error(op.matmul(op.relu(op.add(gate, unit)), w_out), y)


@scenario(
    seed=15,
    epochs=5,
    optimizer=sgd(lr=1e-4),
    x=data(_rows_of_every_size),
    t=data(lambda: np.arange(16) * 7 % 5),
    w=param(4, 5, scale=0.7),
)
def large_scores(op: Any, x: Any, t: Any, w: Any) -> Any:
    """Softmax cross entropy of scores from next to nothing to beyond where exp overflows."""
    return op.softmax_cross_entropy(op.matmul(x, w), t)


@scenario(
    seed=16,
    epochs=4,
    optimizer=momentum(lr=0.1, momentum=0.9),
    batch_size=8,
    x=randn(23, 6),
    t=data(lambda: np.arange(23) * 5 % 4),
    w1=param(6, 5, scale=0.5),
    b1=param(5, scale=0.1),
    w2=param(5, 4, scale=0.5),
)
def batches(op: Any, x: Any, t: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Three shuffled mini-batches per epoch, of 8, 8 and 7 examples; momentum."""
    h = op.relu(op.add(op.matmul(x, w1), b1))
    return op.softmax_cross_entropy(op.matmul(h, w2), t)


@scenario(
    seed=17,
    epochs=6,
    optimizer=adam(lr=0.01, eps=1e-6),
    x=randn(10, 4),
    y=randn(10, 3),
    w1=param(4, 6, scale=0.5),
    b1=param(6, scale=0.1),
    w2=param(6, 3, scale=0.5),
)
def with_adam(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A sigmoid layer, mean squared error, Adam with an eps that is not the default."""
    h = op.sigmoid(op.add(op.matmul(x, w1), b1))
    return op.mean_squared_error(op.matmul(h, w2), y)


@scenario(
    seed=18,
    epochs=6,
    optimizer=adamw(lr=0.01, weight_decay=0.1),
    x=randn(10, 4),
    y=randn(10, 3),
    w1=param(4, 6, scale=0.5),
    gain=param(6, scale=1.0),
    bias=param(6, scale=0.3),
    w2=param(6, 3, scale=0.5),
)
def with_adamw(op: Any, x: Any, y: Any, w1: Any, gain: Any, bias: Any, w2: Any) -> Any:
    """Layer normalisation and tanh, mean squared error, AdamW; eps is neither framework's default."""
    h = op.tanh(op.layer_norm(op.matmul(x, w1), gain, bias, eps=1e-4))
    return op.mean_squared_error(op.matmul(h, w2), y)


@scenario(
    seed=19,
    epochs=4,
    optimizer=sgd(lr=0.01),
    x=randn(8, 4),
    y=randn(8, 3),
    w1=param(4, 6, scale=0.5),
    b1=param(6, fill=1000.0),
    gain=param(6, fill=1.0),
    bias=param(6, fill=0.0),
    w2=param(6, 3, scale=0.5),
)
def offset(op: Any, x: Any, y: Any, w1: Any, b1: Any, gain: Any, bias: Any, w2: Any) -> Any:
    """Layer normalisation of rows whose mean is a thousand times their deviation."""
    h = op.layer_norm(op.add(op.matmul(x, w1), b1), gain, bias, eps=1e-5)
    return op.mean_squared_error(op.matmul(h, w2), y)


@scenario(
    seed=20,
    epochs=5,
    optimizer=sgd(lr=0.05),
    x=randn(10, 5),
    y=randn(10, 4),
    w_a=param(5, 4, scale=0.5),
    w_b=param(5, 4, scale=0.5),
)
def branches(op: Any, x: Any, y: Any, w_a: Any, w_b: Any) -> Any:
    """A value that goes three ways, through a skip connection, ReLU and sigmoid, which meet again."""
    a = op.matmul(x, w_a)
    b = op.relu(op.matmul(x, w_b))
    c = op.add(op.sigmoid(a), op.relu(a))
    return op.mean_squared_error(op.add(op.add(a, b), c), y)
