"""How the results of NumPy's functions are written out: products, sums, selections, and what only moves elements."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from backends import special
from backends.contract import Array
from harness.numerics.written import Written, node_of, plain_key
from harness.numerics.written_nodes import Elementwise, Index, Moved, Node, Picked, Positions, Summed, Unwritten

PADDING = ("constant", "edge", "reflect", "symmetric", "wrap")
"""Modes of np.pad that compute nothing."""


def _first(values: Sequence[Any]) -> Written:
    """The array that says what the computation is; one of the operands is."""
    return next(value for value in values if isinstance(value, Written))


def _apply(function: Any, *values: Any) -> Written:
    """A function element by element, under its own name."""
    return _first(values).like(Elementwise(function.__name__, function, [node_of(value) for value in values]))


def _matmul(like: Written, x: Any, y: Any) -> Written:
    left, right = node_of(x), node_of(y)

    def positions(index: Index) -> tuple[Array, ...]:
        batch = list(index)
        column = (batch.pop(),) if right.value.ndim > 1 else ()
        row = (batch.pop(),) if left.value.ndim > 1 else ()
        inner = np.arange(left.value.shape[-1])
        return (
            _flat((*_batch_of(batch, left), *row, inner), left),
            _flat((*_batch_of(batch, right), inner, *column), right),
        )

    return like.like(Summed(np.matmul, [left, right], positions))


def _batch_of(batch: Sequence[int], factor: Node) -> list[int]:
    """The index of a matrix in a stack that may have been broadcast."""
    sizes = factor.value.shape[:-2]
    return [0 if size == 1 else i for size, i in zip(sizes, batch[len(batch) - len(sizes) :], strict=True)]


def _flat(index: tuple[Any, ...], node: Node) -> Array:
    """The flat positions of an index made of numbers and arrays, in row-major order."""
    if not index:
        return np.zeros(1, dtype=np.intp)
    positions: Array = np.ravel(np.ravel_multi_index(tuple(np.broadcast_arrays(*index)), node.value.shape))
    return positions


def _over_axes(node: Node, axis: Any, keepdims: bool) -> Positions:
    """The positions of what a reduction takes together."""
    dimensions = node.value.ndim
    given = range(dimensions) if axis is None else np.atleast_1d(axis)
    reduced = {int(number) % max(dimensions, 1) for number in given}

    def positions(index: Index) -> tuple[Array, ...]:
        kept = iter([i for number, i in enumerate(index) if number not in reduced] if keepdims else index)
        ranges = [np.arange(n) if number in reduced else [next(kept)] for number, n in enumerate(node.value.shape)]
        return (_flat(np.ix_(*ranges) if ranges else (), node),)

    return positions


def total(x: Written, axis: Any = None, *, keepdims: bool = False) -> Written:
    """np.sum."""
    return x.like(Summed(partial(np.sum, axis=axis, keepdims=keepdims), [x.node], _over_axes(x.node, axis, keepdims)))


def mean(x: Written, axis: Any = None, *, keepdims: bool = False) -> Written:
    """np.mean: the sum divided by the number of its terms."""
    summed = total(x, axis, keepdims=keepdims)
    return _apply(np.divide, summed, x.size // max(summed.size, 1))


def variance(x: Written, axis: Any = None, *, ddof: int = 0, keepdims: bool = False) -> Written:
    """np.var: the sum of the squared distances from the mean, divided by the number of terms less ddof."""
    apart = _apply(np.subtract, x, mean(x, axis, keepdims=True))
    summed = total(_apply(np.multiply, apart, apart), axis, keepdims=keepdims)
    return _apply(np.divide, summed, x.size // max(summed.size, 1) - ddof)


def deviation(x: Written, axis: Any = None, *, ddof: int = 0, keepdims: bool = False) -> Written:
    """np.std."""
    return _apply(np.sqrt, variance(x, axis, ddof=ddof, keepdims=keepdims))


def _extreme(function: Any) -> Callable[..., Written]:
    def applied(x: Written, axis: Any = None, *, keepdims: bool = False) -> Written:
        pick = partial(function, axis=axis, keepdims=keepdims)
        return x.like(Picked(function.__name__.removeprefix("a"), pick, x.node, _over_axes(x.node, axis, keepdims)))

    return applied


def _reduced(function: Callable[..., Written]) -> Callable[..., Written]:
    """A ufunc's `reduce`, whose axis is 0 where none is given."""

    def applied(_: Written, x: Written, axis: Any = 0, **settings: Any) -> Written:
        return function(x, axis, **settings)

    return applied


