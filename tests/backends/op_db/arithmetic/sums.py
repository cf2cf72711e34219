"""PyTorch's samples as calls of the sums so far."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from tests.backends.op_db.samples import Called, Source, given


def cumsum(sample: Any) -> Called:
    axis = given(sample, "dim")["dim"]
    return Called([sample.input], {"axis": axis}, lambda x: torch.cumsum(x, axis))


SOURCES: Mapping[str, Sequence[Source]] = {"cumsum": [Source("cumsum", cumsum)]}
