"""Comparisons of recorded whole numbers, such as masks and lengths, which remember what was compared with what.

Ops index and count with whole numbers, which takes plain arrays, so these are no `Written`: they are arrays like any
others, and only what a comparison of them gives has a node, for where it chooses between numbers that are written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from backends.contract import Array
from harness.numerics.written.nodes import Constant, Elementwise, Input, Moved, Node

COMPARISONS = {np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal}


class Comparison(np.ndarray[Any, np.dtype[np.bool_]]):
    """Truth values that know how they were computed."""

    _node: Node | None = None

    @classmethod
    def of(cls, node: Node) -> Self:
        """What a node computes."""
        made = np.array(node.value).view(cls)
        made._node = node
        return made

    @property
    def node(self) -> Node | None:
        """How they were computed; None where something else was made of them, or written into them."""
        return self._node if self._node is not None and np.array_equal(self, self._node.value) else None

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        if self._node is not None and isinstance(part, Comparison):
            part._node = Moved(lambda array: array[key], [self._node])
        return part


class Recorded(np.ndarray[Any, np.dtype[Any]]):
    """A recorded array of whole numbers, with its `node`, which is lost where something else is made of it."""

    node: Node | None = None

    @classmethod
    def of(cls, name: str, array: Array) -> Self:
        """The array under the name that results have for it."""
        made = array.view(cls)
        made.node = Input(name, array)
        return made

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        targets = settings.get("out", ())
        if not all(isinstance(x, np.ndarray | np.generic | int | float | None) for x in (*inputs, *targets)):
            return NotImplemented
        plain = _plain(inputs)
        if targets:
            settings["out"] = _plain(targets)
        if method != "__call__" or settings or ufunc not in COMPARISONS:
            return getattr(ufunc, method)(*plain, **settings)
        nodes = [getattr(x, "node", None) or Constant(each) for x, each in zip(inputs, plain, strict=True)]
        return Comparison.of(Elementwise(ufunc.__name__, ufunc, nodes))


def _plain(arrays: Sequence[Any]) -> tuple[Any, ...]:
    """The same without what a subclass adds to an array, whose memory they share."""
    return tuple(x.view(np.ndarray) if isinstance(x, np.ndarray) else x for x in arrays)
