"""Attention: every position looks at every other."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.arithmetic.elementwise import _sum_to_shape
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.layers.positions import _rotation, _turned
from backends.numpy_manual.shapes import rows_of


def scaled_dot_product_attention(
    q: Array, k: Array, v: Array, mask: Array | None = None, *, scale: float | None = None, causal: bool = False
) -> tuple[Array, Backward]:
    """y = p·v,  p = softmax(q·kᵀ / √d) by row, over the positions that the mask allows; p is exactly 0 at the others.

    q (…, T, d), k (…, S, d), v (…, S, e), mask (T, S) or with axes in front, of integers, 0 for a hidden position
    → y (…, T, e).  A mask of floats is added to the scores; a scale takes the place of 1 / √d.  With `causal`, position
    t looks at 0 … t, and there is no other mask.  With ∂L/∂p = ∂L/∂y·vᵀ, the gradient of the scores is
    p·(∂L/∂p − Σ p·∂L/∂p), summed over the row  (Vaswani et al. 2017, arXiv:1706.03762, equation 1).

    Why:
        a[t,s] = Σ_d q[t,d]·k[s,d] / √D
        p[t,s] = exp(a[t,s]) / Σ_r exp(a[t,r])
        y[t,e] = Σ_s p[t,s]·v[s,e]
        ∂L/∂p[t,s] = Σ_e ∂L/∂y[t,e]·v[s,e]
        ∂p[t,r]/∂a[t,s] = p[t,r]·([r = s] − p[t,s])
        ∂L/∂a[t,s] = Σ_r ∂L/∂p[t,r]·∂p[t,r]/∂a[t,s] = p[t,s]·(∂L/∂p[t,s] − Σ_r p[t,r]·∂L/∂p[t,r])
        ∂L/∂q[t,d] = Σ_e ∂L/∂y[t,e]·∂y[t,e]/∂q[t,d] = Σ_s ∂L/∂a[t,s]·k[s,d] / √D
        (T, S)·(S, D) → (T, D)
        grad_q = grad_a @ k / D**0.5
        ∂L/∂k[s,d] = Σ_te ∂L/∂y[t,e]·∂y[t,e]/∂k[s,d] = Σ_t ∂L/∂a[t,s]·q[t,d] / √D
        (S, T)·(T, D) → (S, D)
        grad_k = grad_a.T @ q / D**0.5
        ∂L/∂v[s,e] = Σ_t ∂L/∂y[t,e]·∂y[t,e]/∂v[s,e] = Σ_t p[t,s]·∂L/∂y[t,e]
        (S, T)·(T, E) → (S, E)
        grad_v = p.T @ grad_y
    """
    if min(q.ndim, k.ndim, v.ndim) < 2 or not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
        raise ValueError("q must be (…, T, d), k (…, S, d) and v (…, S, e), with the same axes in front")
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError("q must be (…, T, d), k (…, S, d) and v (…, S, e)")
    if scale is not None and scale <= 0:
        raise ValueError("scale must be above 0")
    if mask is not None and not _fits(mask, (*q.shape[:-1], k.shape[-2])):
        raise ValueError("mask must be (T, S), for q (…, T, d) and k (…, S, d), or have some of their axes in front")
    if causal and mask is not None:
        raise ValueError("mask must be left out where causal is set")
    root = q.shape[-1] ** 0.5 if scale is None else 1 / scale
    p = _masked_softmax(q @ np.swapaxes(k, -1, -2) / root, _allowed(q, k, causal) if mask is None else mask)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_p = grad_y @ np.swapaxes(v, -1, -2)
        grad_scores = p * (grad_p - np.sum(p * grad_p, axis=-1, keepdims=True))
        return (
            lambda: grad_scores @ k / root,
            lambda: np.swapaxes(grad_scores, -1, -2) @ q / root,
            lambda: np.swapaxes(p, -1, -2) @ grad_y,
            None if mask is None or mask.dtype.kind in "iu" else _sum_to_shape(grad_scores, mask.shape),
        )

    return p @ v, backward


def multi_head_attention(
    x: Array, w_q: Array, w_k: Array, w_v: Array, w_o: Array, mask: Array, *, heads: int
) -> tuple[Array, Backward]:
    """y = [y_1 … y_heads]·w_o,  y_i = softmax(q_i·k_iᵀ / √d)·v_i, where q = x·w_q is cut into heads of width d.

    k = x·w_k and v = x·w_v are cut likewise.  x (…, T, D), w_q, w_k, w_v, w_o (D, D), mask (T, T) of integers, 0 for a
    hidden position → y (…, T, D); d = D / heads.  The gradient goes back through each head as through
    scaled_dot_product_attention, and those of q, k and v add up in x  (Vaswani et al. 2017, arXiv:1706.03762, 3.2.2).

    Why:
        H = heads
        W = D / heads
        head[h,g] = [h·W ≤ g < (h + 1)·W]
        q[t,g] = Σ_d x[t,d]·w_q[d,g]
        k[t,g] = Σ_d x[t,d]·w_k[d,g]
        v[t,g] = Σ_d x[t,d]·w_v[d,g]
        a[h,t,s] = Σ_g head[h,g]·q[t,g]·k[s,g] / √W
        p[h,t,s] = [mask[t,s] ≠ 0]·exp(a[h,t,s]) / Σ_r [mask[t,r] ≠ 0]·exp(a[h,t,r])
        seen[t,g] = Σ_hs head[h,g]·p[h,t,s]·v[s,g]
        y[t,o] = Σ_g seen[t,g]·w_o[g,o]
        ∂L/∂seen[t,g] = Σ_o ∂L/∂y[t,o]·w_o[g,o]
        ∂L/∂p[h,t,s] = Σ_g head[h,g]·∂L/∂seen[t,g]·v[s,g]
        ∂L/∂a[h,t,s] = p[h,t,s]·(∂L/∂p[h,t,s] − Σ_r p[h,t,r]·∂L/∂p[h,t,r])
        ∂L/∂q[t,g] = Σ_hs head[h,g]·∂L/∂a[h,t,s]·k[s,g] / √W
        ∂L/∂k[s,g] = Σ_ht head[h,g]·∂L/∂a[h,t,s]·q[t,g] / √W
        ∂L/∂v[s,g] = Σ_ht head[h,g]·p[h,t,s]·∂L/∂seen[t,g]
        ∂L/∂x[t,d] = Σ_so ∂L/∂y[s,o]·∂y[s,o]/∂x[t,d]
        = Σ_g (∂L/∂q[t,g]·w_q[d,g] + ∂L/∂k[t,g]·w_k[d,g] + ∂L/∂v[t,g]·w_v[d,g])
        (T, G)·(G, D) → (T, D)
        grad_x = grad_q @ w_q.T + grad_k @ w_k.T + grad_v @ w_v.T
        ∂L/∂w_q[d,g] = Σ_so ∂L/∂y[s,o]·∂y[s,o]/∂w_q[d,g] = Σ_t x[t,d]·∂L/∂q[t,g]
        (D, T)·(T, G) → (D, G)
        grad_w_q = x.T @ grad_q
        ∂L/∂w_k[d,g] = Σ_so ∂L/∂y[s,o]·∂y[s,o]/∂w_k[d,g] = Σ_t x[t,d]·∂L/∂k[t,g]
        (D, T)·(T, G) → (D, G)
        grad_w_k = x.T @ grad_k
        ∂L/∂w_v[d,g] = Σ_so ∂L/∂y[s,o]·∂y[s,o]/∂w_v[d,g] = Σ_t x[t,d]·∂L/∂v[t,g]
        (D, T)·(T, G) → (D, G)
        grad_w_v = x.T @ grad_v
        ∂L/∂w_o[g,o] = Σ_t ∂L/∂y[t,o]·∂y[t,o]/∂w_o[g,o] = Σ_t seen[t,g]·∂L/∂y[t,o]
        (G, T)·(T, O) → (G, O)
        grad_w_o = seen.T @ grad_y
    """
    if x.ndim < 2 or mask.dtype.kind not in "iu" or mask.shape != 2 * x.shape[-2:-1]:
        raise ValueError("x must be (…, T, D), and mask (T, T) of integers")
    if not x.size:
        raise ValueError("x has no elements")
    if heads < 1 or x.shape[-1] % heads:
        raise ValueError("the width must be a multiple of the number of heads")
    if not w_q.shape == w_k.shape == w_v.shape == w_o.shape == 2 * x.shape[-1:]:
        raise ValueError("w_q, w_k, w_v and w_o must be square, as wide as x")
    q, k, v = _split_heads(x @ w_q, heads), _split_heads(x @ w_k, heads), _split_heads(x @ w_v, heads)
    root = q.shape[-1] ** 0.5
    p = _masked_softmax(q @ np.swapaxes(k, -1, -2) / root, mask)
    seen = _join_heads(p @ v)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_seen = _split_heads(grad_y @ w_o.T, heads)
        grad_p = grad_seen @ np.swapaxes(v, -1, -2)
        grad_scores = p * (grad_p - np.sum(p * grad_p, axis=-1, keepdims=True))
        grad_q = _join_heads(grad_scores @ k / root)
        grad_k = _join_heads(np.swapaxes(grad_scores, -1, -2) @ q / root)
        grad_v = _join_heads(np.swapaxes(p, -1, -2) @ grad_seen)
        return (
            lambda: grad_q @ w_q.T + grad_k @ w_k.T + grad_v @ w_v.T,
            lambda: rows_of(x).T @ rows_of(grad_q),
            lambda: rows_of(x).T @ rows_of(grad_k),
            lambda: rows_of(x).T @ rows_of(grad_v),
            lambda: rows_of(seen).T @ rows_of(grad_y),
            None,
        )

    return seen @ w_o, backward


def grouped_query_attention(
    x: Array,
    w_q: Array,
    w_k: Array,
    w_v: Array,
    w_o: Array,
    mask: Array | None = None,
    *,
    heads: int,
    key_heads: int,
    causal: bool = False,
    rotary_base: float | None = None,
) -> tuple[Array, Backward]:
    """y = [y_1 … y_heads]·w_o, where several neighbouring heads of q = x·w_q share one head of k = x·w_k and v = x·w_v.

    x (…, T, D), w_q (D, heads·d), w_k, w_v (D, key_heads·d), w_o (heads·d, E), mask (T, T) of integers, 0 for a hidden
    position → y (…, T, E).  With `causal`, position t looks at 0 … t, and there is no other mask.  With a
    `rotary_base`, q and k of every head are turned as by rotary_embedding.  The gradients of a head of k and v are
    summed over the heads of q that share it; the rest is as in multi_head_attention, the case of key_heads = heads
    (Ainslie et al. 2023, arXiv:2305.13245; Shazeer 2019, arXiv:1911.02150, for key_heads = 1).

    Why:
        H = heads
        J = key_heads
        W = G / heads
        R = heads / key_heads
        shared[h,g,c] = Σ_j [j·R ≤ h < (j + 1)·R, h·W ≤ g < (h + 1)·W, c − j·W = g − h·W]
        q[t,g] = Σ_d x[t,d]·w_q[d,g]
        k[t,c] = Σ_d x[t,d]·w_k[d,c]
        v[t,c] = Σ_d x[t,d]·w_v[d,c]
        a[h,t,s] = Σ_gc shared[h,g,c]·q[t,g]·k[s,c] / √W
        p[h,t,s] = [mask[t,s] ≠ 0]·exp(a[h,t,s]) / Σ_r [mask[t,r] ≠ 0]·exp(a[h,t,r])
        seen[t,g] = Σ_hsc shared[h,g,c]·p[h,t,s]·v[s,c]
        y[t,o] = Σ_g seen[t,g]·w_o[g,o]
        ∂L/∂seen[t,g] = Σ_o ∂L/∂y[t,o]·w_o[g,o]
        ∂L/∂p[h,t,s] = Σ_gc shared[h,g,c]·∂L/∂seen[t,g]·v[s,c]
        ∂L/∂a[h,t,s] = p[h,t,s]·(∂L/∂p[h,t,s] − Σ_r p[h,t,r]·∂L/∂p[h,t,r])
        ∂L/∂q[t,g] = Σ_hsc shared[h,g,c]·∂L/∂a[h,t,s]·k[s,c] / √W
        ∂L/∂k[s,c] = Σ_htg shared[h,g,c]·∂L/∂a[h,t,s]·q[t,g] / √W
        ∂L/∂v[s,c] = Σ_htg shared[h,g,c]·p[h,t,s]·∂L/∂seen[t,g]
        ∂L/∂x[t,d] = Σ_so ∂L/∂y[s,o]·∂y[s,o]/∂x[t,d]
        = Σ_g ∂L/∂q[t,g]·w_q[d,g] + Σ_c (∂L/∂k[t,c]·w_k[d,c] + ∂L/∂v[t,c]·w_v[d,c])
        (T, G)·(G, D) → (T, D)
        grad_x = grad_q @ w_q.T + grad_k @ w_k.T + grad_v @ w_v.T
        ∂L/∂w_q[d,g] = Σ_so ∂L/∂y[s,o]·∂y[s,o]/∂w_q[d,g] = Σ_t x[t,d]·∂L/∂q[t,g]
        (D, T)·(T, G) → (D, G)
        grad_w_q = x.T @ grad_q
        ∂L/∂w_k[d,c] = Σ_so ∂L/∂y[s,o]·∂y[s,o]/∂w_k[d,c] = Σ_t x[t,d]·∂L/∂k[t,c]
        (D, T)·(T, C) → (D, C)
        grad_w_k = x.T @ grad_k
        ∂L/∂w_v[d,c] = Σ_so ∂L/∂y[s,o]·∂y[s,o]/∂w_v[d,c] = Σ_t x[t,d]·∂L/∂v[t,c]
        (D, T)·(T, C) → (D, C)
        grad_w_v = x.T @ grad_v
        ∂L/∂w_o[g,o] = Σ_t ∂L/∂y[t,o]·∂y[t,o]/∂w_o[g,o] = Σ_t seen[t,g]·∂L/∂y[t,o]
        (G, T)·(T, O) → (G, O)
        grad_w_o = seen.T @ grad_y
    """
    if x.ndim < 2 or not x.size:
        raise ValueError("x must be (…, T, D), and have elements")
    if heads < 1 or key_heads < 1 or heads % key_heads:
        raise ValueError("heads must be a multiple of key_heads")
    if (
        any(w.ndim != 2 for w in (w_q, w_k, w_v, w_o))
        or not w_q.shape[0] == w_k.shape[0] == w_v.shape[0] == x.shape[-1]
    ):
        raise ValueError("w_q, w_k and w_v must have as many rows as x has features")
    if not w_q.shape[1] or w_q.shape[1] % heads or len(w_o) != w_q.shape[1]:
        raise ValueError("w_q must be (D, heads·d) and w_o (heads·d, E)")
    if not w_k.shape[1] == w_v.shape[1] == w_q.shape[1] // heads * key_heads:
        raise ValueError("w_k and w_v must be (D, key_heads·d), for w_q (D, heads·d)")
    if causal and mask is not None:
        raise ValueError("mask must be left out where causal is set")
    if mask is not None and (mask.shape != 2 * x.shape[-2:-1] or mask.dtype.kind not in "iu"):
        raise ValueError("mask must be (T, T) of integers, for x (…, T, D)")
    shared_by = heads // key_heads
    q, k, v = _split_heads(x @ w_q, heads), _split_heads(x @ w_k, key_heads), _split_heads(x @ w_v, key_heads)
    if rotary_base is not None:
        cos, sin = _rotation(q, rotary_base)
        q, k = _turned(q, cos, sin), _turned(k, cos, sin)
    k_of_head, v_of_head = np.repeat(k, shared_by, axis=-3), np.repeat(v, shared_by, axis=-3)
    root = q.shape[-1] ** 0.5
    scores = q @ np.swapaxes(k_of_head, -1, -2) / root
    p = _masked_softmax(scores, _allowed(q, k, causal) if mask is None else mask)
    seen = _join_heads(p @ v_of_head)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_seen = _split_heads(grad_y @ w_o.T, heads)
        grad_p = grad_seen @ np.swapaxes(v_of_head, -1, -2)
        grad_scores = p * (grad_p - np.sum(p * grad_p, axis=-1, keepdims=True))
        grad_q_heads = grad_scores @ k_of_head / root
        grad_k_heads = _sum_over_sharing(np.swapaxes(grad_scores, -1, -2) @ q / root, key_heads)
        grad_v_heads = _sum_over_sharing(np.swapaxes(p, -1, -2) @ grad_seen, key_heads)
        if rotary_base is not None:
            grad_q_heads, grad_k_heads = _turned(grad_q_heads, cos, -sin), _turned(grad_k_heads, cos, -sin)
        grad_q, grad_k, grad_v = _join_heads(grad_q_heads), _join_heads(grad_k_heads), _join_heads(grad_v_heads)
        return (
            lambda: grad_q @ w_q.T + grad_k @ w_k.T + grad_v @ w_v.T,
            lambda: rows_of(x).T @ rows_of(grad_q),
            lambda: rows_of(x).T @ rows_of(grad_k),
            lambda: rows_of(x).T @ rows_of(grad_v),
            lambda: rows_of(seen).T @ rows_of(grad_y),
            None,
        )

    return seen @ w_o, backward


def _allowed(q: Array, k: Array, causal: bool) -> Array:
    """The mask (T, S) that hides nothing, or what comes later."""
    allowed = np.ones((q.shape[-2], k.shape[-2]), np.int64)
    return np.tril(allowed) if causal else allowed


def _fits(mask: Array, scores: tuple[int, ...]) -> bool:
    """Whether a mask has the shape of the scores' matrices, and axes in front that are theirs or of size 1."""
    front, of_scores = mask.shape[:-2], scores[:-2]
    return (
        mask.shape[-2:] == scores[-2:]
        and len(front) <= len(of_scores)
        and all(size in (1, other) for size, other in zip(reversed(front), reversed(of_scores), strict=False))
    )


