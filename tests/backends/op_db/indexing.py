"""PyTorch's samples as calls of the ops that read elements at given places."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from tests.backends.op_db.samples import Called, Source


def gather(sample: Any) -> Called:
    axis, ids = sample.args
    return Called([sample.input, ids], {"axis": axis}, lambda x, ids: torch.gather(x, axis, ids))


SOURCES: Mapping[str, Sequence[Source]] = {"gather": [Source("gather", gather)]}
