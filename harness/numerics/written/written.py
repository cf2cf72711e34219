"""An array that remembers how it was computed, so that any of its elements can be written out with numbers.

A `Written` takes part in a hand-written op as NumPy arrays do. It computes in float64 and keeps one node per operation
on whole arrays: the operation and its operands (nodes.py). `element(index)` leads back through the nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from backends import special
from backends.contract import Array
from harness.numerics.dispatched import Contraction, Dispatched, plain_index
from harness.numerics.dispatched_functions import FUNCTIONS, filling
from harness.numerics.written.comparisons import Comparison
from harness.numerics.written.nodes import Constant, Element, Elementwise, Index, Moved, Node, Unwritten, element
from harness.numerics.written.sums import accumulated, accumulated_at, einsum, extreme, matmul, total

REDUCTIONS = {np.add: np.sum, np.maximum: np.max, np.minimum: np.min}
"""The functions that equal a ufunc's `reduce`."""


def variance(x: Any, axis: Any = None, *, ddof: int = 0, keepdims: bool = False) -> Any:
    """np.var: the sum of the squared distances from the mean, divided by the number of terms less ddof."""
    apart = x - np.mean(x, axis, keepdims=True)
    summed = np.sum(apart * apart, axis, keepdims=keepdims)
    return summed / (x.size // max(summed.size, 1) - ddof)


def deviation(x: Any, axis: Any = None, *, ddof: int = 0, keepdims: bool = False) -> Any:
    """np.std."""
    return np.sqrt(variance(x, axis, ddof=ddof, keepdims=keepdims))


def outer(x: Any, y: Any) -> Any:
    """np.outer."""
    return np.einsum("i,j->ij", np.ravel(x), np.ravel(y))


def dot(x: Any, y: Any) -> Any:
    """np.dot of vectors and matrices."""
    if min(np.ndim(x), np.ndim(y)) == 0 or np.ndim(y) > 2:
        raise Unwritten("np.dot of other than vectors and matrices can't be written out; use @")
    return x @ y


class Written(Dispatched):
    """An array to pass to an op in place of a NumPy array of the run's dtype."""

    __slots__ = ("_dtype", "node")

    functions: ClassVar[Mapping[Any, Callable[..., Any]]] = {
        **FUNCTIONS,
        np.var: variance,
        np.std: deviation,
        np.outer: outer,
        np.dot: dot,
        np.full_like: filling(np.full_like),
        np.empty_like: filling(np.zeros_like),
        special.erf: lambda x: x.applied(special.erf, [x]),
    }
    refusal = Unwritten
    unable = "can't be written out"
    carried = "how it was computed"

    def __init__(self, node: Node, dtype: Any) -> None:
        self.node = node
        self._dtype = np.dtype(dtype)

    def like(self, node: Node) -> Written:
        """Another array of the same computation."""
        return Written(node, self._dtype)

    def element(self, index: Index) -> Element:
        """How one element was computed."""
        return element(self.node, index)

    @property
    def value(self) -> Array:
        """All elements; real numbers are in float64."""
        return self.node.value

    @property
    def dtype(self) -> np.dtype[Any]:
        """The run's dtype for real numbers, although they are computed in float64."""
        return self._dtype if self.node.value.dtype.kind == "f" else self.node.value.dtype

    def applied(self, function: Callable[..., Any], operands: Iterable[Any]) -> Written:
        """A function element by element, under its own name."""
        return self.like(Elementwise(function.__name__, function, [node_of(x) for x in operands]))

    def computed(self, ufunc: np.ufunc, method: str, inputs: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        """Any ufunc with one result; `reduce` and `at` if they sum, or pick the largest or smallest."""
        match method:
            case "__call__" if ufunc is np.matmul:
                return self.like(matmul(*[node_of(x) for x in inputs]))
            case "__call__" if ufunc.signature is None and ufunc.nout == 1:
                return self.applied(ufunc, inputs)
            case "at" if ufunc in (np.add, np.subtract):
                target, indices, values = inputs
                return self.like(accumulated_at(ufunc, node_of(target), plain_index(indices), node_of(values)))
            case "reduce" if ufunc in REDUCTIONS:
                return REDUCTIONS[ufunc](*inputs, **{"axis": 0, **settings})  # type: ignore[operator]
            case _:
                return NotImplemented

    def become(self, other: Written) -> None:
        """Replace the node."""
        self.node = other.node

    def constant(self, array: Array) -> Written:
        """Numbers in the source."""
        return self.like(Constant(array))

    def astype(self, dtype: Any, **_: Any) -> Written:
        """As np.ndarray's. A conversion is shown as a function; in the run's dtype, numbers stay in float64."""
        target = np.dtype(dtype)
        if target == self.dtype:
            return self
        kept = np.float64 if target == self._dtype else target
        return self.like(Elementwise(target.name, lambda array: array.astype(kept), [self.node]))

    def moved(self, move: Callable[[Array], Array]) -> Written:
        """The moved elements, each of which leads back to where it was."""
        return self.like(Moved(move, [self.node]))

    def joined(self, join: Callable[[Sequence[Array]], Array], arrays: Iterable[Any]) -> Written:
        """The elements of all arrays, each of which leads back to its own."""
        return self.like(Moved(lambda *parts: join(parts), [node_of(array) for array in arrays]))

    def padded(self, pad_width: Any, value: Any) -> Written:
        """The elements inside a border of constants."""
        fill = partial(np.pad, pad_width=pad_width, constant_values=value)
        return self.like(Moved(fill, [self.node], move=lambda array: np.pad(array, pad_width)))

    def summed(self, axis: Any, keepdims: bool) -> Written:
        """Sums that remember their terms."""
        return self.like(total(self.node, axis, keepdims))

    def accumulated(self, axis: int) -> Written:
        """Sums so far that remember their terms."""
        return self.like(accumulated(self.node, axis))

    def extreme(self, pick: Callable[..., Array], axis: Any, keepdims: bool) -> Written:
        """The largest or smallest elements, which remember what they were chosen from."""
        return self.like(extreme(pick, self.node, axis, keepdims))

    def selected(self, condition: Any, x: Any, y: Any) -> Written:
        """np.where, a function element by element."""
        return self.applied(np.where, [condition, x, y])

    def contracted(self, contraction: Contraction, operands: Sequence[Any]) -> Written:
        """np.einsum, as sums of products that remember their factors."""
        return self.like(einsum(contraction, [node_of(x) for x in operands]))

    def __setitem__(self, key: Any, value: Any) -> None:
        index = plain_index(key)

        def assign(array: Array, values: Array) -> Array:
            changed = array.copy()
            changed[index] = values
            return changed

        self.node = Moved(assign, [self.node, node_of(value)])

    def __array__(self, *arguments: Any, **settings: Any) -> Array:
        return super().__array__(*arguments, **settings) if self.value.dtype.kind == "f" else self.value

    def __repr__(self) -> str:
        return f"Written({self.value!r})"

    def __bool__(self) -> bool:
        return bool(self.value)


def node_of(value: Any) -> Node:
    """The node of an operand, which may be plain numbers in the source."""
    known = value.node if isinstance(value, Written | Comparison) else None
    return Constant(value) if known is None else known
