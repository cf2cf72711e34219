"""Layers and activations of the same name that compute something else."""

import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backends.compatibility.chainer import import_chainer
from backends.contract import Array
from backends.differences.difference import Code, difference

chainer = import_chainer()
F, L = chainer.functions, chainer.links
Variable = Any  # Chainer has no types


@difference(
    "layer",
    chainer="chainer.links.BatchNormalization(size=None, decay=0.9): how much of the running statistics is kept",
    torch="torch.nn.BatchNorm1d(num_features, momentum=0.1): how much of the new statistics is taken",
)
def batch_normalization_decay() -> Code:
    """BatchNormalization's decay is the share of running statistics kept, PyTorch's momentum the share replaced."""

    def in_chainer(x: Variable) -> Variable:
        layer = L.BatchNormalization(3, decay=0.8)
        layer(x)
        return layer.avg_mean, layer.avg_var

    def naive(x: Tensor) -> tuple[Tensor | None, Tensor | None]:
        layer = nn.BatchNorm1d(3, momentum=0.8)
        layer(x)
        return layer.running_mean, layer.running_var

    def normalised(x: Tensor) -> tuple[Tensor | None, Tensor | None]:
        layer = nn.BatchNorm1d(3, momentum=1 - 0.8)
        layer(x)
        return layer.running_mean, layer.running_var

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(8, 3),))


@difference(
    "layer",
    chainer="chainer.functions.batch_normalization(x, gamma, beta): gives beta",
    torch="torch.nn.functional.batch_norm(input, running_mean, running_var, training=False): refuses to train on one",
    raises=ValueError,
)
def batch_of_one() -> Code:
    """BatchNormalization trains on a batch of one in Chainer; PyTorch raises."""

    def in_chainer(x: Variable, gain: Variable, bias: Variable) -> Variable:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the warning says that the output is constant
            return F.batch_normalization(x, gain, bias)

    def naive(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
        return nn.functional.batch_norm(x, None, None, gain, bias, training=True, eps=2e-5)

    def normalised(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x, 0, correction=0)
        return gain * (x - mean) / (variance + 2e-5).sqrt() + bias

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(1, 3), random.randn(3), random.randn(3)),
    )


@difference(
    "layer",
    chainer="chainer.functions.normalize(x, eps=1e-05, axis=1): x / (norm + eps)",
    torch="torch.nn.functional.normalize(input, p=2.0, dim=1, eps=1e-12): x / max(norm, eps)",
)
def normalize_eps() -> Code:
    """normalize adds 1e-5 to the norm in Chainer; PyTorch only keeps the norm from falling below 1e-12."""

    def in_chainer(x: Variable) -> Variable:
        return F.normalize(x)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.normalize(x)

    def normalised(x: Tensor) -> Any:
        norm = torch.linalg.vector_norm(x, dim=1, keepdim=True)
        return x / (norm + 1e-5)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(4, 3),),
    )


@difference(
    "layer",
    chainer="chainer.functions.local_response_normalization(x, n=5, k=2, alpha=0.0001, beta=0.75): k + alpha·sum",
    torch="torch.nn.functional.local_response_norm(input, size, alpha=0.0001, beta=0.75, k=1.0): k + alpha·sum/size",
)
def local_response_normalization() -> Code:
    """PyTorch divides alpha by the number of channels that are summed, and k is 2 in Chainer, 1 in PyTorch."""

    def in_chainer(x: Variable) -> Variable:
        return F.local_response_normalization(x)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.local_response_norm(x, 5)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.local_response_norm(x, 5, alpha=5 * 1e-4, k=2)

    return Code(
        in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 7, 3, 3),)
    )


@difference(
    "layer",
    chainer="chainer.functions.hard_sigmoid(x): x / 5 + ½, cut at 0 and 1",
    torch="torch.nn.functional.hardsigmoid(input): x / 6 + ½, cut at 0 and 1",
)
def hard_sigmoid() -> Code:
    """hard_sigmoid rises by 1/5 in Chainer and by 1/6 in PyTorch."""

    def in_chainer(x: Variable) -> Variable:
        return F.hard_sigmoid(x)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.hardsigmoid(x)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.hardtanh(0.2 * x + 0.5, 0, 1)

    return Code(
        in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (2 * random.randn(4, 3),)
    )