def where(condition: Any, x: Any, y: Any) -> Written:
    """np.where."""
    return _apply(np.where, condition, x, y)


def clip(x: Any, low: Any = None, high: Any = None) -> Written:
    """np.clip: not below, then not above."""
    x = x if low is None else _apply(np.maximum, x, low)
    return x if high is None else _apply(np.minimum, x, high)


def einsum(subscripts: str, *arrays: Any) -> Written:
    """np.einsum with its subscripts written with `->`."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    if not arrow or "." in subscripts:
        raise Unwritten("np.einsum without `->` or with dots can't be written out")
    factors, letters = [node_of(array) for array in arrays], inputs.split(",")
    lengths: dict[str, int] = {}
    for names, factor in zip(letters, factors, strict=True):
        lengths.update(zip(names, factor.value.shape, strict=True))
    inner = [letter for letter in lengths if letter not in output]

    def positions(index: Index) -> tuple[Array, ...]:
        runs = np.meshgrid(*[np.arange(lengths[letter]) for letter in inner], indexing="ij") or [np.zeros(1, np.intp)]
        known: dict[str, Any] = dict(zip(output, index, strict=True)) | dict(zip(inner, runs, strict=False))
        here = np.zeros(runs[0].shape, dtype=np.intp)  # broadcasts a factor in which nothing is summed over
        return tuple(
            _flat(tuple(known[name] + here for name in names), factor) if names else here.ravel()
            for names, factor in zip(letters, factors, strict=True)
        )

    return _first(arrays).like(Summed(partial(np.einsum, subscripts), factors, positions))


def outer(x: Any, y: Any) -> Written:
    """np.outer."""
    return einsum("i,j->ij", *(array.ravel() for array in (x, y)))


def dot(x: Any, y: Any) -> Written:
    """np.dot of vectors and matrices."""
    if min(np.ndim(x), np.ndim(y)) == 0 or np.ndim(y) > 2:
        raise Unwritten("np.dot of other than vectors and matrices can't be written out; use @")
    return _matmul(_first((x, y)), x, y)


def _add_at(sign: float) -> Callable[..., None]:
    def applied(_: Written, target: Written, indices: Any, values: Any) -> None:
        """np.add.at: what was there, and the sum of what goes to each element."""
        key, new = plain_key(indices), node_of(values)
        places = np.arange(target.size).reshape(target.shape)[key]
        sources = np.broadcast_to(np.arange(new.value.size).reshape(new.value.shape), places.shape)

        def add(terms: Array) -> Array:
            added = np.zeros(target.shape)
            np.add.at(added, key, terms)
            return added

        def positions(index: Index) -> tuple[Array, ...]:
            return (sources[places == np.ravel_multi_index(index, target.shape) if index else places == 0].ravel(),)

        combine = np.add if sign > 0 else np.subtract
        target.node = Elementwise(combine.__name__, combine, [target.node, Summed(add, [new], positions)])

    return applied


def _moved(function: Any) -> Callable[..., Written]:
    """A function that only moves, repeats or leaves out elements of its first argument."""

    def applied(x: Written, *arguments: Any, **settings: Any) -> Written:
        arguments = plain_key(arguments)
        settings = {name: plain_key(value) for name, value in settings.items()}

        def move(array: Array) -> Array:
            return function(array, *arguments, **settings)  # type: ignore[no-any-return]

        return x.like(Moved(move, [x.node]))

    return applied


def _joined(function: Any) -> Callable[..., Written]:
    """A function that puts several arrays together."""

    def applied(arrays: Sequence[Any], *arguments: Any, **settings: Any) -> Written:
        parts = [node_of(array) for array in arrays]

        def move(*pieces: Array) -> Array:
            return function(pieces, *arguments, **settings)  # type: ignore[no-any-return]

        return _first(arrays).like(Moved(move, parts))

    return applied


def _divided(function: Any) -> Callable[..., list[Written]]:
    """A function that takes an array apart."""

    def applied(x: Written, sections: Any, axis: int = 0) -> list[Written]:
        places = function(np.arange(x.shape[axis]), sections)
        return [_moved(np.take)(x, at, axis=axis) for at in places]

    return applied


def pad(x: Written, pad_width: Any, mode: str = "constant", constant_values: Any = 0, **settings: Any) -> Written:
    """np.pad in a mode that computes nothing."""
    if mode not in PADDING or settings:
        raise Unwritten(f"np.pad with mode {mode!r} and {', '.join(settings) or 'no settings'} can't be written out")
    move = partial(np.pad, pad_width=pad_width, mode=mode)
    fill = partial(move, constant_values=constant_values) if mode == "constant" else move
    return x.like(Moved(fill, [x.node], move))


def put_along_axis(x: Written, indices: Any, values: Any, axis: Any) -> None:
    """np.put_along_axis, which changes x."""
    at = plain_key(indices)

    def put(array: Array, pieces: Array) -> Array:
        changed = array.copy()
        np.put_along_axis(changed, at, pieces, axis)
        return changed

    x.node = Moved(put, [x.node, node_of(values)])


def _filled(function: Any) -> Callable[..., Written]:
    def applied(like: Written, *arguments: Any, shape: Any = None, dtype: Any = None) -> Written:
        return like.like(node_of(function(like.value, *arguments, shape=shape, dtype=dtype)))

    return applied


def _plain(function: Any) -> Callable[..., Any]:
    """A function that gives shapes, positions, or whether something holds: no number of the computation."""

    def applied(x: Any, *arguments: Any, **settings: Any) -> Any:
        return function(x.value, *arguments, **settings)

    return applied


MOVING = (
    *(np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.expand_dims, np.squeeze),
    *(np.broadcast_to, np.copy, np.flip, np.flipud, np.fliplr, np.rot90, np.roll, np.repeat, np.tile, np.resize),
    *(np.take, np.take_along_axis, np.diagonal, np.diag, np.tril, np.triu, np.compress, np.delete),
    *(np.atleast_1d, np.atleast_2d, np.lib.stride_tricks.sliding_window_view),
)
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: total,
    np.mean: mean,
    np.var: variance,
    np.std: deviation,
    np.max: _extreme(np.max),
    np.min: _extreme(np.min),
    np.where: where,
    special.erf: partial(_apply, special.erf),
    np.clip: clip,
    np.einsum: einsum,
    np.outer: outer,
    np.dot: dot,
    np.pad: pad,
    np.put_along_axis: put_along_axis,
    **{function: _moved(function) for function in MOVING},
    **{function: _joined(function) for function in (np.concatenate, np.stack, np.vstack, np.hstack)},
    **{function: _divided(function) for function in (np.split, np.array_split)},
    **{function: _filled(function) for function in (np.zeros_like, np.ones_like, np.full_like)},
    np.empty_like: _filled(np.zeros_like),
    **{
        function: _plain(function)
        for function in chain(
            (np.shape, np.size, np.ndim, np.argmax, np.argmin, np.argsort),
            (np.any, np.all, np.count_nonzero, np.nonzero, np.flatnonzero),
        )
    },
}
"""By NumPy's function, as it hands them over, and by those that it lacks."""

UFUNCS: dict[Any, Callable[..., Any]] = {
    (np.matmul, "__call__"): _matmul,
    (np.add, "at"): _add_at(1.0),
    (np.subtract, "at"): _add_at(-1.0),
    (np.add, "reduce"): _reduced(total),
    (np.maximum, "reduce"): _reduced(partial(FUNCTIONS[np.max])),
    (np.minimum, "reduce"): _reduced(partial(FUNCTIONS[np.min])),
}
"""By (ufunc, method), where it is not element by element."""

Written.functions = FUNCTIONS
Written.ufuncs = UFUNCS
