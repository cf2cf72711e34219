"""PyTorch's samples as calls of the ops for attention."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tests.backends.op_db.samples import Called, Source, given, without


def attention(sample: Any) -> Called:
    """With the mask that the sample has, or of what comes before, or without one."""
    arguments = given(sample, "k", "v", "attn_mask")
    without(arguments, dropout_p=0.0, enable_gqa=False)
    mask, scale = arguments.get("attn_mask"), arguments.get("scale")
    if mask is not None and mask.dtype is torch.bool:
        mask = mask.long()
    masks = [] if mask is None else [mask]
    causal = arguments.get("is_causal", False) and mask is None

    def attended(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
        allowed = mask if mask is None or mask.is_floating_point() else mask != 0
        return F.scaled_dot_product_attention(q, k, v, attn_mask=allowed, scale=scale, is_causal=causal)

    return Called([sample.input, arguments["k"], arguments["v"], *masks], {"scale": scale, "causal": causal}, attended)


SOURCES: Mapping[str, Sequence[Source]] = {
    "scaled_dot_product_attention": [Source("nn.functional.scaled_dot_product_attention", attention)],
}
