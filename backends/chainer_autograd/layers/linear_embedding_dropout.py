"""Layers that have weights, and dropout."""

from typing import Any

import numpy as np

from backends.chainer_autograd.framework import F, Variable


def linear(x: Variable, w: Variable, b: Variable | None = None) -> Variable:
    """y = x·w + b.  x (…, D), w (D, H), b (H,) or left out → y (…, H)."""
    # Chainer's layer keeps its weight transposed, (H, D), and by default flattens all axes but the first.
    return F.linear(x, w.T, b) if x.ndim == 2 else F.linear(x, w.T, b, n_batch_axes=x.ndim - 1)


def embedding(
    ids: Variable, table: Variable, *, padding_id: int | None = None, ignore_label: int | None = None
) -> Variable:
    """y = table[ids].  ids (any shape), table (V, D) → y (the ids' shape, D)."""
    # Chainer gives zeros for the label that it ignores. It has no row without a gradient: that one is a constant.
    weights = table if padding_id is None else F.where(_is_row(padding_id, table), table.array, table)
    return F.embed_id(ids, weights, ignore_label)


def dropout(x: Variable, mask: Variable, *, ratio: float) -> Variable:
    """y = x·mask / (1 − ratio), mask of 0 and 1."""
    # Chainer takes a mask that is already scaled, and then ignores the ratio.
    return F.dropout(x, ratio, mask=mask.array / (1 - ratio))


def _is_row(number: int, table: Variable) -> Any:
    """True in one row of a table."""
    return np.broadcast_to(np.arange(len(table))[:, None] == number, table.shape)
