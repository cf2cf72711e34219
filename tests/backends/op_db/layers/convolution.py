"""PyTorch's samples as calls of the ops for convolutions."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from tests.backends.op_db.samples import Called, Inexpressible, Source, batched, given, number, tensor

Convolution = Callable[..., Tensor]


def convolution(sample: Any, axes: int, convolve: Convolution) -> Called:
    arguments = given(sample, "weight", "bias", "stride", "padding", "dilation", "groups")
    settings = _settings(arguments, axes, {"stride": 1, "dilation": 1, "groups": 1})
    size = tensor(arguments["weight"]).shape[2:]
    settings["pad"] = _padding(arguments.get("padding", 0), size, settings["dilation"], axes)
    return _called(sample, arguments, settings, axes, convolve)


def depthwise_conv2d(sample: Any) -> Called:
    called = convolution(sample, 2, F.conv2d)
    settings = dict(called.settings)
    if settings.pop("groups") != called.tensors[0].shape[1]:
        raise Inexpressible("no convolution of every channel by itself")
    return Called(called.tensors, settings, called.meant)


def transposed(sample: Any, axes: int, convolve: Convolution) -> Called:
    names = ("stride", "padding", "output_padding", "groups", "dilation")
    arguments = given(sample, "weight", "bias", *names)
    settings = _settings(arguments, axes, {"stride": 1, "dilation": 1, "groups": 1})
    settings["pad"] = number(arguments.get("padding", 0), axes)
    settings["output_pad"] = number(arguments.get("output_padding", 0), axes)
    return _called(sample, arguments, settings, axes, convolve)


def _called(sample: Any, arguments: Mapping[str, Any], settings: dict[str, Any], axes: int, convolve: Any) -> Called:
    x, w, b = sample.input, tensor(arguments["weight"]), arguments.get("bias")
    if not (x.is_floating_point() and w.is_floating_point()):
        raise Inexpressible("integers")
    tensors = [batched(x, axes), w, *([] if b is None else [tensor(b)])]
    names = {"pad": "padding", "output_pad": "output_padding"}
    meant = {names.get(name, name): value for name, value in settings.items()}
    return Called(tensors, settings, partial(convolve, **meant))


def _settings(arguments: Mapping[str, Any], axes: int, defaults: Mapping[str, int]) -> dict[str, Any]:
    return {name: number(arguments.get(name, default), axes) for name, default in defaults.items()}


def _padding(value: Any, size: Sequence[int], dilation: Any, axes: int) -> Any:
    """The padding in numbers: "same" has them where it is the same on both sides."""
    if value == "valid":
        return 0
    if value != "same":
        return number(value, axes)
    apart = dilation if isinstance(dilation, tuple) else [dilation] * axes
    around = [step * (length - 1) for length, step in zip(size, apart, strict=True)]
    if any(zeros % 2 for zeros in around):
        raise Inexpressible("more zeros behind the image than before it")
    return number([zeros // 2 for zeros in around], axes)


SOURCES: Mapping[str, Sequence[Source]] = {
    "conv2d": [Source("nn.functional.conv2d", partial(convolution, axes=2, convolve=F.conv2d))],
    "conv1d": [Source("nn.functional.conv1d", partial(convolution, axes=1, convolve=F.conv1d))],
    "deconv2d": [Source("nn.functional.conv_transpose2d", partial(transposed, axes=2, convolve=F.conv_transpose2d))],
    "deconv1d": [Source("nn.functional.conv_transpose1d", partial(transposed, axes=1, convolve=F.conv_transpose1d))],
    "depthwise_conv2d": [Source("nn.functional.conv2d", depthwise_conv2d)],
}
