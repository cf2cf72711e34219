"""Networks whose hidden units are normalised: over the batch, over groups of channels, by their neighbours."""

from typing import Any

from scenarios import adam, buffer, param, randn, scenario, sgd


@scenario(
    seed=1,
    epochs=40,
    optimizer=sgd(lr=0.2),
    x=randn(24, 6, scale=3.0),
    y=randn(24, 3),
    w1=param(6, 10, scale=0.5),
    gain=param(10, fill=1.0),
    bias=param(10, fill=0.0),
    running_mean=buffer(10, fill=0.0),
    running_var=buffer(10, fill=1.0),
    w2=param(10, 3, scale=0.3),
    b2=param(3, fill=0.0),
)
def batch_norm_mlp(
    op: Any,
    x: Any,
    y: Any,
    w1: Any,
    gain: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    w2: Any,
    b2: Any,
) -> Any:
    """An MLP with batch normalisation, which keeps a running mean and variance for later use on single examples.

    Training uses the batch's own statistics. The running ones move a tenth of the way to them at every update, and no
    gradient goes through them. Exercises batch_norm, linear, matmul, relu.
    """
    h, new_mean, new_var = op.batch_norm(
        op.matmul(x, w1), gain, bias, running_mean, running_var, eps=1e-5, momentum=0.1
    )
    loss = op.mean_squared_error(op.linear(op.relu(h), w2, b2), y)
    return loss, {"running_mean": new_mean, "running_var": new_var}


@scenario(
    seed=2,
    epochs=20,
    optimizer=adam(lr=0.02),
    x=randn(6, 2, 6, 6),
    y=randn(6, 3),
    k=param(6, 2, 3, 3, scale=0.3),
    b=param(6, fill=0.0),
    gain=param(6, fill=1.0),
    bias=param(6, fill=0.0),
    w=param(24, 3, scale=0.2),
    b_out=param(3, fill=0.0),
)
def group_norm_cnn(op: Any, x: Any, y: Any, k: Any, b: Any, gain: Any, bias: Any, w: Any, b_out: Any) -> Any:
    """A convolutional network with group normalisation, which needs no batch: three groups of two channels.

    Mean and variance are per example and group of channels, gain and bias per channel. Exercises group_norm, conv2d,
    relu, avg_pool2d, reshape, linear.
    """
    h = op.relu(op.group_norm(op.conv2d(x, k, b, pad=1), gain, bias, groups=3, eps=1e-5))
    pooled = op.avg_pool2d(h, window=3, stride=3)
    return op.mean_squared_error(op.linear(op.reshape(pooled, shape=(6, -1)), w, b_out), y)


@scenario(
    seed=3,
    epochs=20,
    optimizer=adam(lr=0.02),
    x=randn(6, 2, 6, 6),
    y=randn(6, 3),
    k=param(7, 2, 3, 3, scale=0.5),
    b=param(7, fill=0.0),
    w=param(28, 3, scale=0.2),
    b_out=param(3, fill=0.0),
)
def local_response_norm_cnn(op: Any, x: Any, y: Any, k: Any, b: Any, w: Any, b_out: Any) -> Any:
    """A convolutional network whose units are divided by the activity of the channels around them, as in AlexNet.

    The window of five channels is cut off at the first and last channels. alpha is far above the paper's 1e-4, so that
    it matters in a small network. Exercises local_response_norm, conv2d, relu, max_pool2d, reshape, linear.
    """
    h = op.local_response_norm(op.relu(op.conv2d(x, k, b, pad=1)), n=5, k=2.0, alpha=0.2, beta=0.75)
    pooled = op.max_pool2d(h, window=3, stride=3)
    return op.mean_squared_error(op.linear(op.reshape(pooled, shape=(6, -1)), w, b_out), y)
