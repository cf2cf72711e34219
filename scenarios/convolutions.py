"""Small networks of images, one for each kind of convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, momentum, param, randn, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


def _zeros() -> Array:
    import numpy as np

    return np.zeros(4)


def _ones() -> Array:
    import numpy as np

    return np.ones(4)


@scenario(
    seed=1,
    epochs=20,
    optimizer=momentum(lr=0.05, momentum=0.9),
    x=randn(6, 4, 5, 5),
    y=randn(6, 4, 5, 5),
    no_bias=data(_zeros),
    k1=param(4, 4, 3, 3, scale=0.2),
    gain1=param(4, fill=1.0),
    bias1=param(4, fill=0.0),
    mean1=data(_zeros),
    var1=data(_ones),
    k2=param(4, 4, 3, 3, scale=0.2),
    gain2=param(4, fill=1.0),
    bias2=param(4, fill=0.0),
    mean2=data(_zeros),
    var2=data(_ones),
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
    """A residual block: two convolutions with batch normalisation, and x is added before the last ReLU.

    The gradient comes back to x along both ways, but x is data here; it reaches k1 through both normalisations. The
    convolutions have no bias, since normalising would take it off with the mean (He et al. 2016, arXiv:1512.03385).
    Exercises conv2d, batch_norm, relu and add.
    """
    c1 = op.conv2d(x, k1, no_bias, pad=1)
    h1, new_mean1, new_var1 = op.batch_norm(c1, gain1, bias1, mean1, var1, eps=1e-5, momentum=0.1)
    c2 = op.conv2d(op.relu(h1), k2, no_bias, pad=1)
    h2, new_mean2, new_var2 = op.batch_norm(c2, gain2, bias2, mean2, var2, eps=1e-5, momentum=0.1)
    return op.mean_squared_error(op.relu(op.add(h2, x)), y)


@scenario(
    seed=2,
    epochs=30,
    optimizer=sgd(lr=0.3),
    x=randn(5, 4, 9, 8),
    y=randn(5, 6, 4, 4),
    k1=param(8, 2, 3, 2, scale=0.3),
    b1=param(8, fill=0.0),
    k2=param(6, 4, 2, 3, scale=0.3),
    b2=param(6, fill=0.0),
)
def dilated_grouped_conv(op: Any, x: Any, y: Any, k1: Any, b1: Any, k2: Any, b2: Any) -> Any:
    """Convolutions with holes in two groups: dilation, stride and padding at once.

    Height and width differ, of images and of kernels, so that axes can't be mixed up unseen, and a stride of 2 leaves
    a last column out, whose gradient has to be 0. Exercises conv2d with every setting, relu.
    """
    h = op.relu(op.conv2d(x, k1, b1, pad=1, dilation=2, groups=2))
    y_p = op.conv2d(h, k2, b2, stride=2, pad=1, dilation=1, groups=2)
    return op.mean_squared_error(y_p, y)


@scenario(
    seed=3,
    epochs=30,
    optimizer=adam(lr=0.02),
    x=randn(6, 3, 6, 7),
    y=randn(6, 4, 3, 4),
    k_depth=param(6, 1, 3, 3, scale=0.3),
    b_depth=param(6, fill=0.0),
    k_point=param(4, 6, 1, 1, scale=0.4),
    b_point=param(4, fill=0.0),
)
def depthwise_separable(op: Any, x: Any, y: Any, k_depth: Any, b_depth: Any, k_point: Any, b_point: Any) -> Any:
    """A depthwise convolution with two kernels per channel, then a pointwise one: MobileNet's building block.

    First every channel is filtered by itself, then a 1 × 1 convolution mixes the channels: 88 weights where one
    convolution has 112. Exercises depthwise_conv2d with a stride, conv2d of single pixels, relu.
    """
    h = op.relu(op.depthwise_conv2d(x, k_depth, b_depth, stride=2, pad=1))
    y_p = op.conv2d(h, k_point, b_point)
    return op.mean_squared_error(y_p, y)


@scenario(
    seed=4,
    epochs=40,
    optimizer=adam(lr=0.02),
    x=randn(8, 2, 7, 6),
    k_down=param(5, 2, 3, 4, scale=0.3),
    b_down=param(5, fill=0.0),
    k_up=param(5, 2, 3, 4, scale=0.3),
    b_up=param(2, fill=0.0),
)
def deconv_autoencoder(op: Any, x: Any, k_down: Any, b_down: Any, k_up: Any, b_up: Any) -> Any:
    """An autoencoder of images: a convolution makes them smaller, a transposed one as large as they were.

    The transposed convolution is the other's gradient run forward, so that its sizes are just those that a convolution
    of the same stride and padding takes away. Exercises conv2d and deconv2d with a stride and padding, tanh.
    """
    code = op.tanh(op.conv2d(x, k_down, b_down, stride=2, pad=1))
    x_p = op.deconv2d(code, k_up, b_up, stride=2, pad=1)
    return op.mean_squared_error(x_p, x)
