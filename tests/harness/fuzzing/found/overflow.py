"""Programs in which numbers overflow in one right formula and not in another."""

from typing import Any

import numpy as np

from scenarios import adadelta, buffer, data, momentum, param, randn, rmsprop, scenario, sgd, weight_decay


@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), untested="ok", w=param(1, 7, scale=1e19), x=randn(1, 7))
def loss_that_overflows(op: Any, w: Any, x: Any) -> Any:
    """Of infinities that are the same nothing can be told; the backend was called wrong."""
    return op.mean_squared_error(w, x)


@scenario(
    seed=41,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=1.0),
    w=param(2, 2, scale=1e19),
    x=randn(2, 2),
    y=randn(2, 2, scale=1e19),
)
def gradients_that_overflow(op: Any, w: Any, x: Any, y: Any) -> Any:
    """Near overflow, gradients of right formulas are infinite at different sizes."""
    return op.multiply(op.mean_squared_error(op.matmul(x, w), x), op.mean_squared_error(w, y))


@scenario(
    seed=98,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.5),
    q=param(3, 3, 2, 3, scale=1e19, frozen=True),
    v=param(3, 3, 2, 4),
)
def attention_of_huge_numbers(op: Any, q: Any, v: Any) -> Any:
    """Where the product of queries and keys overflows, formulas differ in which scores are infinite."""
    return op.reduce_mean(op.scaled_dot_product_attention(q, q, v, scale=0.1))


@scenario(seed=0, epochs=3, untested="ok", optimizer=sgd(lr=0.1), w=param(1, 1, scale=1e19))
def gelu_of_a_huge_number(op: Any, w: Any) -> Any:
    """Its cube overflows; not every formula cubes it."""
    return op.reduce_sum(op.gelu_tanh(w))


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    w=param(load=lambda: np.array([50.0, -1.0])),
    x=randn(2, scale=1e18),
)
def gradient_times_an_exponential(op: Any, w: Any, x: Any) -> Any:
    """PyTorch multiplies the arriving gradient by the exponential before it divides, and that product overflows."""
    return op.mean_squared_error(op.softplus(w), x)


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    w1=param(3, scale=0.1),
    w2=param(3),
    x=randn(3, scale=1e19),
)
def layer_norm_of_large_numbers(op: Any, w1: Any, w2: Any, x: Any) -> Any:
    """Chainer multiplies the gradient, the gain and the deviation, and the product overflows where no square does."""
    loss = op.mean_squared_error(op.layer_norm(w1, w2, eps=0.001), x)
    return op.add(op.reduce_sum(w1), loss)


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    s1=buffer(2, 1, fill=1.0),
    w1=param(1),
    w2=param(1),
    s2=buffer(1, fill=0.0),
    s3=buffer(1, fill=1.0),
    w3=param(2, 3, 2, scale=1e30),
)
def rounding_beside_overflow(op: Any, s1: Any, w1: Any, w2: Any, s2: Any, s3: Any, w3: Any) -> Any:
    """Runs part by rounding in batch_norm; group_norm's squares overflow, and PyTorch alone makes NaN of that."""
    h1, h2, h3 = op.batch_norm(s1, w1, w2, s2, s3, eps=0.001)
    loss = op.add(op.reduce_sum(h1), op.reduce_sum(op.group_norm(w3, groups=3, eps=0.001)))
    return loss, {"s1": s1, "s2": h2, "s3": h3}


@scenario(
    seed=53,
    epochs=3,
    untested="ok",
    optimizer=adadelta(),
    w1=param(load=lambda: np.random.RandomState(506).uniform(1.0, 100.0, (2, 1))),
    w2=param(1, 1, scale=1e19),
    w3=param(2, 1),
)
def product_of_losses_beside_overflow(op: Any, w1: Any, w2: Any, w3: Any) -> Any:
    """Runs part by rounding in the sum of a layer norm; on the way back PyTorch alone makes NaN of what overflows."""
    h = op.layer_norm(w1, eps=1e-5, axis=(-2, -1))
    loss = op.add(op.reduce_sum(op.log(w1)), op.reduce_sum(op.linear(h, w2)))
    return op.multiply(op.add(loss, op.reduce_sum(op.maximum(h, w3))), op.reduce_sum(w2))


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


FOUND = [
    (loss_that_overflows, "inconclusive"),
    (gradients_that_overflow, "inconclusive"),
    (attention_of_huge_numbers, "inconclusive"),
    (gelu_of_a_huge_number, "inconclusive"),
    (gradient_times_an_exponential, "inconclusive"),
    (layer_norm_of_large_numbers, "inconclusive"),
    (rounding_beside_overflow, "inconclusive"),
    (product_of_losses_beside_overflow, "inconclusive"),
    (maximum_on_both_sides, "inconclusive"),
    (logarithm_on_both_sides_of_zero, "inconclusive"),
    (quotient_by_an_infinite_square, "inconclusive"),
]
"""Each with its verdict."""
