"""An array that remembers how it was computed, so that any one element can be written out with the numbers put in.

A `Written` rides through a hand-written op as NumPy arrays do (`__array_ufunc__`, `__array_function__`), computes in
float64, and keeps one node per operation: the operation and its operands, whole arrays, no object per element.
`element(index)` walks back through the nodes, which are in written_nodes.py. The rules for NumPy's functions are in
written_functions.py; what has none is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from backends.contract import Array
from harness.numerics.written_nodes import Constant, Element, Elementwise, Index, Moved, Node, Unwritten, element


def node_of(value: Any) -> Node:
    """What an operand is: a remembered array, or numbers that stand in the source."""
    return value.node if isinstance(value, Written) else Constant(value)


class Written(NDArrayOperatorsMixin):
    """An array to hand to an op in place of a NumPy array of the run's dtype."""

    __slots__ = ("_dtype", "node")

    functions: Mapping[Any, Callable[..., Any]] = {}
    ufuncs: Mapping[Any, Callable[..., Any]] = {}

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
        """All elements, in float64."""
        return self.node.value

    @property
    def shape(self) -> tuple[int, ...]:
        """As np.ndarray's."""
        return self.node.value.shape

    @property
    def ndim(self) -> int:
        """As np.ndarray's."""
        return self.node.value.ndim

    @property
    def size(self) -> int:
        """As np.ndarray's."""
        return self.node.value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The run's for real numbers, though they are computed in float64."""
        return self._dtype if self.node.value.dtype.kind == "f" else self.node.value.dtype

    @property
    def T(self) -> Written:  # noqa: N802  (NumPy's name)
        """As np.ndarray's."""
        return self.functions[np.transpose](self)  # type: ignore[no-any-return]

    def __len__(self) -> int:
        return len(self.node.value)

    def __repr__(self) -> str:
        return f"Written({self.node.value!r})"

    def __bool__(self) -> bool:
        return bool(self.node.value)

    def __float__(self) -> NoReturn:
        raise Unwritten("float() would lose how it was computed; keep the array")

    def __array__(self, *_: Any, **__: Any) -> Array:
        if self.node.value.dtype.kind == "f":
            raise Unwritten("NumPy would lose how it was computed here; make buffers with np.zeros_like, not np.zeros")
        return self.node.value

    def __getitem__(self, key: Any) -> Written:
        where = plain_key(key)
        return self.like(Moved(lambda array: array[where], [self.node]))

    def __setitem__(self, key: Any, value: Any) -> None:
        where = plain_key(key)

        def assign(array: Array, values: Array) -> Array:
            changed = array.copy()
            changed[where] = values
            return changed

        self.node = Moved(assign, [self.node, node_of(value)])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **settings: Any) -> Any:
        rule = self.ufuncs.get((ufunc, method))
        if rule is not None:
            result = rule(self, *inputs, **settings)
        elif method == "__call__" and ufunc.signature is None and ufunc.nout == 1 and not settings:
            result = self.like(Elementwise(ufunc.__name__, ufunc, [node_of(value) for value in inputs]))
        else:
            name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            given = f" with {', '.join(settings)}" if settings else ""
            raise Unwritten(f"np.{name}{given} can't be written out")
        if out is None:
            return result
        (target,) = out
        if not isinstance(target, Written) or target.shape != result.shape:
            raise Unwritten(f"np.{ufunc.__name__} with such an `out` can't be written out")
        target.node = result.node
        return target

    def __array_function__(self, function: Any, types: Any, arguments: Any, settings: Any) -> Any:
        rule = self.functions.get(function)
        if rule is None:
            raise Unwritten(f"np.{function.__name__} can't be written out")
        return rule(*arguments, **settings)

    def __getattr__(self, name: str) -> Any:
        """np.ndarray's methods that are functions of NumPy too."""
        if name.startswith("__"):
            raise AttributeError(name)
        function = getattr(np, name, None)
        if function not in self.functions or not hasattr(np.ndarray, name):
            raise Unwritten(f"an array's {name} can't be written out")
        return lambda *arguments, **settings: self.functions[function](self, *arguments, **settings)

    def reshape(self, *shape: Any, **settings: Any) -> Written:
        """As np.ndarray's, which takes the sizes one by one too."""
        return self.functions[np.reshape](self, shape[0] if len(shape) == 1 else shape, **settings)  # type: ignore[no-any-return]

    def transpose(self, *axes: Any) -> Written:
        """As np.ndarray's, which takes the axes one by one too."""
        return self.functions[np.transpose](self, *([axes] if len(axes) > 1 else axes))  # type: ignore[no-any-return]

    def astype(self, dtype: Any, **_: Any) -> Written:
        """To the run's dtype nothing happens; to another one numbers are rounded, which is shown as a function."""
        wanted = np.dtype(dtype)
        if wanted == self.dtype:
            return self
        kept = np.float64 if wanted == self._dtype else wanted
        return self.like(Elementwise(wanted.name, lambda array: array.astype(kept), [self.node]))


def plain_key(key: Any) -> Any:
    """An index without Written in it, and a copy of what may change later."""
    if isinstance(key, tuple):
        return tuple(plain_key(part) for part in key)
    if isinstance(key, Written):
        return key.value
    return key.copy() if isinstance(key, np.ndarray) else key
