"""Attention: every position looks at every other."""

import numpy as np

from backends.chainer_autograd.framework import F, Variable


def scaled_dot_product_attention(
    q: Variable, k: Variable, v: Variable, mask: Variable | None = None, *, scale: float | None = None
) -> Variable:
    """y = softmax(q·kᵀ / √d)·v over what the mask allows.  q (…, T, d), k (…, S, d), v (…, S, e), mask (T, S)."""
    scores = F.matmul(q, k, transb=True) / (q.shape[-1] ** 0.5 if scale is None else 1 / scale)
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


def _masked(scores: Variable, mask: Variable) -> Variable:
    """The scores plus a mask of floats, or minus infinity where a mask of integers is 0."""
    if mask.dtype.kind == "f":
        return scores + F.broadcast_to(mask, scores.shape)
    hidden = np.full(scores.shape, -np.inf, scores.dtype)
    return F.where(np.broadcast_to(mask.array != 0, scores.shape), scores, hidden)
