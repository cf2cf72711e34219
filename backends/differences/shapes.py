"""Results with another axis, another number of elements or another order."""

from typing import Any

import torch
from torch import Tensor, nn

from backends.compatibility.chainer import import_chainer
from backends.differences.difference import Code, difference

chainer = import_chainer()
F, L = chainer.functions, chainer.links
Variable = Any  # Chainer has no types


@difference(
    "shape",
    chainer="chainer.functions.max_pooling_2d(x, ksize, stride=None, pad=0, cover_all=True)",
    torch="torch.nn.MaxPool2d(kernel_size, stride=None, padding=0, ceil_mode=False)",
)
def max_pooling_cover_all() -> Code:
    """max_pooling_2d covers the last row and column with extra windows; PyTorch leaves them out."""

    def in_chainer(x: Variable) -> Variable:
        return F.max_pooling_2d(x, 2)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.max_pool2d(x, 2)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.max_pool2d(x, 2, ceil_mode=True)

    return Code(
        in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 3, 5, 5),)
    )


@difference(
    "shape",
    chainer="chainer.functions.unpooling_2d(x, ksize, outsize=None, cover_all=True): (size − 1)·ksize + 1",
    torch="torch.nn.functional.interpolate(input, scale_factor=None, mode='nearest'): size·scale_factor",
)
def unpooling_size() -> Code:
    """unpooling_2d undoes a pooling that covered all: one row and one column fewer than upsampling gives."""

    def in_chainer(x: Variable) -> Variable:
        return F.unpooling_2d(x, 2)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.interpolate(x, scale_factor=2)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.interpolate(x, scale_factor=2)[:, :, :-1, :-1]

    return Code(
        in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 3, 3, 3),)
    )


@difference(
    "shape",
    chainer="chainer.functions.linear(x, W, b=None, n_batch_axes=1): flattens all axes but the first",
    torch="torch.nn.functional.linear(): works on the last axis",
    raises=RuntimeError,
)
def linear_flattens() -> Code:
    """linear flattens everything after the first axis in Chainer; PyTorch applies it to the last axis."""

    def in_chainer(x: Variable, w: Variable) -> Variable:
        return F.linear(x, w)

    def naive(x: Tensor, w: Tensor) -> Tensor:
        return nn.functional.linear(x, w)

    def normalised(x: Tensor, w: Tensor) -> Tensor:
        return nn.functional.linear(x.flatten(1), w)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(4, 2, 3), random.randn(5, 6)),
    )


@difference("shape", chainer="chainer.functions.concat(xs, axis=1)", torch="torch.cat(): dim=0")
def concat_axis() -> Code:
    """concat joins along axis 1 in Chainer, cat along axis 0 in PyTorch."""

    def in_chainer(x: Variable, y: Variable) -> Variable:
        return F.concat((x, y))

    def naive(x: Tensor, y: Tensor) -> Tensor:
        return torch.cat((x, y))

    def normalised(x: Tensor, y: Tensor) -> Tensor:
        return torch.cat((x, y), dim=1)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(2, 3), random.randn(2, 3)),
    )


@difference(
    "shape",
    chainer="chainer.functions.split_axis(x, indices_or_sections, axis): how many parts, or where to cut",
    torch="torch.split(tensor, split_size_or_sections, dim=0): how long a part is, or all their lengths",
)
def split_axis_sections() -> Code:
    """A number means how many parts in split_axis, and how long each part is in split."""

    def in_chainer(x: Variable) -> Variable:
        return F.split_axis(x, 2, axis=1)

    def naive(x: Tensor) -> tuple[Tensor, ...]:
        return torch.split(x, 2, dim=1)

    def normalised(x: Tensor) -> tuple[Tensor, ...]:
        return torch.tensor_split(x, 2, dim=1)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 6),))


@difference(
    "shape",
    chainer="chainer.functions.split_axis(x, indices_or_sections, axis): a list says where to cut",
    torch="torch.split(tensor, split_size_or_sections, dim=0): a list says how long the parts are",
    raises=RuntimeError,
)
def split_axis_indices() -> Code:
    """A list holds the positions to cut at in split_axis, and the lengths of the parts in split."""

    def in_chainer(x: Variable) -> Variable:
        return F.split_axis(x, [1, 4], axis=1)

    def naive(x: Tensor) -> tuple[Tensor, ...]:
        return torch.split(x, [1, 4], dim=1)

    def normalised(x: Tensor) -> tuple[Tensor, ...]:
        return torch.tensor_split(x, [1, 4], dim=1)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 6),))


