"""The dropout inside PyTorch's attentions, from random numbers that other models and runs get, too.

PyTorch draws its mask within a function that is watched as one, so the functions that it calls there are exchanged.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as nnF
from torch import Tensor

from backends.capture.torch.exchanging import exchanged

FUNCTIONS = ("multi_head_attention_forward", "scaled_dot_product_attention")
"""Those whose dropout is replayed."""
OF_FUSED = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale", "enable_gqa")
"""The parameters of scaled_dot_product_attention, whose signature Python can't see."""
Kept = Callable[[Tensor, float], Tensor]
"""Draws the mask of a dropout of a tensor: 1 for what is kept."""


def replayed(name: str, args: tuple[Any, ...], named: Mapping[str, Any], kept: Kept) -> tuple[Any, dict[str, Tensor]]:
    """What an attention gives, and the mask of its dropout; None and no mask where nothing is dropped."""
    masks: list[Tensor] = []

    def dropped(p: Tensor, ratio: float) -> Tensor:
        masks.append(kept(p, ratio))
        return p * (masks[-1] * (1.0 / (1 - ratio)))

    if name == "scaled_dot_product_attention":
        given = {**dict(zip(OF_FUSED, args, strict=False)), **named}
        if not given.get("dropout_p"):
            return None, {}
        return _attention(dropped, **given), {"mask": masks[0]}
    given = inspect.signature(nnF.multi_head_attention_forward).bind(*args, **named).arguments
    if not given["dropout_p"] or not given.get("training", True):
        return None, {}

    def dropout(x: Tensor, p: float = 0.5, **settings: Any) -> Tensor:
        return dropped(x, p)

    def fused(*args: Any, **named: Any) -> Tensor:
        return _attention(dropped, **dict(zip(OF_FUSED, args, strict=False)), **named)

    with exchanged(dropout=dropout, scaled_dot_product_attention=fused):
        result = nnF.multi_head_attention_forward(*args, **named)
    return result, {"mask": masks[0]}


def _attention(
    dropped: Callable[[Tensor, float], Tensor],
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """As PyTorch documents scaled_dot_product_attention."""
    if enable_gqa:
        key, value = (each.repeat_interleave(query.shape[-3] // each.shape[-3], -3) for each in (key, value))
    scores = query @ key.transpose(-2, -1) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).tril().logical_not(), float("-inf"))
    elif attn_mask is not None and attn_mask.dtype == torch.bool:
        scores = scores.masked_fill(attn_mask.logical_not(), float("-inf"))
    elif attn_mask is not None:
        scores = scores + attn_mask
    return dropped(torch.softmax(scores, dim=-1), dropout_p) @ value
