"""Convolutional networks that pool by a maximum and by a mean, with windows that reach over the image's border."""

from typing import Any

from scenarios import adam, param, randn, scenario, sgd


@scenario(
    seed=1,
    epochs=25,
    optimizer=sgd(lr=0.02),
    x=randn(8, 2, 8, 9),
    y=randn(8, 3),
    k=param(4, 2, 3, 3, scale=0.3),
    b=param(4, fill=0.0),
    w=param(24, 3, scale=0.2),
    b_out=param(3, fill=0.0),
)
def max_pooling(op: Any, x: Any, y: Any, k: Any, b: Any, w: Any, b_out: Any) -> Any:
    """Max pooling twice: windows that overlap in padding, then some that reach out, so that all pixels are covered.

    Behind ReLU many windows hold nothing but zeros, and which of them gets the gradient is a convention: the first.
    Exercises max_pool2d with pad and with cover_all, conv2d, relu, reshape, linear.
    """
    h = op.max_pool2d(op.relu(op.conv2d(x, k, b, pad=1)), window=3, stride=2, pad=1)
    pooled = op.max_pool2d(h, window=2, stride=2, cover_all=True)
    y_p = op.linear(op.reshape(pooled, shape=(8, -1)), w, b_out)
    return op.mean_squared_error(y_p, y)


@scenario(
    seed=2,
    epochs=20,
    optimizer=adam(lr=0.03),
    x=randn(8, 2, 8, 7),
    y=randn(8, 3),
    k=param(4, 2, 3, 3, scale=0.3),
    b=param(4, fill=0.0),
    w=param(24, 3, scale=0.3),
    b_out=param(3, fill=0.0),
)
def average_pooling(op: Any, x: Any, y: Any, k: Any, b: Any, w: Any, b_out: Any) -> Any:
    """Average pooling twice: windows that overlap, in which the zeros of the padding count, then some that do not meet.

    A pixel in nine windows gets a ninth of the gradient of each, one between two windows gets none. Exercises
    avg_pool2d with pad and with a stride beyond its window, conv2d, tanh, reshape, linear.
    """
    h = op.avg_pool2d(op.tanh(op.conv2d(x, k, b, pad=1)), window=3, stride=1, pad=1)
    pooled = op.avg_pool2d(h, window=2, stride=3)
    y_p = op.linear(op.reshape(pooled, shape=(8, -1)), w, b_out)
    return op.mean_squared_error(y_p, y)
