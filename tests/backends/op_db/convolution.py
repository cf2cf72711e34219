"""PyTorch's samples as calls of the ops for convolutions."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Inexpressible, Source, given, one, tensor


def conv2d(sample: Any) -> Called:
    stride, pad, dilation, groups, tensors = _convolution(sample, "stride", "padding", "dilation", "groups")
    settings = {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups}
    return Called(tensors, settings, lambda x, w, b: F.conv2d(x, w, b, stride, pad, dilation, groups))


def depthwise_conv2d(sample: Any) -> Called:
    stride, pad, dilation, groups, tensors = _convolution(sample, "stride", "padding", "dilation", "groups")
    if dilation != 1 or groups != sample.input.shape[-3]:
        raise Inexpressible("no convolution of every channel by itself")
    settings = {"stride": stride, "pad": pad}
    return Called(tensors, settings, lambda x, w, b: F.conv2d(x, w, b, stride, pad, groups=groups))


def conv_transpose2d(sample: Any) -> Called:
    names = ("stride", "padding", "output_padding", "groups", "dilation")
    stride, pad, _, groups, dilation, tensors = _convolution(sample, *names)  # the sample's further rows are left out
    if (groups, dilation) != (1, 1):
        raise Inexpressible("more than a stride and a padding")
    return Called(tensors, {"stride": stride, "pad": pad}, lambda x, w, b: F.conv_transpose2d(x, w, b, stride, pad))


def _convolution(sample: Any, *names: str) -> tuple[Any, ...]:
    arguments = given(sample, "weight", "bias", *names)
    defaults = {"padding": 0, "output_padding": 0}
    w = tensor(arguments["weight"])
    b = arguments.get("bias")
    tensors = [sample.input, w, torch.zeros(len(w), dtype=w.dtype, requires_grad=True) if b is None else b]
    return (*(one(arguments.get(name, defaults.get(name, 1))) for name in names), tensors)


SOURCES: Mapping[str, Sequence[Source]] = {
    "conv2d": [Source("nn.functional.conv2d", conv2d)],
    "deconv2d": [Source("nn.functional.conv_transpose2d", conv_transpose2d)],
    "depthwise_conv2d": [Source("nn.functional.conv2d", depthwise_conv2d)],
}
