"""More programs on which Lockstep was once wrong, from one search on many cores, as they were shrunk."""

from typing import Any

import numpy as np

from scenarios import (
    adam,
    adamw,
    amsgrad,
    buffer,
    clip_by_norm,
    clip_by_value,
    cosine_decay,
    data,
    exponential_decay,
    momentum,
    nesterov,
    param,
    randn,
    rmsprop,
    scenario,
    sgd,
    step_decay,
    weight_decay,
)


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
    seed=54,
    epochs=2,
    untested="ok",
    optimizer=adamw(lr=0.2, weight_decay=0.5, beta1=0.0),
    schedule=cosine_decay(updates=10),
    clipping=clip_by_norm(max_norm=100.0),
    batch_size=2,
    w1=param(
        load=lambda: np.random.RandomState(107).choice(
            [-6.0, -5.0, -3.0, -2.5, -1.5, -1.25, -1e-07, 0.0, 1e-07, 1.25, 1.5, 2.5, 3.0, 5.0, 6.0], (2, 5, 5)
        )
    ),
    x1=randn(2, 5, 5, per="update"),
    m1=data(lambda: [np.random.RandomState(381).choice([0, 1, 0, 1], (1, 1, 1))] * 2, per="update"),
    x2=data(lambda: np.random.RandomState(408).randint(-1, 2, (4, 4, 5, 2)) * 1.0),
    w2=param(load=lambda: np.random.RandomState(8).randint(-1, 2, (2, 2, 3, 3)) * 1.0),
    w3=param(load=lambda: np.array([3.0, 0.0])),
    x3=data(lambda: np.random.RandomState(662).randint(-1, 2, (4, 5, 5)) * 1.0),
    x4=data(lambda: np.random.RandomState(155).randint(-1, 2, (4, 2, 2, 1)) * 1.0),
    x5=randn(4, 5, 5, scale=10.0, per="epoch"),
)
def hard_sigmoid_beside_its_kink(
    op: Any, w1: Any, x1: Any, m1: Any, x2: Any, w2: Any, w3: Any, x3: Any, x4: Any, x5: Any
) -> Any:
    """x/5 + ½ rounds to 1 just below the kink, and PyTorch cuts it off there."""
    h1 = op.hard_sigmoid(w1)
    h2 = op.where(m1, w1, x1)
    h3 = op.conv2d(x2, w2, w3, stride=2, pad=(1, 2), dilation=2, groups=2)
    h5 = op.softmax(h1)
    h6 = op.mean_squared_error(h2, x3)
    h7 = op.mean_squared_error(h3, x4)
    h8 = op.mean_squared_error(h5, x5)
    h9 = op.add(h6, h7)
    return op.add(h9, h8)


@scenario(
    seed=63,
    epochs=3,
    untested="ok",
    optimizer=momentum(lr=0.01, momentum=0.5),
    decay=weight_decay(rate=0.01),
    w1=param(load=lambda: np.random.RandomState(505).normal(1000.0, 1.0, (1, 1))),
    s1=buffer(1, 1, fill=1.0),
    x2=randn(1, 1, scale=0.01),
    x3=data(lambda: np.array([[-1.0]])),
)
def maximum_on_both_sides(op: Any, w1: Any, s1: Any, x2: Any, x3: Any) -> Any:
    """Runs part in the cosine of a huge number; what is made of that overflows in one of them."""
    h1 = op.slice_axis(w1, start=0, stop=1, axis=-2)
    h2 = op.cos(w1)
    h3 = op.maximum(w1, s1)
    h7 = op.reduce_sum(h1)
    h8 = op.mean_squared_error(h2, x2)
    h9 = op.mean_squared_error(h3, x3)
    h10 = op.multiply(h7, h8)
    h11 = op.multiply(h10, h9)
    return h11, {"s1": s1}


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
    dtype="float64",
    untested="ok",
    optimizer=sgd(lr=0.1),
    w1=param(1, 7, 7, 1),
    x1=randn(1, 7, 7, 1, scale=1e19),
)
def attention_by_stored_sums(op: Any, w1: Any, x1: Any) -> Any:
    """PyTorch computes scores a second time on the way back: rounding of 1e20 in an exponent makes NaN of one."""
    h1 = op.scaled_dot_product_attention(w1, w1, w1, scale=0.1)
    return op.mean_squared_error(h1, x1)


