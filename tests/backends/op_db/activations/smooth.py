"""PyTorch's samples as calls of the smooth activations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Inexpressible, Source, Translate, elementwise, given


def gelu(approximate: str) -> Translate:
    def translate(sample: Any) -> Called:
        if given(sample, "approximate").get("approximate", "none") != approximate:
            raise Inexpressible("another approximation")
        return Called([sample.input], {}, lambda x: F.gelu(x, approximate=approximate))

    return translate


def along_axis(meant: Callable[..., Any]) -> Translate:
    def translate(sample: Any) -> Called:
        axis = given(sample, "dim")["dim"]
        return Called([sample.input], {"axis": axis}, lambda x: meant(x, dim=axis))

    return translate


SOURCES: Mapping[str, Sequence[Source]] = {
    # PyTorch's default is off by 2e-9 above its threshold.
    "softplus": [Source("nn.functional.softplus", elementwise(None))],
    "sigmoid": [Source("sigmoid", elementwise(torch.sigmoid))],
    "tanh": [Source("tanh", elementwise(torch.tanh))],
    "swish": [Source("nn.functional.silu", elementwise(F.silu))],
    "mish": [Source("nn.functional.mish", elementwise(F.mish))],
    "log_sigmoid": [Source("nn.functional.logsigmoid", elementwise(F.logsigmoid))],
    "gelu": [Source("nn.functional.gelu", gelu("none"))],
    "gelu_tanh": [Source("nn.functional.gelu", gelu("tanh"))],
    "softmax": [Source("softmax", along_axis(F.softmax))],
    "log_softmax": [Source("log_softmax", along_axis(F.log_softmax))],
}
