"""PyTorch's samples as calls of the ops for gates."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Source, given


def glu(sample: Any) -> Called:
    axis = given(sample, "dim").get("dim", -1)
    return Called([sample.input], {"axis": axis}, lambda x: F.glu(x, dim=axis))


SOURCES: Mapping[str, Sequence[Source]] = {
    "glu": [Source("nn.functional.glu", glu)],
}
