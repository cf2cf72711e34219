"""Programs in which a framework shares memory, or reads it in another order, which misled Lockstep or the framework."""

from typing import Any

import numpy as np

from scenarios import adamw, buffer, clip_by_norm, param, randn, scenario, sgd, step_decay, weight_decay


@scenario(seed=0, epochs=3, untested="ok", optimizer=sgd(lr=0.1), decay=weight_decay(rate=0.01), w=param(5))
def decay_of_a_sum(op: Any, w: Any) -> Any:
    """Chainer's gradient of a sum can't be written to, and its weight decay wrote to it."""
    return op.reduce_sum(w)


@scenario(
    seed=0, epochs=3, optimizer=sgd(lr=0.1), clipping=clip_by_norm(max_norm=1.0), untested="ok", a=param(2), b=param(2)
)
def clipping_of_terms(op: Any, a: Any, b: Any) -> Any:
    """Chainer gives both terms of a sum one gradient array, which its clipping scaled twice."""
    return op.reduce_sum(op.add(a, b))


@scenario(seed=3, epochs=3, optimizer=sgd(lr=0.1), untested="ok", w=param(2))
def loss_that_is_a_view(op: Any, w: Any) -> Any:
    """PyTorch's loss is a view of the weight, which has changed when the step is over."""
    return op.select(w, index=0, axis=0)


@scenario(seed=3, epochs=3, optimizer=sgd(lr=0.1), untested="ok", s=buffer(2, fill=0.0), w=param(3, 2))
def buffer_that_is_a_view(op: Any, s: Any, w: Any) -> Any:
    """So may be the next value of a buffer."""
    row = op.select(w, index=0, axis=0)
    return op.reduce_sum(op.multiply(op.add(row, s), row)), {"s": row}


@scenario(seed=0, epochs=1, untested="ok", optimizer=sgd(lr=0.1), w=param(2, 1), x=randn(2, 1))
def broadcast_to_its_own_shape(op: Any, w: Any, x: Any) -> Any:
    """Chainer returns the variable itself, and the gradient of all its uses was taken for that of the result."""
    y = op.mean_squared_error(w, x)
    return op.add(op.add(y, y), op.broadcast_to(y, shape=()))


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    x=param(load=lambda: np.random.RandomState(0).randint(-1, 2, (2, 2, 1, 2)) * 1.0),
    mean=param(2, frozen=True),
    var=param(2, fill=1.0, frozen=True),
)
def batch_norm_of_a_short_axis(op: Any, x: Any, mean: Any, var: Any) -> Any:
    """PyTorch's backward mixed up channels where the gradient came with its axes in another order in memory."""
    h = op.fixed_batch_norm(x, mean, var, eps=0.001)
    return op.reduce_sum(op.reduce_max(h, axis=(1, 2)))


@scenario(seed=0, epochs=3, untested="ok", optimizer=sgd(lr=0.1), x=randn(2, 2, 2, 1), w=param(2, 2, 3, 3))
def deconvolution_of_data(op: Any, x: Any, w: Any) -> Any:
    """Chainer's backward of a deconvolution raises an error where only the weight needs a gradient."""
    return op.reduce_sum(op.deconv2d(x, w))


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


FOUND = [
    (decay_of_a_sum, "agree"),
    (clipping_of_terms, "agree"),
    (loss_that_is_a_view, "agree"),
    (buffer_that_is_a_view, "agree"),
    (broadcast_to_its_own_shape, "agree"),
    (batch_norm_of_a_short_axis, "agree"),
    (deconvolution_of_data, "agree"),
    (running_variance_in_a_gate, "inconclusive"),
    (running_variance_in_prelu, "inconclusive"),
]
"""Each with its verdict."""
