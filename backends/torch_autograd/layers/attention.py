"""Attention: every position looks at every other."""

import torch.nn.functional as F
from torch import Tensor

from backends.torch_autograd.layers.positions import rotary_embedding


def scaled_dot_product_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    *,
    scale: float | None = None,
    causal: bool = False,
) -> Tensor:
    """y = softmax(q·kᵀ / √d)·v over what the mask allows.  q (…, T, d), k (…, S, d), v (…, S, e), mask (T, S)."""
    allowed = None if mask is None else _mask(mask)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=allowed, scale=scale, is_causal=causal)


def multi_head_attention(
    x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, mask: Tensor, *, heads: int
) -> Tensor:
    """y = [y_1 … y_heads]·w_o, each y_i the attention of a head.  x (…, T, D), weights (D, D) → y (…, T, D)."""
    # torch.nn.MultiheadAttention keeps w_q, w_k and w_v in one matrix, and all transposed.
    by_head = (*x.shape[:-1], heads, -1)
    q = (x @ w_q).reshape(by_head).transpose(-2, -3)
    k = (x @ w_k).reshape(by_head).transpose(-2, -3)
    v = (x @ w_v).reshape(by_head).transpose(-2, -3)
    seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask != 0)
    return seen.transpose(-2, -3).reshape(x.shape) @ w_o


def grouped_query_attention(
    x: Tensor,
    w_q: Tensor,
    w_k: Tensor,
    w_v: Tensor,
    w_o: Tensor,
    mask: Tensor | None = None,
    *,
    heads: int,
    key_heads: int,
    causal: bool = False,
    rotary_base: float | None = None,
) -> Tensor:
    """y = [y_1 … y_heads]·w_o; neighbouring heads of q share a head of k and v.  x (…, T, D) → y (…, T, E)."""
    q = (x @ w_q).reshape(*x.shape[:-1], heads, -1).transpose(-2, -3)
    k = (x @ w_k).reshape(*x.shape[:-1], key_heads, -1).transpose(-2, -3)
    v = (x @ w_v).reshape(*x.shape[:-1], key_heads, -1).transpose(-2, -3)
    if rotary_base is not None:
        q, k = rotary_embedding(q, base=rotary_base), rotary_embedding(k, base=rotary_base)
    allowed = None if mask is None else mask != 0
    seen = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed, is_causal=causal, enable_gqa=True)
    return seen.transpose(-2, -3).flatten(-2) @ w_o


def _mask(mask: Tensor) -> Tensor:
    """A mask of floats, which is added to the scores, as it is; one of integers as booleans."""
    return mask if mask.is_floating_point() else mask != 0
