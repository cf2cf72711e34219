"""PyTorch's samples as calls of the activations with a kink."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Source, elementwise, given, tensor


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


def prelu(sample: Any) -> Called:
    return Called([sample.input, tensor(given(sample, "weight")["weight"])], {}, F.prelu)


SOURCES: Mapping[str, Sequence[Source]] = {
    "relu": [Source("nn.functional.relu", elementwise(F.relu))],
    "selu": [Source("nn.functional.selu", elementwise(F.selu))],
    "hard_sigmoid": [Source("nn.functional.hardsigmoid", elementwise(None))],  # the slope is another one
    "hard_swish": [Source("nn.functional.hardswish", elementwise(F.hardswish))],
    "leaky_relu": [Source("nn.functional.leaky_relu", leaky_relu)],
    "elu": [Source("nn.functional.elu", elu)],
    "clipped_relu": [
        Source("nn.functional.hardtanh", hardtanh),
        Source("nn.functional.relu6", elementwise(F.relu6, ceiling=6.0)),
    ],
    "prelu": [Source("nn.functional.prelu", prelu)],
}