@scenario(
    seed=80,
    epochs=10,
    untested="ok",
    optimizer=rmsprop(lr=0.5, alpha=0.99, eps=1e-10),
    w1=param(7, 2, fill=1.0),
    w2=param(2, scale=1e30),
    w3=param(2),
    s1=buffer(2, fill=0.0),
    s2=buffer(2, fill=1.0),
    w4=param(load=lambda: np.random.RandomState(769).uniform(0.5, 2.0, (1, 1, 1))),
    t1=data(lambda: np.array([1, 0])),
    x1=data(lambda: np.random.RandomState(496).randint(-1, 2, (1, 1, 1)) * 1.0),
)
def logarithm_on_both_sides_of_zero(
    op: Any, w1: Any, w2: Any, w3: Any, s1: Any, s2: Any, w4: Any, t1: Any, x1: Any
) -> Any:
    """A weight that rounding moves below 0 has no logarithm in one run."""
    h1, h2, h3 = op.batch_norm(w1, w2, w3, s1, s2, eps=0.001)
    h5 = op.log(w4)
    h6 = op.sigmoid_cross_entropy(w3, t1)
    h7 = op.reduce_sum(h1)
    h8 = op.mean_squared_error(h5, x1)
    h9 = op.multiply(h7, h8)
    h10 = op.add(h9, h6)
    return h10, {"s1": h2, "s2": h3}


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    s1=buffer(7, 7, fill=1.0),
    f1=param(7, 7, scale=1000000000000.0, frozen=True),
    w1=param(load=lambda: np.random.RandomState(0).normal(10.0, 1.0, (7, 1))),
    w2=param(7, 3),
    w3=param(1, 3),
    w4=param(load=lambda: np.array([1.0, 1.0, 1.0])),
    w5=param(load=lambda: np.random.RandomState(0).uniform(0.5, 2.0, (7,))),
    x1=randn(7, 7),
    w6=param(7, 7),
)
def quotient_by_an_infinite_square(
    op: Any, s1: Any, f1: Any, w1: Any, w2: Any, w3: Any, w4: Any, w5: Any, x1: Any, w6: Any
) -> Any:
    """A divisor of 1e20 has an infinite square, and PyTorch's gradient is 0 where that divides."""
    h1 = op.select(s1, index=-7, axis=-2)
    h2 = op.gru_reset_before(f1, w1, w2, w3, w4)
    h3 = op.gru_reset_before(f1, h2, w2, w3, w4)
    h4 = op.gru_reset_before(f1, h3, w2, w3, w4)
    h5 = op.divide(h1, w5)
    h7 = op.triplet(x1, f1, w6, margin=1.0)
    h8 = op.reduce_sum(h4)
    h9 = op.reduce_sum(h5)
    h10 = op.add(h8, h9)
    h11 = op.multiply(h10, h7)
    return h11, {"s1": s1}


@scenario(
    seed=21,
    epochs=1,
    untested="ok",
    optimizer=sgd(lr=0.01),
    batch_size=2,
    s1=buffer(2, 1, 2, fill=0.0),
    w1=param(1),
    w2=param(1),
    s2=buffer(1, fill=0.0),
    s3=buffer(1, fill=1.0),
    w3=param(1, 1),
    w4=param(load=lambda: np.random.RandomState(0).normal(10.0, 1.0, (2, 3))),
    w5=param(1, 3),
    w6=param(3, fill=1.0),
    x=randn(6, 2),
)
def running_variance_in_a_gate(
    op: Any, s1: Any, w1: Any, w2: Any, s2: Any, s3: Any, w3: Any, w4: Any, w5: Any, w6: Any, x: Any
) -> Any:
    """NumPy alone yields the gradient of a running statistic, which no op asks for."""
    h1, h2, h3 = op.batch_norm(s1, w1, w2, s2, s3, eps=0.001)
    h4 = op.stack(h3, w1, axis=-1)
    h5 = op.gru_reset_after(h4, w3, w4, w5, w6, w6)
    h6 = op.reduce_sum(h1)
    h7 = op.reduce_sum(h5)
    h8 = op.add(h6, h7)
    return h8, {"s1": s1, "s2": h2, "s3": h3}


@scenario(
    seed=43,
    epochs=3,
    dtype="float64",
    untested="ok",
    optimizer=adamw(lr=0.1, weight_decay=0.01, beta1=0.0, beta2=0.999),
    schedule=step_decay(every=2, factor=0.9),
    clipping=clip_by_norm(max_norm=100.0),
    w1=param(7, 4),
    f1=param(4, 7, frozen=True),
    w2=param(4, 1, 7, fill=0.0),
    w3=param(load=lambda: np.random.RandomState(106).randint(-1, 2, (1,)) * 1.0),
    s1=buffer(1, fill=0.0),
    s2=buffer(1, fill=1.0),
)
def running_variance_in_prelu(op: Any, w1: Any, f1: Any, w2: Any, w3: Any, s1: Any, s2: Any) -> Any:
    """As running_variance_in_a_gate, where the gradient of a constant is 0 but for rounding."""
    h1 = op.matmul(w1, f1)
    h2, h3, h4 = op.batch_norm(w2, w3, w3, s1, s2, eps=0.001, momentum=0.5)
    h8 = op.prelu(h4, w3)
    h9 = op.reduce_sum(h1)
    h10 = op.reduce_mean(h2)
    h11 = op.reduce_sum(h8)
    h12 = op.add(h9, h10)
    h13 = op.add(h12, h11)
    return h13, {"s1": h3, "s2": h4}


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


FOUND_LATER = [
    (gelu_beside_a_selection, "agree"),
    (cross_entropy_beside_a_difference, "agree"),
    (local_response_norm_of_ones, "drift"),
    (cross_entropy_beside_an_absolute, "agree"),
    (hard_sigmoid_beside_its_kink, "drift"),
    (maximum_on_both_sides, "inconclusive"),
    (cosine_distance_of_columns, "drift"),
    (cosine_distance_beside_elu, "drift"),
    (attention_by_stored_sums, "inconclusive"),
    (logarithm_on_both_sides_of_zero, "inconclusive"),
    (quotient_by_an_infinite_square, "inconclusive"),
    (running_variance_in_a_gate, "inconclusive"),
    (running_variance_in_prelu, "inconclusive"),
]
"""Each with its verdict."""
