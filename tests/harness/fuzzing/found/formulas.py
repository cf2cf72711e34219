"""Programs in which a framework computes by another right formula, which rounds elsewhere."""

from typing import Any

import numpy as np

from scenarios import adadelta, adamw, buffer, clip_by_norm, cosine_decay, data, param, randn, scenario, sgd


@scenario(
    seed=33,
    epochs=3,
    untested="ok",
    optimizer=adadelta(),
    x=randn(5, 4, scale=1e19),
    s=buffer(5, 4, fill=0.0),
    w=param(5, 4, fill=0.0),
)
def adadelta_near_overflow(op: Any, x: Any, s: Any, w: Any) -> Any:
    """Chainer's AdaDelta takes one root of a quotient, which has lost digits next to a gradient of 1e19."""
    return op.mean_squared_error(op.add(w, s), x), {"s": s}


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    x=randn(3, 1, 1, 3, scale=1e-6),
    gain=param(1, fill=1.0),
    bias=param(1),
    w=param(1, fill=1.0),
)
def batch_norm_of_small_numbers(op: Any, x: Any, gain: Any, bias: Any, w: Any) -> Any:
    """PyTorch rounds twice at the size of the bias."""
    return op.reduce_sum(op.batch_norm(op.multiply(x, w), gain, bias, eps=0.001))


@scenario(seed=0, epochs=3, untested="ok", optimizer=sgd(lr=0.1), w1=param(7, 7), w2=param(7, 7), x=randn(7, 7))
def smooth_l1_of_a_small_beta(op: Any, w1: Any, w2: Any, x: Any) -> Any:
    """Chainer's is its Huber loss divided by beta, which rounds in another way."""
    return op.reduce_sum(op.smooth_l1(op.matmul(w1, w2), x, beta=0.05, reduction="none"))


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    x=randn(1, 2, 5, 1, scale=0.1),
    gain=param(2, fill=1.0),
    bias=param(2, scale=1000000.0),
)
def group_norm_of_a_large_bias(op: Any, x: Any, gain: Any, bias: Any) -> Any:
    """PyTorch adds up the offset before it adds it, as in batch normalization."""
    return op.reduce_sum(op.group_norm(x, gain, bias, groups=2, eps=0.001))


@scenario(
    seed=0,
    epochs=1,
    untested="ok",
    optimizer=sgd(lr=0.1),
    batch_size=2,
    w1=param(load=lambda: np.array([[0.0, 100.0, -1e-07, 50.0], [-50.0, 50.0, 0.0, 1e-07]])),
    w2=param(load=lambda: np.array(-11.5)),
    x1=data(lambda: np.zeros((6, 4))),
)
def squared_error_of_a_tiny_share(op: Any, w1: Any, w2: Any, x1: Any) -> Any:
    """Its gradient is below the smallest normal number, where PyTorch loses digits: it divides the error first."""
    return op.multiply(op.mean_squared_error(op.softmax(w1), x1), w2)


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    w=param(load=lambda: np.array([500.0, -50.0, -2000.0, -200.0])),
    x=data(lambda: np.zeros(4)),
)
def gradient_of_a_tiny_gate(op: Any, w: Any, x: Any) -> Any:
    """PyTorch multiplies the arriving gradient by the sigmoid first, and the product of the two loses digits."""
    return op.mean_squared_error(op.swish(w), x)


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


FOUND = [
    (adadelta_near_overflow, "inconclusive"),
    (batch_norm_of_small_numbers, "inconclusive"),
    (smooth_l1_of_a_small_beta, "agree"),
    (group_norm_of_a_large_bias, "agree"),
    (squared_error_of_a_tiny_share, "agree"),
    (gradient_of_a_tiny_gate, "agree"),
    (hard_sigmoid_beside_its_kink, "drift"),
]
"""Each with its verdict."""
