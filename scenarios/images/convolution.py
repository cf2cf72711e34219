"""Small networks on images, one for each kind of convolution."""

from typing import Any

from scenarios import adam, buffer, momentum, param, randn, scenario, sgd


@scenario(
    seed=1,
    epochs=15,
    optimizer=momentum(lr=0.05, momentum=0.9),
    x=randn(6, 4, 5, 5),
    y=randn(6, 4, 5, 5),
    no_bias=randn(4, scale=0.0),
    k1=param(4, 4, 3, 3, scale=0.2),
    gain1=param(4, fill=1.0),
    bias1=param(4, fill=0.0),
    mean1=buffer(4, fill=0.0),
    var1=buffer(4, fill=1.0),
    k2=param(4, 4, 3, 3, scale=0.2),
    gain2=param(4, fill=1.0),
    bias2=param(4, fill=0.0),
    mean2=buffer(4, fill=0.0),
    var2=buffer(4, fill=1.0),
)
def resnet_block(
    op: Any,
    x: Any,
    y: Any,
    no_bias: Any,
    k1: Any,
    gain1: Any,
    bias1: Any,
    mean1: Any,
    var1: Any,
    k2: Any,
    gain2: Any,
    bias2: Any,
    mean2: Any,
    var2: Any,
) -> Any:
    """A residual block: two convolutions with batch normalisation, and x added before the last ReLU.

    The block only has to learn what to add to x (He et al. 2016, arXiv:1512.03385). Its convolutions have no bias:
    normalising would subtract it with the mean, and its gradient would be nothing but rounding. Exercises conv2d,
    batch_norm, relu and add.
    """
    c1 = op.conv2d(x, k1, no_bias, pad=1)
    h1, new_mean1, new_var1 = op.batch_norm(c1, gain1, bias1, mean1, var1, eps=1e-5, momentum=0.1)
    c2 = op.conv2d(op.relu(h1), k2, no_bias, pad=1)
    h2, new_mean2, new_var2 = op.batch_norm(c2, gain2, bias2, mean2, var2, eps=1e-5, momentum=0.1)
    loss = op.mean_squared_error(op.relu(op.add(h2, x)), y)
    return loss, {"mean1": new_mean1, "var1": new_var1, "mean2": new_mean2, "var2": new_var2}


@scenario(
    seed=2,
    epochs=30,
    optimizer=sgd(lr=0.3),
    x=randn(5, 4, 9, 8),
    y=randn(5, 6, 4, 3),
    k1=param(8, 2, 3, 2, scale=0.3),
    b1=param(8, fill=0.0),
    k2=param(6, 4, 2, 3, scale=0.3),
    b2=param(6, fill=0.0),
)
def dilated_grouped_conv(op: Any, x: Any, y: Any, k1: Any, b1: Any, k2: Any, b2: Any) -> Any:
    """Dilated convolutions in two groups, with stride and padding at once.

    Images and kernels are not square, so mixed-up axes can't go unnoticed. The second convolution has a stride and a
    dilation of 2, so it sees only every other row and column: the gradient of the others must be 0. Exercises conv2d
    with every setting, relu.
    """
    h = op.relu(op.conv2d(x, k1, b1, pad=1, dilation=2, groups=2))
    y_p = op.conv2d(h, k2, b2, stride=2, pad=1, dilation=2, groups=2)
    return op.mean_squared_error(y_p, y)


@scenario(
    seed=3,
    epochs=20,
    optimizer=adam(lr=0.02),
    x=randn(6, 3, 6, 7),
    y=randn(6, 3, 3, 4),
    k_expand=param(4, 3, 1, 1, scale=0.5),
    b_expand=param(4, fill=0.1),
    k_depth=param(8, 1, 3, 3, scale=0.3),
    b_depth=param(8, fill=0.1),
    k_point=param(3, 8, 1, 1, scale=0.3),
    b_point=param(3, fill=0.0),
)
def depthwise_separable(
    op: Any,
    x: Any,
    y: Any,
    k_expand: Any,
    b_expand: Any,
    k_depth: Any,
    b_depth: Any,
    k_point: Any,
    b_point: Any,
) -> Any:
    """A depthwise separable convolution, as in MobileNet: filter each channel alone, then mix channels per pixel.

    A depthwise convolution with two kernels per channel between two 1 × 1 convolutions: 123 weights, where a single
    3 × 3 convolution from four channels to eight has 296. Exercises depthwise_conv2d with a stride, conv2d, relu.
    """
    h = op.relu(op.conv2d(x, k_expand, b_expand))
    filtered = op.relu(op.depthwise_conv2d(h, k_depth, b_depth, stride=2, pad=1))
    y_p = op.conv2d(filtered, k_point, b_point)
    return op.mean_squared_error(y_p, y)


@scenario(
    seed=4,
    epochs=30,
    optimizer=adam(lr=0.02),
    x=randn(8, 2, 7, 6),
    k_down=param(5, 2, 3, 4, scale=0.3),
    b_down=param(5, fill=0.0),
    k_up=param(5, 2, 3, 4, scale=0.3),
    b_up=param(2, fill=0.0),
)
def deconv_autoencoder(op: Any, x: Any, k_down: Any, b_down: Any, k_up: Any, b_up: Any) -> Any:
    """An autoencoder of images: a convolution shrinks them, a transposed convolution restores their size.

    A transposed convolution is a convolution's gradient run forward, so with the same stride and padding it restores
    the size. Exercises conv2d and deconv2d with a stride and padding, tanh.
    """
    code = op.tanh(op.conv2d(x, k_down, b_down, stride=2, pad=1))
    x_p = op.deconv2d(code, k_up, b_up, stride=2, pad=1)
    return op.mean_squared_error(x_p, x)


@scenario(
    seed=6,
    epochs=30,
    optimizer=adam(lr=0.02),
    x=randn(6, 4, 12),
    k_down=param(6, 2, 3, scale=0.3),
    k_up=param(6, 2, 3, scale=0.3),
    b_up=param(4, fill=0.0),
)
def signal_autoencoder(op: Any, x: Any, k_down: Any, k_up: Any, b_up: Any) -> Any:
    """An autoencoder of signals: a convolution halves their length, a transposed convolution doubles it again.

    A stride of 2 maps lengths of 11 and 12 to the same, so the way back has to be told that one more element is there.
    Exercises conv1d without a bias and deconv1d with an output padding, both in two groups; tanh.
    """
    code = op.tanh(op.conv1d(x, k_down, stride=2, pad=1, groups=2))
    x_p = op.deconv1d(code, k_up, b_up, stride=2, pad=1, groups=2, output_pad=1)
    return op.mean_squared_error(x_p, x)
