"""PyTorch's samples as calls of the ops for pooling."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Source, Translate, batched, given, number


def max_pool(axes: int, meant: Callable[..., Any]) -> Translate:
    """Without the positions of the largest elements, which a sample may ask for."""

    def translate(sample: Any) -> Called:
        arguments = given(sample, "kernel_size", "stride", "padding", "dilation", "ceil_mode")
        settings = _settings(arguments, axes)
        dilation, beyond = number(arguments.get("dilation", 1), axes), bool(arguments.get("ceil_mode"))
        window, stride, pad = settings.values()
        return Called(
            [batched(sample.input, axes)],
            {**settings, "dilation": dilation, "cover_all": beyond},
            lambda x: meant(x, window, stride, pad, dilation, beyond),
        )

    return translate


def avg_pool2d(sample: Any) -> Called:
    names = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
    arguments = given(sample, *names)
    settings, divisor = _settings(arguments, 2), arguments.get("divisor_override")
    beyond, counts = bool(arguments.get("ceil_mode", False)), bool(arguments.get("count_include_pad", True))
    window, stride, pad = settings.values()
    return Called(
        [batched(sample.input)],
        {**settings, "cover_all": beyond, "count_pad": counts, "divisor": divisor},
        lambda x: F.avg_pool2d(x, window, stride, pad, beyond, counts, divisor),
    )


def avg_pool1d(sample: Any) -> Called:
    arguments = given(sample, "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
    settings = _settings(arguments, 1)
    beyond, counts = bool(arguments.get("ceil_mode", False)), bool(arguments.get("count_include_pad", True))
    window, stride, pad = settings.values()
    return Called(
        [batched(sample.input, 1)],
        {**settings, "cover_all": beyond, "count_pad": counts},
        lambda x: F.avg_pool1d(x, window, stride, pad, beyond, counts),
    )


def _settings(arguments: Mapping[str, Any], axes: int) -> dict[str, Any]:
    window = number(arguments["kernel_size"], axes)
    stride = number(arguments.get("stride") or window, axes)
    return {"window": window, "stride": stride, "pad": number(arguments.get("padding", 0), axes)}


SOURCES: Mapping[str, Sequence[Source]] = {
    "max_pool2d": [Source("nn.functional.max_pool2d", max_pool(2, F.max_pool2d))],
    "avg_pool2d": [Source("nn.functional.avg_pool2d", avg_pool2d)],
    "max_pool1d": [Source("nn.functional.max_pool1d", max_pool(1, F.max_pool1d))],
    "avg_pool1d": [Source("nn.functional.avg_pool1d", avg_pool1d)],
}
