"""Default arguments: the same call, with other values behind it."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backends.compatibility.chainer import import_chainer
from backends.differences.difference import Code, difference

chainer = import_chainer()
F, L = chainer.functions, chainer.links
Variable = Any  # Chainer has no types
Model = Any
Optimizer = torch.optim.Optimizer


@difference("default", chainer="chainer.optimizers.SGD(lr=0.01)", torch="torch.optim.SGD(params, lr=0.001)")
def sgd_learning_rate() -> Code:
    """SGD's learning rate is 0.01 in Chainer and 0.001 in PyTorch where none is given."""

    def in_chainer(model: Model) -> Any:
        return chainer.optimizers.SGD().setup(model)

    def naive(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.SGD(parameters)

    def normalised(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.SGD(parameters, lr=0.01)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)


@difference(
    "default",
    chainer="chainer.optimizers.AdaGrad(lr=0.001, eps=1e-08)",
    torch="torch.optim.Adagrad(params, lr=0.01, eps=1e-10)",
)
def adagrad_settings() -> Code:
    """AdaGrad's learning rate is 0.001 in Chainer and 0.01 in PyTorch, its eps 1e-8 and 1e-10."""

    def in_chainer(model: Model) -> Any:
        return chainer.optimizers.AdaGrad().setup(model)

    def naive(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.Adagrad(parameters)

    def normalised(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.Adagrad(parameters, lr=0.001, eps=1e-8)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)


@difference(
    "default",
    chainer="chainer.optimizers.AdaDelta(rho=0.95, eps=1e-06)",
    torch="torch.optim.Adadelta(params, lr=1.0, rho=0.9, eps=1e-06)",
)
def adadelta_rho() -> Code:
    """AdaDelta's rho is 0.95 in Chainer and 0.9 in PyTorch."""

    def in_chainer(model: Model) -> Any:
        return chainer.optimizers.AdaDelta().setup(model)

    def naive(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.Adadelta(parameters)

    def normalised(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.Adadelta(parameters, rho=0.95)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)


@difference(
    "default",
    chainer="chainer.optimizers.AdamW(weight_decay_rate=0)",
    torch="torch.optim.AdamW(params, weight_decay=0.01)",
)
def adamw_decays_by_default() -> Code:
    """AdamW decays no weight in Chainer unless it is told to; in PyTorch it does."""

    def in_chainer(model: Model) -> Any:
        return chainer.optimizers.AdamW(alpha=0.1, eps=0).setup(model)

    def naive(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.AdamW(parameters, lr=0.1, eps=0)

    def normalised(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.AdamW(parameters, lr=0.1, eps=0, weight_decay=0)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)


@difference(
    "default",
    chainer="chainer.links.BatchNormalization(size=None, eps=2e-05)",
    torch="torch.nn.BatchNorm1d(num_features, eps=1e-05)",
)
def batch_normalization_eps() -> Code:
    """BatchNormalization's eps is 2e-5 in Chainer and 1e-5 in PyTorch."""

    def in_chainer(x: Variable) -> Variable:
        return L.BatchNormalization(3)(x)

    def naive(x: Tensor) -> Any:
        return nn.BatchNorm1d(3)(x)

    def normalised(x: Tensor) -> Any:
        return nn.BatchNorm1d(3, eps=2e-5)(x)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(8, 3),))


@difference(
    "default",
    chainer="chainer.links.LayerNormalization(size=None, eps=1e-06): but F.layer_normalization has eps=1e-05",
    torch="torch.nn.LayerNorm(normalized_shape, eps=1e-05)",
)
def layer_normalization_eps() -> Code:
    """LayerNormalization's eps is 1e-6 in Chainer's link (1e-5 in its function) and 1e-5 in PyTorch."""

    def in_chainer(x: Variable) -> Variable:
        return L.LayerNormalization(5)(x)

    def naive(x: Tensor) -> Any:
        return nn.LayerNorm(5)(x)

    def normalised(x: Tensor) -> Any:
        return nn.LayerNorm(5, eps=1e-6)(x)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(4, 5),))