@difference(
    "shape",
    chainer="chainer.functions.pad(x, pad_width, mode): a pair for every axis, the first axis first",
    torch="torch.nn.functional.pad(input, pad, mode='constant'): one flat list, the last axis first",
)
def pad_order() -> Code:
    """pad takes pairs from the first axis on in Chainer, a flat list from the last axis on in PyTorch."""

    def in_chainer(x: Variable) -> Variable:
        return F.pad(x, ((0, 0), (1, 2)), "constant")

    def naive(x: Tensor) -> Tensor:
        return nn.functional.pad(x, (0, 0, 1, 2))

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.pad(x, (1, 2, 0, 0))

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 3),))


@difference(
    "shape",
    chainer="chainer.functions.transpose(x, axes=None): reverses the order of all axes",
    torch="torch.Tensor.mT(): swaps the last two axes",
)
def transpose_axes() -> Code:
    """transpose reverses the order of all axes in Chainer; PyTorch swaps two of them."""

    def in_chainer(x: Variable) -> Variable:
        return F.transpose(x)

    def naive(x: Tensor) -> Tensor:
        return x.mT

    def normalised(x: Tensor) -> Tensor:
        return x.permute(2, 1, 0)

    return Code(
        in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 3, 4),)
    )


@difference(
    "shape",
    chainer="chainer.functions.flatten(x): one axis, batch included",
    torch="torch.nn.Flatten(start_dim=1, end_dim=-1): the batch stays",
)
def flatten_batch() -> Code:
    """flatten leaves one axis in Chainer; PyTorch's layer Flatten keeps the batch axis."""

    def in_chainer(x: Variable) -> Variable:
        return F.flatten(x)

    def naive(x: Tensor) -> Any:
        return nn.Flatten()(x)

    def normalised(x: Tensor) -> Tensor:
        return torch.flatten(x)

    return Code(
        in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 3, 4),)
    )


@difference(
    "shape",
    chainer="chainer.functions.repeat(x, repeats, axis=None): a, a, b, b",
    torch="torch.Tensor.repeat(): a, b, a, b, which Chainer calls tile",
)
def repeat_or_tile() -> Code:
    """repeat doubles every element in Chainer and the whole tensor in PyTorch: the same shape, in another order."""

    def in_chainer(x: Variable) -> Variable:
        return F.repeat(x, 2, axis=1)

    def naive(x: Tensor) -> Tensor:
        return x.repeat(1, 2)

    def normalised(x: Tensor) -> Tensor:
        return x.repeat_interleave(2, dim=1)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 3),))


@difference(
    "shape",
    chainer="chainer.functions.depth2space(X, r): channels are (row, column, channel)",
    torch="torch.nn.functional.pixel_shuffle(): channels are (channel, row, column)",
)
def depth2space_channels() -> Code:
    """depth2space and pixel_shuffle give the same shape, but take a pixel's parts from different channels."""

    def in_chainer(x: Variable) -> Variable:
        return F.depth2space(x, 2)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.pixel_shuffle(x, 2)

    def normalised(x: Tensor) -> Tensor:
        parts = x.reshape(2, 4, 3, 2, 3)  # batch, part of the pixel, channel, height, width
        by_channel = parts.transpose(1, 2).flatten(1, 2)
        return nn.functional.pixel_shuffle(by_channel, 2)

    return Code(
        in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 12, 2, 3),)
    )


@difference(
    "shape",
    chainer="chainer.functions.get_item(x, slices): steps may be negative",
    torch="torch.Tensor.flip(): x[:, ::-1] is an error",
    raises=ValueError,
)
def negative_steps() -> Code:
    """x[:, ::-1] reverses an axis in Chainer and is an error in PyTorch."""

    def in_chainer(x: Variable) -> Variable:
        return x[:, ::-1]

    def naive(x: Tensor) -> Tensor:
        return x[:, ::-1]

    def normalised(x: Tensor) -> Tensor:
        return x.flip(1)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 3),))
