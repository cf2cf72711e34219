"""What a computation on whole arrays remembers: one node per operation, and its elements, which lead back through them.

A node holds an array and its operands' nodes. An `Element` is one element of it and finds its operands on demand: an
index is mapped back through broadcasting, sums and products; an operation that only moves elements is replayed on an
array of positions.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import FrameType
from typing import Any

import numpy as np

from backends.contract import Array

Index = tuple[int, ...]
Positions = Callable[[Index], tuple[Array, ...]]
"""For an element's index: the flat positions, in each operand, of what is summed or chosen from."""


class Unwritten(TypeError):
    """A NumPy function whose result can't be written out element by element."""


def _arithmetic(sign: str, operate: Callable[[Any, Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """An operator of settings and numbers, and the same with its operands swapped; arrays compute by themselves."""

    def composed(x: Any, y: Any) -> Any:
        if not all(isinstance(value, int | float) for value in (x, y)):
            return NotImplemented
        names = [value.name if isinstance(value, Setting) else f"{value!r}" for value in (x, y)]
        changes = any(isinstance(value, Setting) and value.changes for value in (x, y))
        return Setting(f"({names[0]} {sign} {names[1]})", operate(float(x), float(y)), changes=changes)

    return composed, lambda y, x: composed(x, y)


class Setting(float):
    """A number of the scenario's that keeps its name, such as lr; arithmetic makes `(1 - momentum)` of it.

    A comparison is 1 or 0. One of a number that changes from update to update, such as the update's own, can't be
    branched on: what is written down for one update has to hold for every other.
    """

    name: str
    changes: bool

    def __new__(cls, name: str, value: float, *, changes: bool = False) -> Setting:
        """Name a number."""
        made = super().__new__(cls, value)
        made.name = name
        made.changes = changes
        return made

    __add__, __radd__ = _arithmetic("+", operator.add)
    __sub__, __rsub__ = _arithmetic("-", operator.sub)
    __mul__, __rmul__ = _arithmetic("·", operator.mul)
    __truediv__, __rtruediv__ = _arithmetic("/", operator.truediv)
    __pow__, __rpow__ = _arithmetic("**", operator.pow)
    __lt__, __gt__ = _arithmetic("<", operator.lt)[0], _arithmetic(">", operator.gt)[0]
    __le__, __ge__ = _arithmetic("<=", operator.le)[0], _arithmetic(">=", operator.ge)[0]

    def __bool__(self) -> bool:
        if self.changes:
            raise Unwritten("how it is computed depends on the number of the update")
        return float(self) != 0


class Node:
    """An array, and where in the source it was computed. Its type says how."""

    def __init__(self, value: Any, operands: Sequence[Node] = ()) -> None:
        array = np.asarray(value)
        self.value = array.astype(np.float64, copy=False) if array.dtype.kind == "f" else array
        self.operands = tuple(operands)
        self.frame, self.line = _caller()


class Input(Node):
    """A recorded array."""

    def __init__(self, name: str, value: Any) -> None:
        super().__init__(value)
        self.name = name


class Constant(Node):
    """A number in the source, or a setting, which has a name."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.name = value.name if isinstance(value, Setting) else None


class Computed(Node):
    """A function of other nodes, which makes the whole array and can be called with other arrays of their shapes."""

    def __init__(self, function: Callable[..., Array], operands: Sequence[Node]) -> None:
        super().__init__(function(*(operand.value for operand in operands)), operands)
        self.function = function


class Elementwise(Computed):
    """A function of its operands, which are broadcast, element by element; `where` is one."""

    def __init__(self, name: str, function: Callable[..., Array], operands: Sequence[Node]) -> None:
        super().__init__(function, operands)
        self.name = name


class Moved(Computed):
    """Elements of its operands in other places; `move` fills in 0 where the function fills in something else."""

    def __init__(
        self, function: Callable[..., Array], operands: Sequence[Node], move: Callable[..., Array] | None = None
    ) -> None:
        super().__init__(function, operands)
        self._move = move or function

    @cached_property
    def _places(self) -> Array:
        """Where each element was among those of all operands, counted from 1; 0 for what `move` filled in."""
        numbered, start = [], 1
        for operand in self.operands:
            numbered.append(np.arange(start, start + operand.value.size).reshape(operand.value.shape))
            start += operand.value.size
        return self._move(*numbered)

    def source(self, index: Index) -> tuple[Node, Index]:
        """The operand that an element came from, and its index there."""
        place = int(self._places[index]) - 1
        for operand in self.operands if place >= 0 else ():
            if place < operand.value.size:
                return operand, unraveled(place, operand.value.shape)
            place -= operand.value.size
        return Constant(self.value[index]), ()


class Summed(Computed):
    """A sum for each element, whose terms are elements of one operand or products of elements of several."""

    def __init__(self, function: Callable[..., Array], operands: Sequence[Node], positions: Positions) -> None:
        super().__init__(function, operands)
        self.positions = positions


class Picked(Computed):
    """The largest or smallest of several elements of its operand, as `name` says."""

    def __init__(self, name: str, function: Callable[..., Array], operand: Node, positions: Positions) -> None:
        super().__init__(function, [operand])
        self.name = name
        self.positions = positions


@dataclass(frozen=True)
class Element:
    """One element of a node that is not `Moved`: `element` goes through those."""

    node: Node
    index: Index

    @property
    def value(self) -> float:
        """In float64; true or false for a comparison."""
        return self.node.value[self.index].item()  # type: ignore[no-any-return]

    @property
    def operands(self) -> tuple[Element, ...]:
        """What a function was applied to. Sums have `terms` instead; inputs and numbers have neither."""
        if not isinstance(self.node, Elementwise):
            return ()
        return tuple(element(operand, _broadcast_from(self.index, operand)) for operand in self.node.operands)

    @property
    def terms(self) -> Array:
        """The values of a sum's terms, or of the elements chosen from."""
        assert isinstance(self.node, Summed | Picked)
        values = np.ones(())
        for factor, positions in zip(self.node.operands, self.node.positions(self.index), strict=True):
            values = values * factor.value[np.unravel_index(positions, factor.value.shape)]
        return values

    def term(self, k: int) -> tuple[Element, ...]:
        """The factors of a sum's k-th term."""
        assert isinstance(self.node, Summed | Picked)
        return tuple(
            element(factor, unraveled(int(positions[k]), factor.value.shape))
            for factor, positions in zip(self.node.operands, self.node.positions(self.index), strict=True)
        )


def element(node: Node, index: Index) -> Element:
    """The element of a node, traced back through all operations that only moved it."""
    while isinstance(node, Moved):
        node, index = node.source(index)
    return Element(node, index)


def unraveled(position: int, shape: tuple[int, ...]) -> Index:
    """A flat position as an index of plain integers."""
    return tuple(int(i) for i in np.unravel_index(position, shape))


def _broadcast_from(index: Index, operand: Node) -> Index:
    """The index in an operand that was broadcast to the element with this index."""
    shape = operand.value.shape
    return tuple(0 if size == 1 else i for size, i in zip(shape, index[len(index) - len(shape) :], strict=True))


def _caller() -> tuple[FrameType | None, int]:
    """The op's frame and line: the innermost that are not NumPy's or this folder's; none if the harness computes."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not module.startswith(("numpy.", "harness.numerics.")):
            return (None, 0) if module.startswith("harness.") else (frame, frame.f_lineno)
        frame = frame.f_back
    return None, 0
