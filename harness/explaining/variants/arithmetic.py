"""Functions that are easily mistaken for an extreme or a variance over axes, a clipping or a reshaping."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.numpy_manual.shapes import from_rows, rows_along
from harness.explaining.variants.variant import Function, Variant, Variants, backward_only, forward_only, with_settings


def _extreme_of(op: Function, extreme: Function, share: Callable[[Array], Array]) -> Function:
    """An extreme whose gradient is dealt out by a function of the rows that are reduced, 1 where the extreme is."""

    def gradients(grads: Sequence[Array], inputs: Sequence[Array], settings: Any) -> tuple[Array]:
        (grad_y,), (x,), axis = grads, inputs, settings.get("axis")
        rows = rows_along(x, axis)
        is_extreme = np.where(rows == extreme(rows, axis=-1, keepdims=True), 1.0, 0.0)
        along = np.reshape(grad_y, (*rows.shape[:-1], 1))
        return (from_rows(along * share(is_extreme), axis, x.shape),)

    return backward_only(op, gradients)


def _all(is_extreme: Array) -> Array:
    return is_extreme


def _shared(is_extreme: Array) -> Array:
    shares: Array = is_extreme / np.sum(is_extreme, axis=-1, keepdims=True)
    return shares


def _last(is_extreme: Array) -> Array:
    from_behind = np.cumsum(np.flip(is_extreme, -1), axis=-1)
    return np.where(np.flip(from_behind, -1) == 1, is_extreme, 0)


def reshape_by_columns(x: Array, *, shape: tuple[int, ...]) -> tuple[Array, Any]:
    """Elements are taken and put column by column (NumPy's order="F")."""
    return np.reshape(x, shape, order="F"), lambda grad_y: (np.reshape(grad_y, x.shape, order="F"),)


def _logarithm_of_mean(x: Array, *, axis: int | tuple[int, ...] = -1, keepdims: bool = False) -> Array:
    y, _ = numpy_manual.logsumexp(x, axis=axis, keepdims=keepdims)
    mean: Array = y - np.log(x.size / y.size)
    return mean


def _sum_of_those_before(x: Array, *, axis: int) -> Array:
    before: Array = np.cumsum(x, axis) - x
    return before


def _each_repeated(x: Array, *, repeats: tuple[int, ...]) -> Array:
    y = x.reshape((1,) * (len(repeats) - x.ndim) + x.shape)
    for axis, count in enumerate(repeats):
        y = np.repeat(y, count, axis)
    return y


ARITHMETIC: Variants = {
    numpy_manual.reduce_max: (
        Variant(
            "each of several largest elements gets the whole gradient",
            _extreme_of(numpy_manual.reduce_max, np.max, _all),
            "max_ties_shared",
        ),
        Variant(
            "several largest elements share the gradient",
            _extreme_of(numpy_manual.reduce_max, np.max, _shared),
            "max_ties_shared",
        ),
        Variant(
            "the last of several largest elements gets the gradient",
            _extreme_of(numpy_manual.reduce_max, np.max, _last),
            "max_ties_to_one",
        ),
    ),
    numpy_manual.reduce_min: (
        Variant(
            "each of several smallest elements gets the whole gradient",
            _extreme_of(numpy_manual.reduce_min, np.min, _all),
        ),
        Variant("several smallest elements share the gradient", _extreme_of(numpy_manual.reduce_min, np.min, _shared)),
        Variant(
            "the last of several smallest elements gets the gradient",
            _extreme_of(numpy_manual.reduce_min, np.min, _last),
        ),
    ),
    numpy_manual.reduce_var: (
        Variant("it is divided by n - 1, not by n", with_settings(numpy_manual.reduce_var, correction=1)),
        Variant("it is divided by n, not by n - correction", with_settings(numpy_manual.reduce_var, correction=0)),
    ),
    numpy_manual.cumsum: (
        Variant("the element itself is left out of its sum", forward_only(_sum_of_those_before)),
        Variant(
            "the gradient is summed up from the start, not from the end",
            backward_only(numpy_manual.cumsum, lambda grads, _, settings: (np.cumsum(grads[0], settings["axis"]),)),
        ),
    ),
    numpy_manual.tile: (
        Variant("each element is repeated by itself, not the whole behind itself", forward_only(_each_repeated)),
    ),
    numpy_manual.logsumexp: (
        Variant("it is the logarithm of the mean, not of the sum", forward_only(_logarithm_of_mean)),
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