def _masked_softmax(scores: Array, mask: Array) -> Array:
    """Softmax by row where the mask is not 0, exactly 0 elsewhere; less the largest score, so exp can't overflow.

    A mask of floats is added to the scores, and hides nothing.
    """
    if mask.dtype.kind == "f":
        scores, mask = scores + mask, np.ones(mask.shape, np.int64)
    if not np.all(np.any(mask != 0, axis=-1)):
        raise ValueError("every row of the mask must allow at least one position")
    allowed = np.where(mask != 0, scores, np.min(scores, axis=-1, keepdims=True))
    e = np.where(mask != 0, np.exp(allowed - np.max(allowed, axis=-1, keepdims=True)), 0)
    p: Array = e / np.sum(e, axis=-1, keepdims=True)
    return p


def _split_heads(x: Array, heads: int) -> Array:
    """(…, T, D) → (…, heads, T, D / heads)."""
    return np.swapaxes(x.reshape(*x.shape[:-1], heads, x.shape[-1] // heads), -2, -3)


def _sum_over_sharing(x: Array, key_heads: int) -> Array:
    """(…, heads, T, d) → (…, key_heads, T, d), the sum over the neighbouring heads that share one."""
    groups = x.reshape(*x.shape[:-3], key_heads, -1, *x.shape[-2:])
    total: Array = np.sum(groups, axis=-3)
    return total


def _join_heads(x: Array) -> Array:
    """(…, heads, T, d) → (…, T, heads·d)."""
    side_by_side = np.swapaxes(x, -2, -3)
    return side_by_side.reshape(*side_by_side.shape[:-2], -1)
