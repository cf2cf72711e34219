"""Functions that are easily mistaken for an embedding, a dropout or an attention."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.deferred import computed
from harness.explaining.variants.variant import (
    Function,
    Variant,
    Variants,
    backward_only,
    forward_only,
    of_changed_inputs,
    with_settings,
)


def last_of_repeated_ids(grads: Sequence[Array], inputs: Sequence[Array], settings: Any) -> tuple[None, Array]:
    """∂L/∂table by grad_table[ids] += ∂L/∂y, which adds once for an id that comes up twice."""
    rows, grad_rows, table = _rows_with_gradient(grads, inputs, settings)
    grad_table = np.zeros_like(table)
    grad_table[rows] += grad_rows
    return None, grad_table


def averaged_over_repeated_ids(grads: Sequence[Array], inputs: Sequence[Array], settings: Any) -> tuple[None, Array]:
    """∂L/∂table divided by how often an id comes up (PyTorch's scale_grad_by_freq)."""
    rows, grad_rows, table = _rows_with_gradient(grads, inputs, settings)
    grad_table = np.zeros_like(table)
    np.add.at(grad_table, rows, grad_rows)
    counts = np.bincount(rows.reshape(-1), minlength=len(table))
    return None, grad_table / np.maximum(counts, 1).reshape(-1, 1)


def _rows_with_gradient(
    grads: Sequence[Array], inputs: Sequence[Array], settings: Mapping[str, Any]
) -> tuple[Array, Array, Array]:
    """The rows that an embedding reads, without those that get no gradient, what arrives at them, and the table."""
    (grad_y,), (ids, table) = grads, inputs
    constant = [settings.get("padding_id"), settings.get("ignore_label")]
    kept = ~np.isin(ids, [label for label in constant if label is not None])
    return ids[kept], grad_y[kept], table


def without_gradient_of_id_0(grads: Sequence[Array], inputs: Sequence[Array], settings: Any) -> tuple[None, Array]:
    """Row 0 learns nothing (PyTorch's padding_idx=0)."""
    rows, grad_rows, table = _rows_with_gradient(grads, inputs, settings)
    grad_table = np.zeros_like(table)
    np.add.at(grad_table, rows[rows != 0], grad_rows[rows != 0])
    return None, grad_table


def embedding_that_learns_padding(ids: Array, table: Array, *, padding_id: int | None = None, **_: Any) -> Any:
    """Padding is an id like the others; it refuses a call without any."""
    if padding_id is None:
        raise ValueError("there is no padding")
    return numpy_manual.embedding(ids, table)


def _dropout(scale: Callable[[Array, float], Array]) -> Function:
    """A dropout that multiplies by another scale, a function of the mask and the ratio."""

    def dropout(x: Array, mask: Array, *, ratio: float) -> tuple[Array, Any]:
        return x * scale(mask, ratio), lambda grad_y: (grad_y * scale(mask, ratio), None)

    return dropout


def _attention_times(factor: Callable[..., float]) -> Function:
    """Attention with its scores multiplied, which is what multiplying q does."""

    def back(grads: Sequence[Any], inputs: Sequence[Array]) -> tuple[Any, ...]:
        grad_q, *others = grads
        return factor(*inputs) * computed(grad_q), *others

    return of_changed_inputs(
        numpy_manual.scaled_dot_product_attention,
        lambda q, *others: (q * factor(q, *others), *others),
        back,
    )


def _heads_times(factor: Callable[[int, int], float]) -> Function:
    """Attention by several heads with its scores multiplied by a function of the width and the number of heads."""

    def multi_head_attention(x: Array, w_q: Array, *others: Array, heads: int) -> tuple[Array, Any]:
        times = factor(x.shape[-1], heads)
        y, backward = numpy_manual.multi_head_attention(x, times * w_q, *others, heads=heads)

        def backward_times(grad_y: Array) -> tuple[Any, ...]:
            grad_x, grad_q, *grads = backward(grad_y)
            return grad_x, times * computed(grad_q), *grads

        return y, backward_times

    return multi_head_attention


def _scores(q: Array, k: Array, mask: Array | None, scale: float | None) -> tuple[Array, Any]:
    """The scores with a mask of floats added, and where a mask of integers allows them."""
    scores = q @ np.swapaxes(k, -1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if mask is None:
        return scores, True
    return (scores + mask, True) if mask.dtype.kind == "f" else (scores, mask != 0)


def attention_over_queries(
    q: Array, k: Array, v: Array, mask: Array | None = None, *, scale: float | None = None
) -> Array:
    """Softmax over the queries, in place of the keys."""
    scores, allowed = _scores(q, k, mask, scale)
    e = np.where(allowed, np.exp(scores - np.max(scores)), 0)
    y: Array = e / np.sum(e, axis=-2, keepdims=True) @ v
    return y


def attention_masked_after_softmax(
    q: Array, k: Array, v: Array, mask: Array | None = None, *, scale: float | None = None
) -> Array:
    """What is hidden is set to 0 when the rows add up to 1 already."""
    scores, allowed = _scores(q, k, mask, scale)
    p, _ = numpy_manual.softmax(scores)
    y: Array = np.where(allowed, p, 0) @ v
    return y


LAYERS: Variants = {
    numpy_manual.embedding: (
        Variant(
            "only the last of repeated ids is added, as by grad[ids] += grad_y",
            backward_only(numpy_manual.embedding, last_of_repeated_ids),
        ),
        Variant(
            "the gradient is averaged over repeated ids, as by scale_grad_by_freq",
            backward_only(numpy_manual.embedding, averaged_over_repeated_ids),
        ),
        Variant(
            "id 0 gets no gradient, as by padding_idx=0",
            backward_only(numpy_manual.embedding, without_gradient_of_id_0),
            "embed_id_padding",
        ),
        Variant(
            "id 0 gives zeros, as by ignore_label=0",
            with_settings(numpy_manual.embedding, padding_id=None, ignore_label=0),
            "embed_id_padding",
        ),
        Variant("the row of padding gets a gradient, too", embedding_that_learns_padding, "embed_id_padding"),
    ),
    numpy_manual.dropout: (
        Variant("what is kept is not scaled up", _dropout(lambda mask, ratio: mask)),
        Variant(
            "what is kept is multiplied by 1 - ratio, not divided", _dropout(lambda mask, ratio: mask * (1 - ratio))
        ),
        Variant("what is kept is divided by ratio, not by 1 - ratio", _dropout(lambda mask, ratio: mask / ratio)),
        Variant("what is kept is multiplied by ratio", _dropout(lambda mask, ratio: mask * ratio)),
        Variant("what is kept is scaled up twice", _dropout(lambda mask, ratio: mask / (1 - ratio) ** 2)),
        Variant("what should be kept is dropped", _dropout(lambda mask, ratio: (1 - mask) / (1 - ratio))),
        Variant(
            "nothing is dropped, as in evaluation",
            _dropout(lambda mask, ratio: np.ones_like(mask)),
            "dropout_in_evaluation",
        ),
    ),
    numpy_manual.scaled_dot_product_attention: (
        Variant("the scores are not divided by √d", _attention_times(lambda q, *_: q.shape[-1] ** 0.5)),
        Variant("the scores are divided by d, not by √d", _attention_times(lambda q, *_: q.shape[-1] ** -0.5)),
        Variant("what is hidden is set to 0 after the softmax", forward_only(attention_masked_after_softmax)),
        Variant("softmax is over the queries, not over the keys", forward_only(attention_over_queries)),
    ),
    numpy_manual.multi_head_attention: (
        Variant("the scores are not divided by √d", _heads_times(lambda width, heads: (width / heads) ** 0.5)),
        Variant("the scores are divided by d, not by √d", _heads_times(lambda width, heads: (width / heads) ** -0.5)),
        Variant(
            "the scores are divided by the root of the whole width, not of a head's",
            _heads_times(lambda width, heads: heads**-0.5),
        ),
    ),
}
"""The layers that are easily mistaken for another function."""
