"""PyTorch's samples as calls of the ops for pooling."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Inexpressible, Source, given, one, without


def max_pool2d(sample: Any) -> Called:
    arguments = given(sample, "kernel_size", "stride", "padding", "dilation", "ceil_mode")
    if one(arguments.get("dilation", 1)) != 1:
        raise Inexpressible("dilation")
    window, pad, beyond = one(arguments["kernel_size"]), one(arguments.get("padding", 0)), arguments.get("ceil_mode")
    stride = one(arguments.get("stride") or window)
    settings = {"window": window, "stride": stride, "pad": pad, "cover_all": bool(beyond)}
    return Called([sample.input], settings, lambda x: F.max_pool2d(x, window, stride, pad, ceil_mode=bool(beyond)))


def avg_pool2d(sample: Any) -> Called:
    names = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
    arguments = given(sample, *names)
    without(arguments, ceil_mode=False, divisor_override=None)
    window, pad = one(arguments["kernel_size"]), one(arguments.get("padding", 0))
    stride = one(arguments.get("stride") or window)
    settings = {"window": window, "stride": stride, "pad": pad}
    return Called([sample.input], settings, lambda x: F.avg_pool2d(x, window, stride, pad))


SOURCES: Mapping[str, Sequence[Source]] = {
    "max_pool2d": [Source("nn.functional.max_pool2d", max_pool2d)],
    "avg_pool2d": [Source("nn.functional.avg_pool2d", avg_pool2d)],
}
