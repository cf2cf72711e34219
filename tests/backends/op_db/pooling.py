"""PyTorch's samples as calls of the ops for pooling."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Source, batched, given, number, without


def max_pool2d(sample: Any) -> Called:
    """Without the positions of the largest elements, which a sample may ask for."""
    arguments = given(sample, "kernel_size", "stride", "padding", "dilation", "ceil_mode")
    settings = _settings(arguments)
    dilation, beyond = number(arguments.get("dilation", 1)), bool(arguments.get("ceil_mode"))
    window, stride, pad = settings.values()
    return Called(
        [batched(sample.input)],
        {**settings, "dilation": dilation, "cover_all": beyond},
        lambda x: F.max_pool2d(x, window, stride, pad, dilation, beyond),
    )


def avg_pool2d(sample: Any) -> Called:
    names = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
    arguments = given(sample, *names)
    without(arguments, divisor_override=None)
    settings = _settings(arguments)
    beyond, counts = bool(arguments.get("ceil_mode", False)), bool(arguments.get("count_include_pad", True))
    window, stride, pad = settings.values()
    return Called(
        [batched(sample.input)],
        {**settings, "cover_all": beyond, "count_pad": counts},
        lambda x: F.avg_pool2d(x, window, stride, pad, beyond, counts),
    )


def _settings(arguments: Mapping[str, Any]) -> dict[str, Any]:
    window = number(arguments["kernel_size"])
    stride = number(arguments.get("stride") or window)
    return {"window": window, "stride": stride, "pad": number(arguments.get("padding", 0))}


SOURCES: Mapping[str, Sequence[Source]] = {
    "max_pool2d": [Source("nn.functional.max_pool2d", max_pool2d)],
    "avg_pool2d": [Source("nn.functional.avg_pool2d", avg_pool2d)],
}