@difference(
    "layer",
    chainer="chainer.functions.sigmoid(x): ½·tanh(x/2) + ½",
    torch="torch.sigmoid(): 1 / (1 + e⁻ˣ)",
)
def sigmoid_of_very_negative() -> Code:
    """For very negative x, Chainer's sigmoid has few correct digits: it is the difference of two numbers near ½."""

    def in_chainer(x: Variable) -> Variable:
        return F.sigmoid(x)

    def naive(x: Tensor) -> Tensor:
        return torch.sigmoid(x)

    def normalised_chainer(x: Variable) -> Variable:
        return 1 / (1 + F.exp(-x))

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=naive,
        normalised_chainer=normalised_chainer,
        inputs=lambda random: (random.uniform(-35, -30, (4, 3)),),
    )


@difference(
    "layer",
    chainer="chainer.functions.erf(x): Chainer has no gelu, and models written for it have the tanh formula",
    torch="torch.nn.GELU(approximate='none'): the formula with erf",
)
def gelu() -> Code:
    """Chainer has no GELU, so its models wrote the tanh formula out; PyTorch's gelu is the exact one."""

    def in_chainer(x: Variable) -> Variable:
        return 0.5 * x * (1 + F.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)))

    def naive(x: Tensor) -> Tensor:
        return nn.functional.gelu(x)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.gelu(x, approximate="tanh")

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(4, 3),))


@difference(
    "layer",
    chainer="chainer.functions.linear_interpolate(p, x, y): p·x + (1 − p)·y",
    torch="torch.lerp(): lerp(start, end, weight) is (1 − weight)·start + weight·end",
)
def linear_interpolate_order() -> Code:
    """The weight p belongs to x in linear_interpolate(p, x, y), and to y in lerp(x, y, p)."""

    def in_chainer(p: Variable, x: Variable, y: Variable) -> Variable:
        return F.linear_interpolate(p, x, y)

    def naive(p: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return torch.lerp(x, y, p)

    def normalised(p: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return torch.lerp(y, x, p)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.rand(4, 3), random.randn(4, 3), random.randn(4, 3)),
    )


@difference(
    "layer",
    chainer="chainer.functions.embed_id(x, W, ignore_label=None): zeros for the ignored id",
    torch="torch.nn.functional.embedding(input, weight, padding_idx=None): the row of the padding id, not trained",
    matters=lambda settings: settings["ignore_label"] is not None,
)
def embed_id_padding() -> Code:
    """embed_id gives zeros for the ignored id; embedding gives what the padding id's row holds, and never trains it."""

    def in_chainer(w: Variable, ids: Array) -> Variable:
        return F.embed_id(ids, w, ignore_label=0)

    def naive(w: Tensor, ids: Tensor) -> Tensor:
        return nn.functional.embedding(ids, w, padding_idx=0)

    def normalised(w: Tensor, ids: Tensor) -> Tensor:
        return nn.functional.embedding(ids, w) * (ids != 0)[:, None]

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(4, 3), np.array([1, 0, 3, 1])),
    )


@difference(
    "layer",
    chainer="chainer.functions.depthwise_convolution_2d(x, W): W is (multiplier, channel, height, width)",
    torch="torch.nn.functional.conv2d(): with groups, W is (channel·multiplier, 1, height, width)",
)
def depthwise_weights() -> Code:
    """A depthwise convolution's weights have the multiplier first in Chainer and the channel first in PyTorch."""

    def in_chainer(x: Variable, w: Variable) -> Variable:
        return F.depthwise_convolution_2d(x, w)

    def naive(x: Tensor, w: Tensor) -> Tensor:
        return nn.functional.conv2d(x, w.reshape(6, 1, 2, 2), groups=3)

    def normalised(x: Tensor, w: Tensor) -> Tensor:
        return nn.functional.conv2d(x, w.transpose(0, 1).reshape(6, 1, 2, 2), groups=3)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(2, 3, 4, 4), random.randn(2, 3, 2, 2)),
    )
