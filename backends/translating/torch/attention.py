"""Attention."""

from collections.abc import Mapping, Sequence
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation, swapped
from backends.translating.untranslatable import refuse

HIDDEN = -1e30
"""A score whose exponential is 0 in both dtypes."""


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
    mask: Tensor | None = None,
) -> Tensor:
    """softmax(q·kᵀ·scale + attn_mask)·v. The mask of the dropout was noted when it was drawn.

    With enable_gqa, several neighbouring heads of queries share one of keys and values.
    """
    refuse(dropout_p and mask is None, "dropout inside an attention")
    if enable_gqa:
        key, value = (_repeated(op, each, query.shape[-3] // each.shape[-3]) for each in (key, value))
    if is_causal and mask is None:
        return op.scaled_dot_product_attention(query, key, value, scale=scale, causal=True)
    masks = []
    if is_causal:
        masks = [op.causal_mask(query.shape[-2], key.shape[-2])]
    elif attn_mask is not None:
        masks = [op.attention_mask([(attn_mask, attn_mask.shape)], attn_mask.shape, marks_hidden=False)]
    return _attention(op, query, key, value, masks, scale, mask, dropout_p)


def _repeated(op: Any, x: Tensor, times: int) -> Tensor:
    """(…, heads, T, d) with each head so often, one behind the other."""
    *front, heads, length, width = x.shape
    each = op.broadcast_to(op.expand_dims(x, axis=-3), shape=(*front, heads, times, length, width))
    return op.reshape(each, shape=(*front, heads * times, length, width))


def _attention(
    op: Any,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    masks: Sequence[Tensor],
    scale: float | None,
    kept: Tensor | None,
    ratio: float,
) -> Tensor:
    """The op, written out where something is dropped between softmax and product."""
    if kept is None:
        return op.scaled_dot_product_attention(q, k, v, *masks, scale=scale)
    products = op.batch_matmul(q, op.transpose(k, axes=swapped(k, -2, -1)))
    scores = op.multiply(products, q.shape[-1] ** -0.5 if scale is None else scale)
    for mask in masks:
        scores = op.where(mask, scores, HIDDEN) if op.is_whole(mask) else op.add(scores, mask)
    return op.batch_matmul(op.dropout(op.softmax(scores), kept, ratio=ratio), v)


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
    mask: Tensor | None = None,
) -> tuple[Tensor | None, ...]:
    """q, k and v (T, N, D) from one matrix, cut into heads, and a last product; the weights have no translation."""
    refuse(bias_k is not None or bias_v is not None or add_zero_attn, "an attention with added keys")
    refuse(static_k is not None or static_v is not None, "an attention with static keys")
    refuse(len(query.shape) != 3, "an attention without batches")
    weights = (
        (q_proj_weight, k_proj_weight, v_proj_weight)
        if use_separate_proj_weight
        else op.split(in_proj_weight, sections=3, axis=0)
    )
    biases = [None] * 3 if in_proj_bias is None else op.split(in_proj_bias, sections=3, axis=0)
    q, k, v = (
        _heads(op, parts.linear(op, x, w, b), num_heads)
        for x, w, b in zip((query, key, value), weights, biases, strict=True)
    )
    rows, length, keys = query.shape[1], query.shape[0], key.shape[0]
    masks = _hiding(op, attn_mask, key_padding_mask, (rows, num_heads, length, keys))
    kept = None if mask is None else op.reshape(mask, shape=(rows, num_heads, length, keys))
    seen = _attention(op, q, k, v, masks, None, kept, dropout_p)  # (N, heads, T, D / heads)
    joined = op.reshape(op.transpose(seen, axes=(2, 0, 1, 3)), shape=query.shape)
    y = parts.linear(op, joined, out_proj_weight, out_proj_bias)
    return (y, None) if need_weights else (y,)


def _hiding(op: Any, attn_mask: Tensor | None, key_padding_mask: Tensor | None, shape: tuple[int, ...]) -> list[Tensor]:
    """Both masks as one of the scores' shape (N, heads, T, S); of an attn_mask (T, S) alone, as it is."""
    rows, _, length, keys = shape
    given = []
    if attn_mask is not None:
        is_of_all = len(attn_mask.shape) == 2
        given.append((attn_mask, attn_mask.shape if is_of_all else shape))
        if is_of_all and key_padding_mask is None:
            shape = attn_mask.shape
    if key_padding_mask is not None:
        given.append((key_padding_mask, (rows, 1, 1, keys)))
        if attn_mask is None:
            shape = (rows, 1, length, keys)
    return [op.attention_mask(given, shape, marks_hidden=True)] if given else []


def _heads(op: Any, x: Tensor, heads: int) -> Tensor:
    """(T, N, D) → (N, heads, T, D / heads)."""
    length, rows, width = x.shape
    return op.transpose(op.reshape(x, shape=(length, rows, heads, width // heads)), axes=(1, 2, 0, 3))


TRANSLATIONS: Mapping[str, Translation] = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "multi_head_attention_forward": multi_head_attention_forward,
}
"""By the function's name, as a capture has it."""
