"""Programs in which a framework adds each term of a gradient on its own."""

from typing import Any

import numpy as np

from scenarios import (
    adagrad,
    adam,
    adamw,
    amsgrad,
    clip_by_norm,
    clip_by_value,
    data,
    exponential_decay,
    nesterov,
    param,
    randn,
    scenario,
    sgd,
    step_decay,
    weight_decay,
)


@scenario(seed=0, epochs=3, untested="ok", optimizer=adagrad(lr=0.1), w=param(7, 1, 4, 4), w2=param(1))
def distance_to_itself_beside_a_pool(op: Any, w: Any, w2: Any) -> Any:
    """The terms of its gradient cancel, and Chainer rounds each of them once more than the formula by hand."""
    h = op.add(op.reduce_sum(op.max_pool2d(w, window=1, stride=2)), op.cosine_distance(w, w, eps=0.001))
    return op.add(h, op.reduce_sum(w2))


@scenario(
    seed=16,
    epochs=3,
    untested="ok",
    optimizer=nesterov(lr=0.2, momentum=0.9),
    clipping=clip_by_norm(max_norm=100.0),
    decay=weight_decay(rate=0.01),
    w1=param(3, 7),
    w2=param(3, 1, scale=100.0),
    x1=randn(7, 7, 3, 7, per="update"),
    x2=randn(3, 7, scale=0.01, per="update"),
)
def cross_entropy_beside_a_difference(op: Any, w1: Any, w2: Any, x1: Any, x2: Any) -> Any:
    """Chainer adds both terms of a cross-entropy's gradient, each on its own, to what another op contributes."""
    h2 = op.broadcast_to(w1, shape=(7, 7, 3, 7))
    h3 = op.sigmoid(w1)
    h4 = op.clip(h3, low=0.0625, high=0.9375)
    h5 = op.binary_cross_entropy(h4, h3)
    h6 = op.subtract(h4, w2)
    h7 = op.mean_squared_error(h2, x1)
    h8 = op.mean_squared_error(h6, x2)
    h9 = op.add(h7, h5)
    return op.add(h9, h8)


@scenario(
    seed=84,
    epochs=1,
    untested="ok",
    optimizer=adamw(lr=0.5, weight_decay=0.01, beta1=0.0),
    batch_size=2,
    w1=param(2, 3, fill=1.0),
    t1=data(lambda: np.random.RandomState(990).choice([0, 1, 2, 0, 1, 2], (6,))),
    w2=param(3, 5, 5, fill=1.0),
    x1=randn(3, 5, 5, per="update"),
    x2=randn(1, 1, 1, per="update"),
)
def local_response_norm_of_ones(op: Any, w1: Any, t1: Any, w2: Any, x1: Any, x2: Any) -> Any:
    """PyTorch adds both terms of the gradient of a local response norm to what another op contributes."""
    h1 = op.cross_entropy(w1, t1, class_weight=(1.0, 0.1, 0.1))
    h2 = op.local_response_norm(w2, n=1, k=1.0, alpha=0.1, beta=0.75)
    h3 = op.reduce_max(w2, keepdims=True)
    h4 = op.mean_squared_error(h2, x1)
    h5 = op.mean_squared_error(h3, x2)
    h6 = op.add(h1, h4)
    return op.add(h6, h5)


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    w1=param(1, 1),
    w2=param(load=lambda: np.random.RandomState(0).normal(100.0, 1.0, (2, 1))),
    x1=data(lambda: np.array(np.random.RandomState(273).uniform(0.05, 0.95, ()))),
)
def cross_entropy_beside_an_absolute(op: Any, w1: Any, w2: Any, x1: Any) -> Any:
    """As cross_entropy_beside_a_difference, where a product of losses makes the gradient large."""
    h1 = op.concatenate(w1, w2, axis=-2)
    h2 = op.mean_squared_error(w2, w2)
    h3 = op.sigmoid(h2)
    h4 = op.clip(h3, low=0.0625, high=0.9375)
    h5 = op.binary_cross_entropy(h4, x1)
    h6 = op.absolute(h4)
    h7 = op.reduce_sum(h1)
    h8 = op.add(h7, h5)
    return op.multiply(h8, h6)


