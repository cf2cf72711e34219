"""What the mutants of image ops train on: equal sizes, and pooling of what is below zero."""

from typing import Any

from scenarios import param, randn, scenario, sgd


@scenario(
    seed=31,
    epochs=3,
    optimizer=sgd(lr=0.1),
    x=randn(4, 4, 4, 4),
    y=randn(4, 4, 4, 4),
    k1=param(4, 4, 3, 3, scale=0.2),
    b1=param(4, scale=0.1),
    k2=param(4, 4, 3, 3, scale=0.2),
    b2=param(4, scale=0.1),
)
def square_images(op: Any, x: Any, y: Any, k1: Any, b1: Any, k2: Any, b2: Any) -> Any:
    """Every size is 4 and kernels are square, so that what is summed or swapped wrongly has the right shape."""
    h = op.tanh(op.conv2d(x, k1, b1, pad=1))
    return op.mean_squared_error(op.conv2d(h, k2, b2, pad=1), y)


@scenario(
    seed=32,
    epochs=3,
    optimizer=sgd(lr=0.1),
    x=randn(4, 2, 5, 6),
    y=randn(4, 3, 3, 4),
    k=param(3, 2, 3, 3, scale=0.3),
    b=param(3, fill=-1.0),
)
def pooled_below_zero(op: Any, x: Any, y: Any, k: Any, b: Any) -> Any:
    """Max pooling of what is mostly negative, with padding: zeros would be the largest."""
    return op.mean_squared_error(op.max_pool2d(op.conv2d(x, k, b, pad=1), window=2, stride=2, pad=1), y)


@scenario(
    seed=33,
    epochs=3,
    optimizer=sgd(lr=0.1),
    x=randn(3, 2, 7, 7),
    y=randn(3, 4, 2, 2),
    k=param(4, 1, 3, 3, scale=0.4),
    b=param(4, scale=0.1),
)
def apart_by_channel(op: Any, x: Any, y: Any, k: Any, b: Any) -> Any:
    """Every channel by itself with pixels two apart, and sums over windows that are all divided by the same number."""
    h = op.tanh(op.depthwise_conv2d(x, k, b, pad=1, dilation=2))
    return op.mean_squared_error(op.avg_pool2d(h, window=3, stride=2, divisor=4), y)
