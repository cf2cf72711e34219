"""The rounding bounds of NumPy's other functions: sums, selections, and what only moves elements."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from backends import special
from backends.contract import Array
from harness.numerics.bounded import Bounded, Magnitude, Undecided, Unsupported, bounded, hull, interval, rearranged
from harness.numerics.bounded_ufuncs import (
    UFUNCS,
    divide,
    increasing,
    maximum,
    minimum,
    plus,
    product_of_sizes,
    product_radius,
    select,
)
from harness.numerics.rounding import CHARGES, ERF_BESIDE_ONE


def total(x: Bounded, axis: Any = None, *, keepdims: bool = False) -> Bounded:
    """np.sum: one sum of all its terms, in any order."""
    add_up = partial(np.sum, axis=axis, keepdims=keepdims)
    midpoint = np.asarray(add_up(x.midpoint))
    terms, sizes = x.size // max(midpoint.size, 1), x.sizes
    return Bounded(
        midpoint,
        x.arithmetic,
        None if x.inherited is None else np.asarray(add_up(x.inherited)),
        Magnitude(lambda: np.asarray(add_up(sizes()))),
        max(terms * (x.depth + 1) - 1, 0),
    )


def mean(x: Bounded, axis: Any = None, *, keepdims: bool = False) -> Bounded:
    """np.mean: the sum divided by the number of its terms."""
    summed = total(x, axis, keepdims=keepdims)
    return divide(summed, bounded(float(x.size // max(summed.size, 1)), x.arithmetic))


def _extreme(function: Callable[..., Array]) -> Callable[..., Bounded]:
    def applied(x: Bounded, axis: Any = None, *, keepdims: bool = False) -> Bounded:
        pick = partial(function, axis=axis, keepdims=keepdims)
        if x.exact:
            return Bounded(np.asarray(pick(x.midpoint)), x.arithmetic)
        low, high = interval(x)
        return hull(np.asarray(pick(low)), np.asarray(pick(high)), x.arithmetic)

    return applied


def _argument_of_extreme(function: Callable[..., Array]) -> Callable[..., Array]:
    def applied(x: Bounded, axis: Any = None, *, keepdims: bool = False) -> Array:
        if not x.exact:
            raise Unsupported(f"np.{function.__name__} of computed values is undecided; take that of an op's inputs")
        return function(x.midpoint, axis=axis, keepdims=keepdims)

    return applied


def where(condition: Array | Undecided, x: Any, y: Any) -> Bounded:
    """np.where, whose condition may be undecided."""
    if isinstance(condition, Bounded):
        raise Unsupported("np.where takes a comparison here, as x > 0")
    constants = next(value for value in (x, y) if isinstance(value, Bounded)).arithmetic
    return select(condition, bounded(x, constants), bounded(y, constants))


def clip(x: Bounded, low: Any, high: Any) -> Bounded:
    """np.clip with exact ends."""
    return minimum(maximum(x, bounded(low, x.arithmetic)), bounded(high, x.arithmetic))


def einsum(subscripts: str, x: Any, y: Any) -> Bounded:
    """np.einsum of two arrays, its subscripts written with `->`."""
    constants = next(value for value in (x, y) if isinstance(value, Bounded)).arithmetic
    x, y = bounded(x, constants).settled(), bounded(y, constants).settled()
    inputs, _, output = subscripts.replace(" ", "").partition("->")
    if "." in inputs:
        raise Unsupported("np.einsum with an ellipsis has no rounding bound")
    lengths: dict[str, int] = {}
    for letters, array in zip(inputs.split(","), (x, y), strict=True):
        lengths |= {letter: max(n, lengths.get(letter, 0)) for letter, n in zip(letters, array.shape, strict=True)}
    inner = max(int(np.prod([length for letter, length in lengths.items() if letter not in output])), 2)
    product = partial(np.einsum, subscripts)
    sizes = product_of_sizes(product, x, y, inner)
    return Bounded(product(x.midpoint, y.midpoint), constants, product_radius(product, x, y), sizes, inner)


def _joined(function: Callable[..., Array]) -> Callable[..., Bounded]:
    """A function that puts several arrays together."""

    def applied(arrays: Sequence[Any], axis: Any = 0) -> Bounded:
        constants = next(array for array in arrays if isinstance(array, Bounded)).arithmetic
        parts = [bounded(array, constants).settled() for array in arrays]
        join = partial(function, axis=axis)
        if all(part.inherited is None for part in parts):
            return Bounded(join([part.midpoint for part in parts]), constants)
        radii = [np.zeros(part.shape) if part.inherited is None else part.inherited for part in parts]
        return Bounded(join([part.midpoint for part in parts]), constants, join(radii))

    return applied


def _moved(function: Callable[..., Array]) -> Callable[..., Bounded]:
    """A function that only moves, repeats or leaves out elements of its first argument."""

    def applied(x: Bounded, *arguments: Any, **settings: Any) -> Bounded:
        return rearranged(lambda array: function(array, *arguments, **settings), x)

    return applied


def pad(x: Bounded, pad_width: Any, mode: str = "constant", *, constant_values: float = 0) -> Bounded:
    """np.pad with one number, which may be infinite, or with what is there already."""
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap"):
        raise Unsupported(f"np.pad with mode {mode!r} has no rounding bound")
    if constant_values:
        return _padded_with(x.settled(), pad_width, bounded(float(constant_values), x.arithmetic))
    return rearranged(lambda array: np.pad(array, pad_width, mode), x)  # type: ignore[call-overload]


def _padded_with(x: Bounded, pad_width: Any, border: Bounded) -> Bounded:
    """np.pad of a settled array with any number."""
    rounding = 0.0 if border.inherited is None else float(border.inherited)
    inherited = None
    if x.inherited is not None or rounding:
        inside = np.zeros(x.shape) if x.inherited is None else x.inherited
        inherited = np.pad(inside, pad_width, constant_values=rounding)
    return Bounded(np.pad(x.midpoint, pad_width, constant_values=border.midpoint), x.arithmetic, inherited)


def split(x: Bounded, sections: Any, axis: int = 0) -> list[Bounded]:
    """np.split."""
    places = np.split(np.arange(x.shape[axis]), sections)
    return [rearranged(lambda array, at=at: np.take(array, at, axis=axis), x) for at in places]


_erf = increasing(special.erf, CHARGES["erf"])


def erf(x: Bounded) -> Bounded:
    """special.erf, charged for libraries, too, that compute it only to be added to 1."""
    y = _erf(x)
    beside = np.full(y.shape, ERF_BESIDE_ONE * y.arithmetic.unit)
    return Bounded(y.midpoint, y.arithmetic, plus(y.radius, beside))


def put_along_axis(target: Bounded, indices: Array, values: Any, axis: int) -> None:
    """np.put_along_axis, which changes its target."""
    places = np.take_along_axis(np.arange(target.size).reshape(target.shape), indices, axis)
    target[np.unravel_index(places, target.shape)] = values


def _filled(value: float) -> Callable[..., Bounded]:
    def applied(like: Bounded, *, shape: Any = None) -> Bounded:
        return Bounded(np.full(like.shape if shape is None else shape, value), like.arithmetic)

    return applied


def shape(x: Bounded) -> tuple[int, ...]:
    """np.shape."""
    return x.shape


def size(x: Bounded) -> int:
    """np.size of all of it."""
    return x.size


def dimensions(x: Bounded) -> int:
    """np.ndim."""
    return x.ndim


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: total,
    np.mean: mean,
    np.max: _extreme(np.max),
    np.min: _extreme(np.min),
    np.argmax: _argument_of_extreme(np.argmax),
    np.argmin: _argument_of_extreme(np.argmin),
    np.where: where,
    np.clip: clip,
    np.einsum: einsum,
    np.concatenate: _joined(np.concatenate),
    np.stack: _joined(np.stack),
    np.pad: pad,
    np.split: split,
    np.put_along_axis: put_along_axis,
    special.erf: erf,
    np.zeros_like: _filled(0.0),
    np.ones_like: _filled(1.0),
    np.shape: shape,
    np.size: size,
    np.ndim: dimensions,
    **{
        function: _moved(function)
        for function in (
            np.reshape,
            np.ravel,
            np.transpose,
            np.swapaxes,
            np.moveaxis,
            np.expand_dims,
            np.squeeze,
            np.broadcast_to,
            np.copy,
            np.flip,
            np.roll,
            np.repeat,
            np.tile,
            np.take,
            np.take_along_axis,
            np.diagonal,
            np.tril,
            np.triu,
            np.lib.stride_tricks.sliding_window_view,
        )
    },
}
"""By NumPy's function, as it hands them over, and by those that it lacks."""

Bounded.ufuncs = UFUNCS
Bounded.functions = FUNCTIONS
