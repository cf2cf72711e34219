"""Layers that have weights, and dropout."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.shapes import rows_of


def linear(x: Array, w: Array, b: Array | None = None) -> tuple[Array, Backward]:
    """y = x·w + b, the fully connected layer, for every row along the last axis; b may be left out.

    x (…, D), such as (N, D), w (D, H), b (H,) → y (…, H).  ∂L/∂x = ∂L/∂y·wᵀ,  ∂L/∂w = xᵀ·∂L/∂y over all rows,
    ∂L/∂b = Σ over rows of ∂L/∂y  (Goodfellow et al., Deep Learning, 6.5.6).

    Why:
        y[n,h] = Σ_d x[n,d]·w[d,h] + b[h]
        ∂L/∂x[n,d] = Σ_h ∂L/∂y[n,h]·∂y[n,h]/∂x[n,d] = Σ_h ∂L/∂y[n,h]·w[d,h]
        (N, H)·(H, D) → (N, D)
        grad_x = grad_y @ w.T
        ∂L/∂w[d,h] = Σ_n ∂L/∂y[n,h]·∂y[n,h]/∂w[d,h] = Σ_n x[n,d]·∂L/∂y[n,h]
        (D, N)·(N, H) → (D, H)
        grad_w = x.T @ grad_y
        ∂L/∂b[h] = Σ_n ∂L/∂y[n,h]·∂y[n,h]/∂b[h] = Σ_n ∂L/∂y[n,h]
        (N, H) → (H)
        grad_b = np.sum(grad_y, axis=0)
    """
    if x.ndim < 2 or w.ndim != 2 or x.shape[-1] != w.shape[0] or (b is not None and b.shape != w.shape[1:]):
        raise ValueError("x must be (N, D) or (…, D), w (D, H) and b (H,)")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_rows = rows_of(grad_y)
        return (
            lambda: grad_y @ w.T,
            lambda: rows_of(x).T @ grad_rows,
            None if b is None else np.sum(grad_rows, axis=0),
        )

    return x @ w if b is None else x @ w + b, backward


def embedding(
    ids: Array, table: Array, *, padding_id: int | None = None, ignore_label: int | None = None
) -> tuple[Array, Backward]:
    """y = table[ids]: the row of the table that each id names.

    ids (any shape) integers in [0, V), table (V, D) → y (the ids' shape, D).  Where an id is `ignore_label`, which need
    not name a row, y is 0, as in Chainer.  ∂L/∂table[v] = Σ of ∂L/∂y over all positions of v, 0 if there is none.  The
    row of a `padding_id` is read like any other and gets no gradient, as with PyTorch's padding_idx  (Bengio et al.
    2003, A Neural Probabilistic Language Model).

    Why:
        y[n,d] = table[ids[n],d] = Σ_v [ids[n] = v]·table[v,d]
        ∂L/∂table[v,d] = Σ_n ∂L/∂y[n,d]·∂y[n,d]/∂table[v,d] = Σ_n [ids[n] = v]·∂L/∂y[n,d]
        (V, N)·(N, D) → (V, D)
        grad_table = (ids == np.arange(V)[:, None]) @ grad_y
    """
    if ids.dtype.kind not in "iu" or table.ndim != 2:
        raise ValueError("ids must be integers and table (V, D)")
    if padding_id is not None and ignore_label is not None:
        raise ValueError("only one of padding_id and ignore_label can be given")
    if padding_id is not None and not 0 <= padding_id < len(table):
        raise ValueError("padding_id must name a row of the table, from 0 to V - 1")
    rows = ids if ignore_label is None else np.where(ids == ignore_label, 0, ids)
    if not np.all((rows >= 0) & (rows < len(table))):
        raise ValueError("every id must name a row of the table, from 0 to V - 1")
    constant = padding_id if ignore_label is None else ignore_label

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_rows = grad_y if constant is None else np.where((ids == constant)[..., None], 0, grad_y)
        grad_table = np.zeros_like(table)
        np.add.at(grad_table, rows, grad_rows)
        return None, grad_table

    return table[rows] if ignore_label is None else np.where((ids == ignore_label)[..., None], 0, table[rows]), backward


def dropout(x: Array, mask: Array, *, ratio: float) -> tuple[Array, Backward]:
    """y = x·mask / (1 − ratio): what is left is scaled up, so that y has the mean of x.

    x (any shape), mask (the same) of 1 for what is kept and 0 for what is dropped, drawn with probability `ratio`
    → y (the same).  ∂L/∂x = ∂L/∂y·mask / (1 − ratio); the mask is data  (Srivastava et al. 2014, JMLR 15, section 10).

    Why:
        y[i] = x[i]·mask[i] / (1 − ratio)
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i] = ∂L/∂y[i]·mask[i] / (1 − ratio)
        (I) → (I)
        grad_x = grad_y * mask / (1 - ratio)
    """
    if x.shape != mask.shape:
        raise ValueError("their shapes must be the same")
    if mask.dtype.kind != "f":
        raise ValueError("the mask must hold floats, as bernoulli(...) draws them")
    if not 0 <= ratio < 1:
        raise ValueError("ratio must be from 0 to below 1")
    scale = mask / (1 - ratio)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return grad_y * scale, None

    return x * scale, backward
