"""Sums and extremes that remember their terms: which elements of which arrays each element is made of."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from backends.contract import Array
from harness.numerics.dispatched import Contraction
from harness.numerics.written.nodes import Elementwise, Index, Node, Picked, Positions, Summed, Unwritten


def total(x: Node, axis: Any, keepdims: bool) -> Node:
    """np.sum."""
    return Summed(partial(np.sum, axis=axis, keepdims=keepdims), [x], _along(x, axis, keepdims))


def accumulated(x: Node, axis: int) -> Node:
    """np.cumsum along an axis."""

    def positions(index: Index) -> tuple[Array, ...]:
        places = np.arange(index[axis] + 1)
        return (_flat((*index[:axis], places, *index[axis + 1 :]), x),)

    return Summed(partial(np.cumsum, axis=axis), [x], positions)


def extreme(pick: Callable[..., Array], x: Node, axis: Any, keepdims: bool) -> Node:
    """np.max or np.min."""
    function = partial(pick, axis=axis, keepdims=keepdims)
    return Picked(pick.__name__.removeprefix("a"), function, x, _along(x, axis, keepdims))


def _along(x: Node, axis: Any, keepdims: bool) -> Positions:
    """The positions of what a reduction combines."""
    dimensions = x.value.ndim
    axes = range(dimensions) if axis is None else np.atleast_1d(axis)
    reduced = {int(number) % max(dimensions, 1) for number in axes}

    def positions(index: Index) -> tuple[Array, ...]:
        kept = iter([i for number, i in enumerate(index) if number not in reduced] if keepdims else index)
        ranges = [np.arange(n) if number in reduced else [next(kept)] for number, n in enumerate(x.value.shape)]
        return (_flat(np.ix_(*ranges) if ranges else (), x),)

    return positions


def matmul(left: Node, right: Node) -> Node:
    """np.matmul."""

    def positions(index: Index) -> tuple[Array, ...]:
        stack = list(index)
        column = (stack.pop(),) if right.value.ndim > 1 else ()
        row = (stack.pop(),) if left.value.ndim > 1 else ()
        inner = np.arange(left.value.shape[-1])
        return (
            _flat((*_index_in_stack(stack, left), *row, inner), left),
            _flat((*_index_in_stack(stack, right), inner, *column), right),
        )

    return Summed(np.matmul, [left, right], positions)


def _index_in_stack(index: Sequence[int], factor: Node) -> list[int]:
    """The index of a matrix in a stack of them that may have been broadcast."""
    lengths = factor.value.shape[:-2]
    return [0 if n == 1 else i for n, i in zip(lengths, index[len(index) - len(lengths) :], strict=True)]


def einsum(contraction: Contraction, factors: Sequence[Node]) -> Node:
    """np.einsum."""
    subscripts, inputs, output, lengths = contraction
    if output is None:
        raise Unwritten("np.einsum without `->` can't be written out")
    inner = [letter for letter in lengths if letter not in output]

    def positions(index: Index) -> tuple[Array, ...]:
        runs = np.meshgrid(*[np.arange(lengths[letter]) for letter in inner], indexing="ij") or [np.zeros(1, np.intp)]
        indices: dict[str, Any] = dict(zip(output, index, strict=True)) | dict(zip(inner, runs, strict=False))
        zeros = np.zeros(runs[0].shape, dtype=np.intp)  # broadcasts a factor in which nothing is summed over
        return tuple(
            _flat(tuple(indices[letter] + zeros for letter in letters), factor) if letters else zeros.ravel()
            for letters, factor in zip(inputs, factors, strict=True)
        )

    return Summed(partial(np.einsum, subscripts), factors, positions)


def accumulated_at(combine: np.ufunc, target: Node, key: Any, values: Node) -> Node:
    """What np.add.at or np.subtract.at makes of its target: it and the sum of the values that go to each element."""
    shape = target.value.shape
    places = np.arange(target.value.size).reshape(shape)[key]
    sources = np.broadcast_to(np.arange(values.value.size).reshape(values.value.shape), places.shape)

    def add(terms: Array) -> Array:
        sums = np.zeros(shape)
        np.add.at(sums, key, terms)
        return sums

    def positions(index: Index) -> tuple[Array, ...]:
        return (sources[places == (np.ravel_multi_index(index, shape) if index else 0)].ravel(),)

    return Elementwise(combine.__name__, combine, [target, Summed(add, [values], positions)])


def _flat(index: tuple[Any, ...], node: Node) -> Array:
    """The flat positions of an index made of numbers and arrays, in row-major order."""
    if not index:
        return np.zeros(1, dtype=np.intp)
    positions: Array = np.ravel(np.ravel_multi_index(tuple(np.broadcast_arrays(*index)), node.value.shape))
    return positions
