"""PyTorch's samples as calls of the elementary functions."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from tests.backends.op_db.samples import Called, Source, elementwise, given


def hardtanh(sample: Any) -> Called:
    """The samples of clamp itself have tensors for its ends."""
    arguments = {"min_val": -1.0, "max_val": 1.0, **given(sample, "min_val", "max_val")}
    low, high = arguments["min_val"], arguments["max_val"]
    return Called([sample.input], {"low": low, "high": high}, lambda x: torch.clamp(x, low, high))


SOURCES: Mapping[str, Sequence[Source]] = {
    "exp": [Source("exp", elementwise(torch.exp))],
    "log": [Source("log", elementwise(torch.log))],
    "sqrt": [Source("sqrt", elementwise(torch.sqrt))],
    "sin": [Source("sin", elementwise(torch.sin))],
    "cos": [Source("cos", elementwise(torch.cos))],
    "absolute": [Source("abs", elementwise(torch.abs))],
    "clip": [Source("nn.functional.hardtanh", hardtanh)],
}
