"""Convolutional networks with max and average pooling, with windows that reach over the image's border."""

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
    """Max pooling twice: overlapping windows with padding, then windows that reach out to cover all pixels.

    After ReLU many windows hold only zeros; by convention the first of these gets the gradient. Exercises max_pool2d
    with pad and with cover_all, conv2d, relu, reshape, linear.
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
    """Average pooling twice: overlapping windows that count the padding's zeros, then windows with gaps between them.

    A pixel in nine windows gets a ninth of each one's gradient; a pixel in a gap gets none. Exercises avg_pool2d with
    pad and with a stride beyond its window, conv2d, tanh, reshape, linear.
    """
    h = op.avg_pool2d(op.tanh(op.conv2d(x, k, b, pad=1)), window=3, stride=1, pad=1)
    pooled = op.avg_pool2d(h, window=2, stride=3)
    y_p = op.linear(op.reshape(pooled, shape=(8, -1)), w, b_out)
    return op.mean_squared_error(y_p, y)


@scenario(
    seed=4,
    epochs=30,
    optimizer=adam(lr=0.02),
    x=randn(8, 2, 20),
    y=randn(8, 3),
    k1=param(4, 2, 3, scale=0.4),
    b1=param(4, fill=0.0),
    k2=param(4, 4, 3, scale=0.3),
    b2=param(4, fill=0.0),
    w=param(8, 3, scale=0.3),
    b_out=param(3, fill=0.0),
)
def pooled_signals(op: Any, x: Any, y: Any, k1: Any, b1: Any, k2: Any, b2: Any, w: Any, b_out: Any) -> Any:
    """A convolutional network over signals: max pooling of overlapping windows, then means without the padding.

    At both ends of a signal a mean is over fewer elements, since the zeros of the padding don't count. Exercises
    max_pool1d with pad, avg_pool1d without count_pad, conv1d, tanh, reshape and linear.
    """
    h = op.max_pool1d(op.tanh(op.conv1d(x, k1, b1, pad=1)), window=3, stride=2, pad=1)
    pooled = op.avg_pool1d(op.tanh(op.conv1d(h, k2, b2)), window=4, stride=5, pad=1, count_pad=False)
    y_p = op.linear(op.reshape(pooled, shape=(8, -1)), w, b_out)
    return op.mean_squared_error(y_p, y)
