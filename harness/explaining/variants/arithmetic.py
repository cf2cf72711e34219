"""Functions that are easily mistaken for a maximum along an axis, for a clipping, or for a reshaping."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import Function, Variant, Variants, backward_only


def _max_of(share: Callable[[Array, int], Array]) -> Function:
    """A maximum whose gradient is dealt out by a function of the largest elements, 1 where one is, and the axis."""

    def gradients(grads: Sequence[Array], inputs: Sequence[Array], settings: Any) -> tuple[Array]:
        (grad_y,), (x,) = grads, inputs
        axis = settings["axis"]
        largest = np.where(x == np.max(x, axis=axis, keepdims=True), 1.0, 0.0)
        along = grad_y if settings.get("keepdims") else np.expand_dims(grad_y, axis)
        return (along * share(largest, axis),)

    return backward_only(numpy_manual.reduce_max, gradients)


def _last(largest: Array, axis: int) -> Array:
    from_behind = np.cumsum(np.flip(largest, axis), axis=axis)
    return np.where(np.flip(from_behind, axis) == 1, largest, 0)


def reshape_by_columns(x: Array, *, shape: tuple[int, ...]) -> tuple[Array, Any]:
    """Elements are taken and put column by column (NumPy's order="F")."""
    return np.reshape(x, shape, order="F"), lambda grad_y: (np.reshape(grad_y, x.shape, order="F"),)


ARITHMETIC: Variants = {
    numpy_manual.reduce_max: (
        Variant(
            "each of several largest elements gets the whole gradient",
            _max_of(lambda largest, axis: largest),
            "max_ties_shared",
        ),
        Variant(
            "several largest elements share the gradient",
            _max_of(lambda largest, axis: largest / np.sum(largest, axis=axis, keepdims=True)),
            "max_ties_shared",
        ),
        Variant("the last of several largest elements gets the gradient", _max_of(_last), "max_ties_to_one"),
    ),
    numpy_manual.clip: (
        Variant(
            "the gradient passes outside of the range, too",
            backward_only(numpy_manual.clip, lambda grads, inputs, settings: tuple(grads)),
        ),
    ),
    numpy_manual.reshape: (Variant("elements are taken column by column", reshape_by_columns),),
}
"""Arithmetic and rearranging that is easily mistaken for another function."""
