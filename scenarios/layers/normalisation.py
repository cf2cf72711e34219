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
    seed=4,
    epochs=20,
    optimizer=adam(lr=0.02),
    x=randn(5, 2, 6, 6),
    y=randn(5, 3),
    k1=param(4, 2, 3, 3, scale=0.3),
    gain1=param(4, fill=1.0),
    bias1=param(4, fill=0.0),
    k2=param(3, 4, 3, 3, scale=0.3),
    gain2=param(3, 4, 4, fill=1.0),
    bias2=param(3, 4, 4, fill=0.0),
    k3=param(3, 3, 3, 3, scale=0.3),
    w=param(12, 3, scale=0.2),
    b_out=param(3, fill=0.0),
)
def normalised_anew(
    op: Any,
    x: Any,
    y: Any,
    k1: Any,
    gain1: Any,
    bias1: Any,
    k2: Any,
    gain2: Any,
    bias2: Any,
    k3: Any,
    w: Any,
    b_out: Any,
) -> Any:
    """A convolutional network that normalises by what is at hand: by the batch, by each image, by each channel of it.

    None of the three keeps running statistics. Batch normalisation without them gives back its output alone. Layer
    normalisation takes all of an image as one row, with a gain for every pixel. Group normalisation with one channel in
    each group is instance normalisation, here without gain and bias. Exercises batch_norm, layer_norm over three axes,
    group_norm, conv2d, relu, tanh, reshape, linear.
    """
    h1 = op.relu(op.batch_norm(op.conv2d(x, k1, pad=1), gain1, bias1, eps=1e-5))
    h2 = op.tanh(op.layer_norm(op.conv2d(h1, k2), gain2, bias2, eps=1e-5, axis=(-3, -2, -1)))
    h3 = op.tanh(op.group_norm(op.conv2d(h2, k3), groups=3, eps=1e-5))
    return op.mean_squared_error(op.linear(op.reshape(h3, shape=(5, -1)), w, b_out), y)


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


@scenario(
    seed=5,
    epochs=40,
    optimizer=adam(lr=0.02),
    x=randn(16, 6),
    y=randn(16, 3),
    w_in=param(6, 8, scale=0.4),
    gain1=param(8, fill=1.0),
    w_up=param(8, 12, scale=0.4),
    w_down=param(12, 8, scale=0.3),
    gain2=param(8, fill=1.0),
    v_out=param(3, 8, scale=0.5),
    g_out=param(3, fill=0.5),
)
def rms_norm_mlp(
    op: Any,
    x: Any,
    y: Any,
    w_in: Any,
    gain1: Any,
    w_up: Any,
    w_down: Any,
    gain2: Any,
    v_out: Any,
    g_out: Any,
) -> Any:
    """A residual block as in LLaMA: normalised in front by the root mean square alone, and a last layer of weight norm.

    Nothing is centred: a row keeps its mean, and only its length is made the same as that of all others. In the last
    layer each output's row of weights has its length in a number of its own, so that the gradient of the row only turns
    it. Exercises rms_norm, weight_norm, matmul, swish, add, transpose.
    """
    h = op.matmul(x, w_in)
    h = op.add(h, op.matmul(op.swish(op.matmul(op.rms_norm(h, gain1, eps=1e-5), w_up)), w_down))
    w_out = op.transpose(op.weight_norm(v_out, g_out), axes=(1, 0))
    return op.mean_squared_error(op.matmul(op.rms_norm(h, gain2, eps=1e-5), w_out), y)


@scenario(
    seed=6,
    epochs=20,
    optimizer=adam(lr=0.02),
    x=randn(5, 2, 6, 6, scale=2.0),
    y=randn(5, 3),
    k1=param(4, 2, 3, 3, scale=0.4),
    gain=param(4, fill=1.0),
    bias=param(4, fill=0.0),
    v2=param(3, 4, 3, 3, scale=0.3),
    g2=param(3, fill=1.0),
    w=param(48, 3, scale=0.2),
    b_out=param(3, fill=0.0),
)
def instance_norm_cnn(
    op: Any, x: Any, y: Any, k1: Any, gain: Any, bias: Any, v2: Any, g2: Any, w: Any, b_out: Any
) -> Any:
    """A convolutional network as for style transfer: every channel of every image is normalised by itself.

    So the brightness and the contrast of an image drop out, and no image sees another. The kernels of the second layer
    have a direction and a length that are trained apart. Exercises instance_norm with a gain and a bias and without,
    weight_norm, conv2d, relu, tanh, reshape, linear.
    """
    h1 = op.relu(op.instance_norm(op.conv2d(x, k1), gain, bias, eps=1e-5))
    h2 = op.tanh(op.conv2d(h1, op.weight_norm(v2, g2), pad=1))
    features = op.reshape(op.instance_norm(h2, eps=1e-5), shape=(5, -1))
    return op.mean_squared_error(op.linear(features, w, b_out), y)
