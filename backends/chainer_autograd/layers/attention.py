"""Attention: every position looks at every other."""

from typing import Any

import numpy as np

from backends.chainer_autograd.framework import F, Variable
from backends.chainer_autograd.layers.positions import rotary_embedding


def scaled_dot_product_attention(
    q: Variable,
    k: Variable,
    v: Variable,
    mask: Variable | None = None,
    *,
    scale: float | None = None,
    causal: bool = False,
) -> Variable:
    """y = softmax(q·kᵀ / √d)·v over what the mask allows.  q (…, T, d), k (…, S, d), v (…, S, e), mask (T, S)."""
    scores = F.matmul(q, k, transb=True) / (q.shape[-1] ** 0.5 if scale is None else 1 / scale)
    if causal:
        scores = _where(np.tril(np.ones(scores.shape, bool)), scores)
    p = F.softmax(scores if mask is None else _masked(scores, mask), axis=-1)
    return F.matmul(p, v)


def multi_head_attention(
    x: Variable, w_q: Variable, w_k: Variable, w_v: Variable, w_o: Variable, mask: Variable, *, heads: int
) -> Variable:
    """y = [y_1 … y_heads]·w_o, each y_i the attention of a head.  x (…, T, D), weights (D, D) → y (…, T, D)."""
    by_head = (*x.shape[:-1], heads, -1)
    q = F.swapaxes(F.reshape(F.matmul(x, w_q), by_head), -2, -3)
    k = F.swapaxes(F.reshape(F.matmul(x, w_k), by_head), -2, -3)
    v = F.swapaxes(F.reshape(F.matmul(x, w_v), by_head), -2, -3)
    seen = F.swapaxes(scaled_dot_product_attention(q, k, v, mask), -2, -3)
    return F.matmul(F.reshape(seen, x.shape), w_o)


def grouped_query_attention(
    x: Variable,
    w_q: Variable,
    w_k: Variable,
    w_v: Variable,
    w_o: Variable,
    mask: Variable | None = None,
    *,
    heads: int,
    key_heads: int,
    causal: bool = False,
    rotary_base: float | None = None,
) -> Variable:
    """y = [y_1 … y_heads]·w_o; neighbouring heads of q share a head of k and v.  x (…, T, D) → y (…, T, E)."""
    q = F.swapaxes(F.reshape(F.matmul(x, w_q), (*x.shape[:-1], heads, -1)), -2, -3)
    k = F.swapaxes(F.reshape(F.matmul(x, w_k), (*x.shape[:-1], key_heads, -1)), -2, -3)
    v = F.swapaxes(F.reshape(F.matmul(x, w_v), (*x.shape[:-1], key_heads, -1)), -2, -3)
    if rotary_base is not None:
        q, k = rotary_embedding(q, base=rotary_base), rotary_embedding(k, base=rotary_base)
    k, v = (F.repeat(each, heads // key_heads, axis=each.ndim - 3) for each in (k, v))
    seen = F.swapaxes(scaled_dot_product_attention(q, k, v, mask, causal=causal), -2, -3)
    return F.matmul(F.reshape(seen, (*x.shape[:-1], -1)), w_o)


def _masked(scores: Variable, mask: Variable) -> Variable:
    """The scores plus a mask of floats, or minus infinity where a mask of integers is 0."""
    if mask.dtype.kind == "f":
        return scores + F.broadcast_to(mask, scores.shape)
    return _where(np.broadcast_to(mask.array != 0, scores.shape), scores)


def _where(allowed: Any, scores: Variable) -> Variable:
    """The scores, and minus infinity elsewhere."""
    return F.where(allowed, scores, np.full(scores.shape, -np.inf, scores.dtype))
