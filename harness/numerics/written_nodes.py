"""What a computation on whole arrays remembers: one node per operation, and the elements that lead back through them.

A node holds an array and its operands' nodes; an `Element` is one element of it, whose operands are found when they are
asked for. An index is mapped through broadcasting, sums and products; what only moves elements is applied to an array
of positions.
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
"""From an element's index to the flat positions, in each factor, of what is summed or chosen from for it."""


class Unwritten(TypeError):
    """A NumPy function whose result can't be written out element by element."""


class Setting(float):
    """A number of the scenario's that keeps its name, as lr; arithmetic makes `(1 - momentum)` of it."""

    def __new__(cls, name: str, value: float) -> Setting:
        """Name a number."""
        made = super().__new__(cls, value)
        made.name = name
        return made

    name: str

    def __add__(self, other: Any) -> Any:
        return _composed("+", self, other)

    def __radd__(self, other: Any) -> Any:
        return _composed("+", other, self)

    def __sub__(self, other: Any) -> Any:
        return _composed("-", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _composed("-", other, self)

    def __mul__(self, other: Any) -> Any:
        return _composed("·", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _composed("·", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _composed("/", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _composed("/", other, self)

    def __pow__(self, other: Any, _: None = None) -> Any:
        return _composed("**", self, other)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "·": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}


def _composed(sign: str, x: Any, y: Any) -> Any:
    """Arithmetic of a setting with a number, which is a setting with a longer name; arrays do their own."""
    if not all(isinstance(value, int | float) for value in (x, y)):
        return NotImplemented
    value = _OPERATORS[sign](float(x), float(y))
    names = [value.name if isinstance(value, Setting) else f"{value!r}" for value in (x, y)]
    return Setting(f"({names[0]} {sign} {names[1]})", value)


class Node:
    """An array, and where in the source it was computed; what kind it is says how."""

    def __init__(self, value: Any) -> None:
        array = np.asarray(value)
        self.value = array.astype(np.float64, copy=False) if array.dtype.kind == "f" else array
        self.frame, self.line = _caller()

    @property
    def operands(self) -> Sequence[Node]:
        """The nodes that this one was computed from."""
        return ()


class Input(Node):
    """A recorded array."""

    def __init__(self, name: str, value: Any) -> None:
        super().__init__(value)
        self.name = name


class Constant(Node):
    """A number of the source's, or a setting, which has a name."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.name = value.name if isinstance(value, Setting) else None


class Computed(Node):
    """A function of other nodes, which makes the whole array and can be called with other arrays of their shapes."""

    def __init__(self, function: Callable[..., Array], operands: Sequence[Node]) -> None:
        super().__init__(function(*(operand.value for operand in operands)))
        self.function = function
        self._operands = tuple(operands)

    @property
    def operands(self) -> Sequence[Node]:
        """What it is a function of."""
        return self._operands


class Elementwise(Computed):
    """A function of its operands element by element, broadcast; `where` is one."""

    def __init__(self, name: str, function: Callable[..., Array], operands: Sequence[Node]) -> None:
        super().__init__(function, operands)
        self.name = name


class Moved(Computed):
    """Elements of its operands in other places; where it fills up with what is not 0, `move` does so with 0."""

    def __init__(
        self, function: Callable[..., Array], operands: Sequence[Node], move: Callable[..., Array] | None = None
    ) -> None:
        super().__init__(function, operands)
        self._move = move or function

    @cached_property
    def _places(self) -> Array:
        """For every element its place among those of all parts, from 1; 0 for a zero that filled up."""
        numbered, start = [], 1
        for part in self.operands:
            numbered.append(np.arange(start, start + part.value.size).reshape(part.value.shape))
            start += part.value.size
        return self._move(*numbered)

    def source(self, index: Index) -> tuple[Node, Index]:
        """The part that an element came from, and its index there."""
        place = int(self._places[index]) - 1
        for part in self.operands if place >= 0 else ():
            if place < part.value.size:
                return part, unraveled(place, part.value.shape)
            place -= part.value.size
        return Constant(self.value[index]), ()


class Summed(Computed):
    """A sum for each element, whose terms are elements of one operand or products of elements of several."""

    def __init__(self, function: Callable[..., Array], operands: Sequence[Node], positions: Positions) -> None:
        super().__init__(function, operands)
        self.positions = positions


class Picked(Computed):
    """The largest or smallest of several elements of its operand."""

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
        """In float64; of a comparison true or false."""
        return self.node.value[self.index].item()  # type: ignore[no-any-return]

    @property
    def operands(self) -> tuple[Element, ...]:
        """What a function was applied to; nothing for a sum, which has `terms`, and for inputs and numbers."""
        if not isinstance(self.node, Elementwise):
            return ()
        return tuple(element(operand, _broadcast_from(self.index, operand)) for operand in self.node.operands)

    @property
    def terms(self) -> Array:
        """The values of a sum's terms, or of what is chosen from."""
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
    """The element of a node, traced back through whatever only moved it."""
    while isinstance(node, Moved):
        node, index = node.source(index)
    return Element(node, index)


def unraveled(position: int, shape: tuple[int, ...]) -> Index:
    """A flat position as an index of plain integers."""
    return tuple(int(i) for i in np.unravel_index(position, shape))


def _broadcast_from(index: Index, operand: Node) -> Index:
    """The index in an operand that was broadcast to an element at `index`."""
    shape = operand.value.shape
    return tuple(0 if size == 1 else i for size, i in zip(shape, index[len(index) - len(shape) :], strict=True))


def _caller() -> tuple[FrameType | None, int]:
    """Where in the op we are: the innermost frame that is neither NumPy's nor of these modules; None outside of it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("harness.explaining"):
            break
        if not module.startswith(("numpy.", "harness.numerics.written")):
            return frame, frame.f_lineno
        frame = frame.f_back
    return None, 0
