"""Layers that have weights, and dropout."""

from backends.chainer_autograd.framework import F, Variable


def linear(x: Variable, w: Variable, b: Variable | None = None) -> Variable:
    """y = x·w + b.  x (…, D), w (D, H), b (H,) or left out → y (…, H)."""
    # Chainer's layer keeps its weight transposed, (H, D), and by default flattens all axes but the first.
    return F.linear(x, w.T, b, n_batch_axes=x.ndim - 1)


def embedding(ids: Variable, table: Variable) -> Variable:
    """y = table[ids].  ids (any shape), table (V, D) → y (the ids' shape, D)."""
    return F.embed_id(ids, table)


def dropout(x: Variable, mask: Variable, *, ratio: float) -> Variable:
    """y = x·mask / (1 − ratio), mask of 0 and 1."""
    # Chainer takes a mask that is already scaled, and then ignores the ratio.
    return F.dropout(x, ratio, mask=mask.array / (1 - ratio))
