"""PyTorch's samples as calls of the products."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from tests.backends.op_db.arithmetic.elementwise import pair
from tests.backends.op_db.samples import Called, Inexpressible, Source


def einsum(sample: Any) -> Called:
    (equation,) = sample.args
    if len(sample.input) > 2:
        raise Inexpressible("more than two tensors")
    return Called(list(sample.input), {"equation": equation}, lambda *xs: torch.einsum(equation, *xs))


SOURCES: Mapping[str, Sequence[Source]] = {
    "matmul": [Source("matmul", pair(torch.matmul)), Source("mm", pair(torch.mm))],
    "batch_matmul": [Source(name, pair(torch.matmul)) for name in ("matmul", "mm", "bmm")],
    "einsum": [Source("einsum", einsum)],
}