@difference(
    "default",
    chainer="chainer.functions.leaky_relu(x, slope=0.2)",
    torch="torch.nn.functional.leaky_relu(input, negative_slope=0.01)",
)
def leaky_relu_slope() -> Code:
    """leaky_relu's slope below 0 is 0.2 in Chainer and 0.01 in PyTorch."""

    def in_chainer(x: Variable) -> Variable:
        return F.leaky_relu(x)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.leaky_relu(x)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.leaky_relu(x, negative_slope=0.2)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(4, 3),))


@difference(
    "default",
    chainer="chainer.functions.clipped_relu(x, z=20.0)",
    torch="torch.nn.functional.relu6(input): capped at 6",
)
def clipped_relu_cap() -> Code:
    """clipped_relu is capped at 20 in Chainer; PyTorch's ready-made clipped ReLU is relu6."""

    def in_chainer(x: Variable) -> Variable:
        return F.clipped_relu(x)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.relu6(x)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.hardtanh(x, 0, 20)

    return Code(
        in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (20 * random.randn(4, 3),)
    )


@difference(
    "default",
    chainer="chainer.functions.softmax(x, axis=1): so have log_softmax, normalize, concat and crelu",
    torch="torch.nn.functional.softmax(input, dim=None): dim has to be named",
)
def softmax_axis() -> Code:
    """Chainer's softmax is over axis 1, the channels, whatever the rank; in images the usual dim=-1 is another."""

    def in_chainer(x: Variable) -> Variable:
        return F.softmax(x)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.softmax(x, dim=-1)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.softmax(x, dim=1)

    return Code(
        in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 3, 4),)
    )


@difference(
    "default",
    chainer="chainer.functions.softplus(x, beta=1.0): the same formula everywhere",
    torch="torch.nn.Softplus(beta=1.0, threshold=20.0): x itself where beta·x > threshold",
)
def softplus_threshold() -> Code:
    """PyTorch's softplus is x itself above 20, which is off by 2e-9 there; Chainer's always uses the formula."""

    def in_chainer(x: Variable) -> Variable:
        return F.softplus(x)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.softplus(x)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.softplus(x, threshold=40)

    return Code(
        in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (20 + 0.1 * random.rand(4, 3),)
    )


@difference(
    "default",
    chainer="chainer.functions.resize_images(x, output_shape, mode='bilinear', align_corners=True)",
    torch="torch.nn.functional.interpolate(input, size=None, mode='nearest', align_corners=None): None means False",
)
def resize_images_corners() -> Code:
    """resize_images keeps corner pixels in the corners; interpolate doesn't, and is bilinear only if told to be."""

    def in_chainer(x: Variable) -> Variable:
        return F.cast(F.resize_images(F.cast(x, np.float32), (5, 9)), np.float64)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.interpolate(x, (5, 9), mode="bilinear")

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.interpolate(x, (5, 9), mode="bilinear", align_corners=True)

    # resize_images takes float32 only; with small integers, resized by 2, nothing is rounded.
    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randint(-9, 10, (2, 3, 3, 5)).astype(np.float64),),
    )


@difference(
    "default",
    chainer="chainer.functions.spatial_transformer_grid(theta, output_shape): ±1 are centres of pixels",
    torch="torch.nn.functional.affine_grid(theta, size, align_corners=None): ±1 are edges of the image",
)
def spatial_transformer_corners() -> Code:
    """A spatial transformer's −1 and 1 are pixel centres in Chainer and the image's edges in PyTorch."""

    def in_chainer(x: Variable, theta: Variable) -> Variable:
        grid = F.spatial_transformer_grid(theta, (4, 5))
        return F.spatial_transformer_sampler(x, grid)

    def naive(x: Tensor, theta: Tensor) -> Tensor:
        grid = nn.functional.affine_grid(theta, [2, 3, 4, 5], align_corners=False)
        return nn.functional.grid_sample(x, grid, align_corners=False)

    def normalised(x: Tensor, theta: Tensor) -> Tensor:
        grid = nn.functional.affine_grid(theta, [2, 3, 4, 5], align_corners=True)
        return nn.functional.grid_sample(x, grid, align_corners=True)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(2, 3, 4, 5), 0.4 * random.randn(2, 2, 3)),
    )
