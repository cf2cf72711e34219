"""NumPy's functions on dispatched arrays, each written once in terms of the primitives that every such type has."""

from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from harness.numerics.dispatched import Contraction, Dispatched, first, plain_index

PADDING = ("constant", "edge", "reflect", "symmetric", "wrap")
"""Modes of np.pad that compute nothing."""


def total(x: Dispatched, axis: Any = None, *, keepdims: bool = False) -> Dispatched:
    """np.sum."""
    return x.summed(axis, keepdims)


def mean(x: Dispatched, axis: Any = None, *, keepdims: bool = False) -> Any:
    """np.mean: the sum divided by the number of its terms."""
    summed = x.summed(axis, keepdims)
    return np.divide(summed, float(x.size // max(summed.size, 1)))


def accumulated(x: Dispatched, axis: int | None = None) -> Dispatched:
    """np.cumsum along an axis, or over all elements, row by row."""
    return x.reshape(-1).accumulated(0) if axis is None else x.accumulated(normalize_axis_index(axis, x.ndim))


def _extreme(pick: Any) -> Callable[..., Dispatched]:
    def implementation(x: Dispatched, axis: Any = None, *, keepdims: bool = False) -> Dispatched:
        return x.extreme(pick, axis, keepdims)

    return implementation


def where(condition: Any, x: Any, y: Any) -> Dispatched:
    """np.where of three operands."""
    return first((condition, x, y)).selected(condition, x, y)


def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    """np.clip: raised to `low`, then lowered to `high`."""
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


def einsum(subscripts: str, *operands: Any) -> Dispatched:
    """np.einsum whose subscripts are one string without an ellipsis."""
    like = first(operands)
    if "." in subscripts:
        raise like.refused("np.einsum with an ellipsis")
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    contraction = Contraction(subscripts, tuple(inputs.split(",")), output if arrow else None, {})
    lengths = contraction.lengths
    for letters, operand in zip(contraction.inputs, operands, strict=True):
        for letter, length in zip(letters, np.shape(operand), strict=True):
            lengths[letter] = max(length, lengths.get(letter, 0))
    return like.contracted(contraction, operands)


def pad(x: Dispatched, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Dispatched:
    """np.pad with constants, which may be infinite, or with elements of the array."""
    if mode not in PADDING:
        raise x.refused(f"np.pad with mode {mode!r}")
    if mode == "constant" and np.any(constant_values):
        return x.padded(pad_width, constant_values)
    return x.moved(lambda array: np.pad(array, pad_width, mode))  # type: ignore[call-overload]


def put_along_axis(target: Any, indices: Any, values: Any, axis: int) -> None:
    """np.put_along_axis, which changes its target."""
    positions = np.arange(target.size).reshape(target.shape)
    chosen = np.take_along_axis(positions, plain_index(indices), axis)
    target[np.unravel_index(chosen, target.shape)] = values


def filling(function: Any) -> Callable[..., Dispatched]:
    """A function that returns constants in the shape of its first argument."""

    def implementation(like: Dispatched, *arguments: Any, dtype: Any = None, shape: Any = None) -> Dispatched:
        return like.constant(function(like.value, *arguments, dtype=dtype, shape=shape))

    return implementation


def _moving(function: Any) -> Callable[..., Dispatched]:
    """A function that moves, repeats or leaves out elements of its first argument."""

    def implementation(x: Any, *arguments: Any, **settings: Any) -> Dispatched:
        if not isinstance(x, Dispatched):
            raise TypeError("it moves the elements of a plain array")
        arguments, settings = plain_index(arguments), {name: plain_index(value) for name, value in settings.items()}
        return x.moved(lambda array: function(array, *arguments, **settings))

    return implementation


def _joining(function: Any) -> Callable[..., Dispatched]:
    """A function that puts several arrays together, along an axis if it takes one."""

    def implementation(arrays: Any, *axis: Any, **settings: Any) -> Dispatched:
        if settings.keys() - {"axis"}:
            raise TypeError(f"it is called with {', '.join(settings)}")
        return first(arrays).joined(lambda parts: function(parts, *axis, **settings), arrays)

    return implementation


def _splitting(function: Any) -> Callable[..., list[Dispatched]]:
    """A function that takes an array apart."""

    def implementation(x: Dispatched, sections: Any, axis: int = 0) -> list[Dispatched]:
        parts = function(np.arange(x.shape[axis]), sections)
        return [x.moved(partial(np.take, indices=part, axis=axis)) for part in parts]

    return implementation


def _deciding(function: Any) -> Callable[..., Any]:
    """A function that returns plain positions, counts or truth values."""

    def implementation(x: Dispatched, *arguments: Any, **settings: Any) -> Any:
        if not x.exact:
            name = f"np.{function.__name__}"
            raise x.refusal(f"{name} of computed values is undecided; take that of an op's inputs")
        return function(x.value, *arguments, **settings)

    return implementation


MOVING = (
    *(np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.expand_dims, np.squeeze),
    *(np.broadcast_to, np.copy, np.flip, np.flipud, np.fliplr, np.rot90, np.roll, np.repeat, np.tile, np.resize),
    *(np.take, np.take_along_axis, np.diagonal, np.diag, np.tril, np.triu, np.delete),
    *(np.atleast_1d, np.atleast_2d, np.lib.stride_tricks.sliding_window_view),
)
JOINING = (np.concatenate, np.stack, np.vstack, np.hstack)
SPLITTING = (np.split, np.array_split)
DECIDING = (np.argmax, np.argmin, np.argsort, np.any, np.all, np.count_nonzero, np.nonzero, np.flatnonzero)

FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: total,
    np.mean: mean,
    np.cumsum: accumulated,
    np.max: _extreme(np.max),
    np.min: _extreme(np.min),
    np.where: where,
    np.clip: clip,
    np.einsum: einsum,
    np.pad: pad,
    np.put_along_axis: put_along_axis,
    np.shape: attrgetter("shape"),
    np.size: attrgetter("size"),
    np.ndim: attrgetter("ndim"),
    np.zeros_like: filling(np.zeros_like),
    np.ones_like: filling(np.ones_like),
    **{function: _moving(function) for function in MOVING},
    **{function: _joining(function) for function in JOINING},
    **{function: _splitting(function) for function in SPLITTING},
    **{function: _deciding(function) for function in DECIDING},
}
"""Implementations that every dispatched array type shares, by the function that `__array_function__` receives."""
