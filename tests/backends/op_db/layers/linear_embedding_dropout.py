"""PyTorch's samples as calls of the ops for layers."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Inexpressible, Source, given, tensor


def linear(sample: Any) -> Called:
    """PyTorch's layer keeps its weight transposed."""
    arguments = given(sample, "weight", "bias")
    w, b = tensor(arguments["weight"]), arguments.get("bias")
    tensors = [sample.input, w.T if w.ndim == 2 else w, *([] if b is None else [b])]
    return Called(tensors, {}, lambda x, w, b=None: F.linear(x, w.T, b))


def embedding(sample: Any) -> Called:
    """Its first argument is the table here. Padding counts from the end where it is negative."""
    arguments = given(sample, "ids", "padding_idx")
    if {*arguments} - {"ids", "padding_idx"}:
        raise Inexpressible("more than a table and padding")
    padding = arguments.get("padding_idx")
    settings = {} if padding is None else {"padding_id": padding % max(len(sample.input), 1)}
    return Called([arguments["ids"], sample.input], settings, lambda ids, table: F.embedding(ids, table, padding))


def dropout(sample: Any) -> Called:
    """With every third element dropped."""
    ratio = given(sample, "p").get("p", 0.5)
    mask = (torch.arange(sample.input.numel()).reshape(sample.input.shape) % 3 > 0).to(sample.input.dtype)
    return Called([sample.input, mask], {"ratio": ratio})


SOURCES: Mapping[str, Sequence[Source]] = {
    "linear": [Source("nn.functional.linear", linear)],
    "embedding": [Source("nn.functional.embedding", embedding)],
    "dropout": [Source("nn.functional.dropout", dropout)],
}
