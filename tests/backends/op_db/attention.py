"""PyTorch's samples as calls of the ops for attention."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Source, given, without


def attention(sample: Any) -> Called:
    """With the mask that the sample has, or of what comes before, or of everything."""
    arguments = given(sample, "k", "v", "attn_mask")
    without(arguments, dropout_p=0.0, scale=None, enable_gqa=False)
    mask = arguments.get("attn_mask")
    if mask is None:
        mask = torch.ones(sample.input.shape[-2], arguments["k"].shape[-2], dtype=torch.int64)
        mask = torch.tril(mask) if arguments.get("is_causal") else mask
    tensors = [sample.input, arguments["k"], arguments["v"], mask]
    return Called(tensors, {}, lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, attn_mask=m != 0))


SOURCES: Mapping[str, Sequence[Source]] = {
    "scaled_dot_product_attention": [Source("nn.functional.scaled_dot_product_attention", attention)],
}
