"""Losses that compare vectors with each other: how near they are, where they point, or which one is better."""

from __future__ import annotations

from typing import Any

from scenarios import adam, param, randn, scenario, sgd


@scenario(
    seed=1,
    epochs=20,
    optimizer=sgd(lr=0.05),
    anchor=randn(12, 6),
    positive=randn(12, 6),
    negative=randn(12, 6),
    w1=param(6, 8, scale=0.4),
    w2=param(8, 3, scale=0.5),
)
def metric_learning_triplet(op: Any, anchor: Any, positive: Any, negative: Any, w1: Any, w2: Any) -> Any:
    """Three inputs through one network: the first should end nearer to the second than to the third.

    Every weight is used three times per update, and its gradient is the sum. Rows whose distances already differ by
    more than the margin have none. Exercises triplet, tanh, matmul.
    """
    a, p, n = (op.matmul(op.tanh(op.matmul(x, w1)), w2) for x in (anchor, positive, negative))
    return op.triplet(a, p, n, margin=0.5)


@scenario(
    seed=2,
    epochs=20,
    optimizer=adam(lr=0.03),
    x=randn(10, 5),
    y=randn(10, 4),
    w1=param(5, 8, scale=0.5),
    w2=param(8, 4, scale=0.5),
    w_y=param(4, 4, scale=0.5),
)
def cosine_similarity(op: Any, x: Any, y: Any, w1: Any, w2: Any, w_y: Any) -> Any:
    """Two views of the same thing, mapped to vectors of the same direction, however long they are.

    The gradient is perpendicular to its vector: it turns the vector and never stretches it. Exercises cosine_distance,
    tanh, matmul.
    """
    return op.cosine_distance(op.matmul(op.tanh(op.matmul(x, w1)), w2), op.matmul(y, w_y), eps=1e-8)


@scenario(
    seed=3,
    epochs=20,
    optimizer=adam(lr=0.03),
    chosen=randn(12, 5),
    rejected=randn(12, 5),
    w1=param(5, 8, scale=0.5),
    b1=param(8, fill=0.0),
    w2=param(8, 1, scale=0.5),
)
def preferences(op: Any, chosen: Any, rejected: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A reward model learns from pairs of which one was preferred, as in learning from human feedback.

    The probability that the first of a pair is chosen is a sigmoid of the difference of the rewards (Bradley & Terry
    1952); the loss is its negative logarithm, which log_sigmoid computes without underflow. Exercises log_sigmoid,
    subtract, linear, tanh.
    """
    good, bad = (op.matmul(op.tanh(op.linear(x, w1, b1)), w2) for x in (chosen, rejected))
    return op.negative(op.reduce_mean(op.log_sigmoid(op.subtract(good, bad))))
