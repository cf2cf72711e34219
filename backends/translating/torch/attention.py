"""Attention."""

from collections.abc import Mapping
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation
from backends.translating.untranslatable import refuse


def scaled_dot_product_attention(
    op: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(q·kᵀ·scale + mask)·v."""
    refuse(dropout_p, "dropout inside an attention")
    refuse(enable_gqa, "attention with groups of queries")
    if is_causal:
        attn_mask = op.causal_mask(query.shape[-2], key.shape[-2])
    masks = [] if attn_mask is None else [attn_mask]
    return op.scaled_dot_product_attention(query, key, value, *masks, scale=scale)


def multi_head_attention_forward(
    op: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor | None, ...]:
    """q, k and v (T, N, D) from one matrix, cut into heads, and a last product; the weights have no translation."""
    refuse(dropout_p and training, "dropout inside an attention")
    refuse(key_padding_mask is not None, "an attention with key_padding_mask")
    refuse(attn_mask is not None, "an attention of several heads with attn_mask")
    refuse(bias_k is not None or bias_v is not None or add_zero_attn, "an attention with added keys")
    refuse(use_separate_proj_weight or in_proj_weight is None, "an attention with separate projections")
    refuse(static_k is not None or static_v is not None, "an attention with static keys")
    refuse(len(query.shape) != 3, "an attention without batches")
    weights = op.split(in_proj_weight, sections=3, axis=0)
    biases = [None] * 3 if in_proj_bias is None else op.split(in_proj_bias, sections=3, axis=0)
    q, k, v = (
        _heads(op, parts.linear(op, x, w, b), num_heads)
        for x, w, b in zip((query, key, value), weights, biases, strict=True)
    )
    seen = op.scaled_dot_product_attention(q, k, v)  # (N, heads, T, D / heads)
    joined = op.reshape(op.transpose(seen, axes=(2, 0, 1, 3)), shape=query.shape)
    y = parts.linear(op, joined, out_proj_weight, out_proj_bias)
    return (y, None) if need_weights else (y,)


def _heads(op: Any, x: Tensor, heads: int) -> Tensor:
    """(T, N, D) → (N, heads, T, D / heads)."""
    length, rows, width = x.shape
    return op.transpose(op.reshape(x, shape=(length, rows, heads, width // heads)), axes=(1, 2, 0, 3))


TRANSLATIONS: Mapping[str, Translation] = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "multi_head_attention_forward": multi_head_attention_forward,
}
"""By the function's name, as a capture has it."""