@scenario(
    seed=13,
    epochs=3,
    untested="ok",
    optimizer=amsgrad(lr=0.5),
    schedule=exponential_decay(factor=0.5),
    clipping=clip_by_value(limit=0.001),
    w1=param(load=lambda: np.random.RandomState(525).randint(-1, 2, (2, 2)) * 1.0),
    w2=param(load=lambda: np.array([[3.0, -1.0], [2.0, -1.0]])),
    w3=param(2, 2, scale=10.0),
    x1=randn(2, 2),
)
def cosine_distance_of_columns(op: Any, w1: Any, w2: Any, w3: Any, x1: Any) -> Any:
    """PyTorch adds the terms of a cosine distance's gradient to what another op contributes."""
    h1 = op.subtract(w1, w1)
    h2 = op.cosine_distance(w2, w3, eps=1.0, axis=-2, reduction="none")
    h3 = op.broadcast_to(w2, shape=(2, 2))
    h4 = op.mean_squared_error(h1, x1)
    h5 = op.reduce_sum(h2)
    h6 = op.reduce_sum(h3)
    h7 = op.add(h4, h5)
    return op.multiply(h7, h6)


@scenario(
    seed=31,
    epochs=10,
    untested="ok",
    optimizer=adam(lr=0.01),
    schedule=step_decay(every=1, factor=0.5),
    batch_size=1,
    x1=data(lambda: np.random.RandomState(486).normal(10.0, 1.0, (3, 5))),
    w1=param(1, 5, scale=100.0),
    x3=randn(3, 5, per="epoch"),
)
def cosine_distance_beside_elu(op: Any, x1: Any, w1: Any, x3: Any) -> Any:
    """As cosine_distance_of_columns, with terms that cancel."""
    h1 = op.cosine_distance(x1, w1, eps=0.001, axis=-2)
    h4 = op.elu(w1, alpha=1.0)
    h5 = op.mean_squared_error(h4, x3)
    return op.add(h1, h5)


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    w1=param(load=lambda: np.array([[1.0, 1.0, 1.0, 1.0]])),
    w2=param(load=lambda: np.array([[1.0]])),
    w3=param(load=lambda: np.array([[1.0], [0.0], [1.0], [1.0]])),
    w4=param(load=lambda: np.array([[1.0]])),
    w5=param(1),
    w6=param(load=lambda: np.array([[1.0]])),
    w7=param(load=lambda: np.random.RandomState(0).uniform(0.5, 2.0, (1, 1))),
    w8=param(4, 4),
    x1=randn(4, scale=10.0),
)
def gelu_beside_a_selection(
    op: Any, w1: Any, w2: Any, w3: Any, w4: Any, w5: Any, w6: Any, w7: Any, w8: Any, x1: Any
) -> Any:
    """Chainer adds both terms of the gradient of gelu to what another op contributes."""
    h1 = op.rnn(w1, w2, w3, w4, w5)
    h2 = op.divide(w6, w7)
    h3 = op.select(w8, index=-4, axis=-2)
    h4 = op.gelu(w8)
    h5 = op.reduce_sum(h1)
    h6 = op.reduce_sum(h2)
    h7 = op.mean_squared_error(h3, x1)
    h8 = op.reduce_mean(h4)
    h9 = op.add(h5, h6)
    h10 = op.multiply(h9, h7)
    return op.add(h10, h8)


FOUND = [
    (distance_to_itself_beside_a_pool, "inconclusive"),
    (cross_entropy_beside_a_difference, "agree"),
    (local_response_norm_of_ones, "drift"),
    (cross_entropy_beside_an_absolute, "agree"),
    (cosine_distance_of_columns, "drift"),
    (cosine_distance_beside_elu, "drift"),
    (gelu_beside_a_selection, "agree"),
]
"""Each with its verdict."""
