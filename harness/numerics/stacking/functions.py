"""NumPy's functions on stacks of arrays: those that dispatched_functions.py does not have, or does in a slower way."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from backends import special
from backends.contract import Array
from harness.numerics.dispatched import Dispatched
from harness.numerics.dispatched_functions import FUNCTIONS, filling, pad
from harness.numerics.stacking.numbers import Numbers

Stacked = Any
"""Several arrays as one: stacked.Stacked, which has these functions."""


class Unstackable(TypeError):
    """What can't be computed of several arrays at once."""


def is_stacked(operand: Any) -> bool:
    """Whether an operand is several arrays."""
    return isinstance(operand, Dispatched) and operand.is_plain


def aligned(operand: Any, ndim: int, dtype: np.dtype[Any] | None) -> Any:
    """An operand whose axes match those of stacks of arrays with so many axes; numbers of Python in this dtype."""
    if isinstance(operand, Numbers):
        if dtype is None or dtype.kind != "f":
            raise Unstackable("numbers beside what are no floats")
        return operand.rounded(dtype).reshape(-1, *[1] * ndim)
    if not is_stacked(operand):
        return operand
    missing = ndim - operand.ndim
    return operand.stack[(slice(None), *[np.newaxis] * missing)] if missing > 0 else operand.stack


def axis_of_stack(axis: int, ndim: int) -> int:
    """The axis of a stack of arrays with so many axes that an axis of each stands for. Raises AxisError."""
    return normalize_axis_index(axis, ndim) + 1


def _stacks_of(arrays: Sequence[Any]) -> tuple[Stacked, list[Array]]:
    """The first of some arrays that is stacked, and the stacks of all; of a plain one, the same so many times."""
    like = next(array for array in arrays if is_stacked(array))
    count = len(like.stack)
    return like, [
        array.stack if is_stacked(array) else np.broadcast_to(array, (count, *np.shape(array))) for array in arrays
    ]


def _joining(function: Callable[..., Array], axes: int) -> Callable[..., Stacked]:
    """A function that joins arrays along an axis, of results with so many axes more."""

    def joined(arrays: Sequence[Any], axis: int = 0) -> Stacked:
        like, parts = _stacks_of(arrays)
        return like.of(function(parts, axis=axis_of_stack(axis, parts[0].ndim - 1 + axes)))

    return joined


def _by_position(function: Callable[..., Array]) -> Callable[..., Stacked]:
    """A function that gives positions along an axis, or of all elements in a row."""

    def positions(x: Stacked, axis: int | None = None, *, keepdims: bool = False) -> Stacked:
        if axis is None:
            return positions(x.reshape(-1), 0).reshape([1] * x.ndim if keepdims else [])
        return x.of(function(x.stack, axis=axis_of_stack(axis, x.ndim), keepdims=keepdims))

    return positions


def _sorting(x: Stacked, axis: int = -1, *, kind: Any = None) -> Stacked:
    return x.of(np.argsort(x.stack, axis=axis_of_stack(axis, x.ndim), kind=kind))


def _deciding(function: Callable[..., Any]) -> Callable[..., Stacked]:
    """A truth value or a count along an axis, or of all elements."""

    def decided(x: Stacked, axis: Any = None, *, keepdims: bool = False) -> Stacked:
        stack, along = x.along(axis, keepdims)
        return x.of(function(stack, axis=along, keepdims=keepdims))

    return decided


def _take_along_axis(x: Any, indices: Any, axis: int) -> Stacked:
    like, (stack, places) = _stacks_of([x, indices])
    return like.of(np.take_along_axis(stack, places, axis_of_stack(axis, indices.ndim)))


def _put_along_axis(target: Stacked, indices: Any, values: Any, axis: int) -> None:
    _, (_, places) = _stacks_of([target, indices])
    np.put_along_axis(
        target.writable(), places, aligned(values, target.ndim, target.dtype), axis_of_stack(axis, target.ndim)
    )


def _take(x: Any, indices: Any, axis: int | None = None) -> Stacked:
    if not is_stacked(indices):
        return x.moved(lambda array: np.take(array, indices, axis=axis))
    if axis not in (None, 0) or (axis is None and x.ndim != 1):
        raise Unstackable("np.take along another axis than the first")
    return x[indices]


def _swapaxes(x: Stacked, axis1: int, axis2: int) -> Stacked:
    return x.of(np.swapaxes(x.stack, axis_of_stack(axis1, x.ndim), axis_of_stack(axis2, x.ndim)))


def _moveaxis(x: Stacked, source: Any, destination: Any) -> Stacked:
    def shifted(axes: Any) -> list[int]:
        return [axis_of_stack(axis, x.ndim) for axis in ([axes] if isinstance(axes, int) else axes)]

    return x.of(np.moveaxis(x.stack, shifted(source), shifted(destination)))


def _expand_dims(x: Stacked, axis: Any) -> Stacked:
    axes = axis if isinstance(axis, tuple) else (axis,)
    return x.of(np.expand_dims(x.stack, tuple(axis_of_stack(each, x.ndim + len(axes)) for each in axes)))


def _squeeze(x: Stacked, axis: Any = None) -> Stacked:
    every = tuple(place for place, length in enumerate(x.shape) if length == 1)
    axes = every if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return x.of(np.squeeze(x.stack, tuple(axis_of_stack(each, x.ndim) for each in axes)))


def _sliding_window_view(x: Stacked, window_shape: Any, axis: Any = None) -> Stacked:
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    view = np.lib.stride_tricks.sliding_window_view(
        x.stack, window_shape, tuple(axis_of_stack(each, x.ndim) for each in axes)
    )
    return x.of(view)


def _broadcast_to(x: Stacked, shape: Any) -> Stacked:
    lengths = (shape,) if isinstance(shape, int) else tuple(shape)
    return x.of(np.broadcast_to(aligned(x, len(lengths), x.dtype), (len(x.stack), *lengths)))


def _pad(x: Stacked, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Stacked:
    if mode == "constant":
        return x.padded(pad_width, constant_values)
    return pad(x, pad_width, mode)


STACKED_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    **FUNCTIONS,
    np.concatenate: _joining(np.concatenate, axes=0),
    np.stack: _joining(np.stack, axes=1),
    np.argmax: _by_position(np.argmax),
    np.argmin: _by_position(np.argmin),
    np.argsort: _sorting,
    np.any: _deciding(np.any),
    np.all: _deciding(np.all),
    np.count_nonzero: _deciding(np.count_nonzero),
    np.take_along_axis: _take_along_axis,
    np.put_along_axis: _put_along_axis,
    np.unravel_index: lambda x, shape: tuple(map(x.of, np.unravel_index(x.stack, shape))),
    np.take: _take,
    np.reshape: lambda x, shape: x.reshape(shape),
    np.ravel: lambda x: x.reshape(-1),
    np.transpose: lambda x, axes=None: x.transpose() if axes is None else x.transpose(axes),
    np.swapaxes: _swapaxes,
    np.moveaxis: _moveaxis,
    np.expand_dims: _expand_dims,
    np.squeeze: _squeeze,
    np.broadcast_to: _broadcast_to,
    np.lib.stride_tricks.sliding_window_view: _sliding_window_view,
    np.copy: lambda x: x.of(x.stack.copy()),
    np.pad: _pad,
    np.full_like: filling(np.full_like),
    special.erf: lambda x: x.of(special.erf(x.stack)),
}
"""By the function that `__array_function__` receives."""
