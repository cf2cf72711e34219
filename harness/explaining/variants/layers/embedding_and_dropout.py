"""Functions that are easily mistaken for an embedding or a dropout."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import (
    Function,
    Variant,
    Variants,
    backward_only,
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


EMBEDDING_AND_DROPOUT: Variants = {
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
}
"""The layers that are easily mistaken for another function."""
