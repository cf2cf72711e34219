"""Programs whose numbers are little but rounding, of which nothing can be told."""

from typing import Any

import numpy as np

from scenarios import adagrad, adam, amsgrad, clip_by_norm, data, momentum, param, randn, scenario, sgd


@scenario(seed=21, epochs=3, dtype="float64", untested="ok", optimizer=adagrad(lr=0.01), w=param(2, 1, scale=100.0))
def distance_to_itself(op: Any, w: Any) -> Any:
    """A gradient that is 0 but for rounding, which no check can say anything about, was called wrong."""
    return op.reduce_sum(op.cosine_distance(w, w, eps=1.0, reduction="none"))


@scenario(seed=85, epochs=2, untested="ok", optimizer=momentum(lr=1.0, momentum=0.9), w=param(2, 4, scale=0.01))
def variance_of_near_equals(op: Any, w: Any) -> Any:
    """A variance of numbers that are nearly equal rounds by more than nudged weights show."""
    return op.reduce_sum(op.reduce_var(op.sigmoid(w), axis=-1))


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    clipping=clip_by_norm(max_norm=1.0),
    x=randn(5, 2, scale=0.1),
    b=param(2, scale=0.1),
    w=param(2, 2, fill=1.0),
)
def clipping_of_nothing_but_rounding(op: Any, x: Any, b: Any, w: Any) -> Any:
    """The norm of gradients that are 0 but for rounding has no bound, and so said nothing against them."""
    return op.multiply(op.reduce_sum(op.linear(x, w, b)), op.cosine_distance(b, b, eps=0.001))


@scenario(
    seed=0,
    epochs=3,
    dtype="float64",
    untested="ok",
    optimizer=sgd(lr=0.1),
    w1=param(load=lambda: np.array([[-1.0, -2.0, -0.5]])),
    w2=param(load=lambda: np.array([[-1000.0, 0.5, 0.5]])),
)
def divergence_from_a_share_of_zero(op: Any, w1: Any, w2: Any) -> Any:
    """The target has no finite gradient, and each backend had another one."""
    return op.kl_divergence(w1, op.softmax(w2))


@scenario(
    seed=3,
    epochs=3,
    untested="ok",
    optimizer=adam(lr=0.0),
    w1=param(3, 3, scale=0.1),
    x=randn(3, 2),
    w2=param(3, 6, scale=0.1),
    w3=param(2, 6, scale=100.0),
    w4=param(6, fill=1.0),
    w5=param(1, scale=1e25),
    y=randn(3, 2),
)
def closed_gate_beside_overflow(op: Any, w1: Any, x: Any, w2: Any, w3: Any, w4: Any, w5: Any, y: Any) -> Any:
    """A closed gate makes much of rounding, while Adam's state of another weight is infinite in every run."""
    h = op.hard_sigmoid(op.gru_reset_before(w1, x, w2, w3, w4))
    return op.multiply(op.mean_squared_error(h, y), op.reduce_sum(w5))


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
    seed=0,
    epochs=3,
    dtype="float64",
    untested="ok",
    optimizer=sgd(lr=0.1),
    x=param(load=lambda: np.random.RandomState(163).randint(-1, 2, (4, 4, 3)) * 1.0),
    w1=param(3, 3, scale=1e12),
    w2=param(3, 3),
    w3=param(3, 3, fill=1.0),
    mask=data(lambda: np.random.RandomState(0).randint(0, 2, (4, 4)) | (np.arange(4) == 0)),
)
def attention_of_large_scores(op: Any, x: Any, w1: Any, w2: Any, w3: Any, mask: Any) -> Any:
    """Where an op has no bound, the difference that it makes is unknown, and rounding explains what there is."""
    return op.reduce_sum(op.multi_head_attention(x, w1, w1, w2, w3, mask, heads=3))


@scenario(
    seed=24,
    epochs=3,
    untested="ok",
    optimizer=amsgrad(lr=0.2),
    w1=param(1, 4, 6, scale=1e6),
    w2=param(6, 6),
    w3=param(load=lambda: np.random.RandomState(395).normal(10.0, 1.0, (6, 6))),
    w4=param(6, 6, scale=1e6),
    m1=data(lambda: np.ones((4, 4), int)),
    x1=randn(1, 4, 6),
)
def amsgrad_of_what_overflows(op: Any, w1: Any, w2: Any, w3: Any, w4: Any, m1: Any, x1: Any) -> Any:
    """Terms cancel in its gradients; a NaN bound of the optimizer's state hid that."""
    return op.mean_squared_error(op.multi_head_attention(w1, w2, w3, w2, w4, m1, heads=3), x1)


@scenario(
    seed=1,
    epochs=1,
    untested="ok",
    optimizer=sgd(lr=0.1),
    batch_size=2,
    w1=param(2, 1),
    w2=param(2, 1, 2, scale=1e19),
    w3=param(2, 2),
    w4=param(2, 2, fill=1.0),
    w5=param(2, 2),
    m=data(lambda: [np.ones((1, 1), int)] * 3, per="update"),
    x=randn(6, 2),
)
def normalised_by_a_huge_sum(op: Any, w1: Any, w2: Any, w3: Any, w4: Any, w5: Any, m: Any, x: Any) -> Any:
    """A gradient divided by the sum falls below the smallest number, by PyTorch's order of factors a little more."""
    h = op.multi_head_attention(w2, w3, w4, w5, w3, m, heads=2)
    h = op.local_response_norm(h, n=3, k=1.0, alpha=0.1, beta=0.75)
    return op.add(op.reduce_sum(op.selu(w1)), op.reduce_sum(h))


FOUND = [
    (distance_to_itself, "inconclusive"),
    (variance_of_near_equals, "drift"),
    (clipping_of_nothing_but_rounding, "inconclusive"),
    (divergence_from_a_share_of_zero, "inconclusive"),
    (closed_gate_beside_overflow, "inconclusive"),
    (attention_by_stored_sums, "inconclusive"),
    (attention_of_large_scores, "inconclusive"),
    (amsgrad_of_what_overflows, "inconclusive"),
    (normalised_by_a_huge_sum, "inconclusive"),
]
"""Each with its verdict."""
