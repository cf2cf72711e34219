"""PyTorch's samples as calls of the ops for activations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Inexpressible, Source, Translate, elementwise, given, tensor


def leaky_relu(sample: Any) -> Called:
    slope = given(sample, "negative_slope").get("negative_slope", 0.01)
    return Called([sample.input], {"slope": slope}, lambda x: F.leaky_relu(x, slope))


def elu(sample: Any) -> Called:
    alpha = given(sample, "alpha").get("alpha", 1.0)
    return Called([sample.input], {"alpha": alpha}, lambda x: F.elu(x, alpha))


def hardtanh(sample: Any) -> Called:
    """From 0 up to the sample's upper end."""
    ceiling = given(sample, "min_val", "max_val").get("max_val", 1.0)
    return Called([sample.input], {"ceiling": ceiling}, lambda x: F.hardtanh(x, 0.0, ceiling))


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


def prelu(sample: Any) -> Called:
    return Called([sample.input, tensor(given(sample, "weight")["weight"])], {}, F.prelu)


ACTIVATION_INPUTS: Mapping[str, tuple[str, Callable[..., Any] | None]] = {
    "relu": ("nn.functional.relu", F.relu),
    "selu": ("nn.functional.selu", F.selu),
    "softplus": ("nn.functional.softplus", None),  # PyTorch's default is off by 2e-9 above its threshold
    "sigmoid": ("sigmoid", torch.sigmoid),
    "tanh": ("tanh", torch.tanh),
    "hard_sigmoid": ("nn.functional.hardsigmoid", None),  # the slope is another one
    "swish": ("nn.functional.silu", F.silu),
    "hard_swish": ("nn.functional.hardswish", F.hardswish),
    "mish": ("nn.functional.mish", F.mish),
    "log_sigmoid": ("nn.functional.logsigmoid", F.logsigmoid),
}


SOURCES: Mapping[str, Sequence[Source]] = {
    **{op: [Source(name, elementwise(meant))] for op, (name, meant) in ACTIVATION_INPUTS.items()},
    "leaky_relu": [Source("nn.functional.leaky_relu", leaky_relu)],
    "elu": [Source("nn.functional.elu", elu)],
    "clipped_relu": [
        Source("nn.functional.hardtanh", hardtanh),
        Source("nn.functional.relu6", elementwise(F.relu6, ceiling=6.0)),
    ],
    "gelu": [Source("nn.functional.gelu", gelu("none"))],
    "gelu_tanh": [Source("nn.functional.gelu", gelu("tanh"))],
    "softmax": [Source("softmax", along_axis(F.softmax))],
    "log_softmax": [Source("log_softmax", along_axis(F.log_softmax))],
    "prelu": [Source("nn.functional.prelu", prelu)],
}
