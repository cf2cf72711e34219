"""Writes out one element in few steps: of a long sum the first and last terms, and of many steps the last ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.numerics.written.lines import ALL_TERMS, Writing
from harness.numerics.written.nodes import Constant, Element, Index, Input, Node, Picked, Summed

ENDS = 3
"""How many terms of a long sum are written out from its beginning, and how many from its end."""
MOST_STEPS = 24
"""After this many steps, what else has a name is given by its number."""

Kind = Literal["is", "sum", "max", "min", "given"]


@dataclass(frozen=True)
class ShortStep:
    """One line of the arithmetic, without its numbers."""

    what: str
    kind: Kind
    formulas: tuple[str, ...] = ()
    """One, or of a sum or a maximum one for each term that is shown."""
    count: int = 0
    """Of a long sum or maximum: how many terms it has."""
    number: Element | None = None
    """What the page has to be given the number of."""


@dataclass
class Leaves:
    """The elements of recorded arrays that formulas read."""

    indices: dict[str, set[Index]] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(self, element: Element) -> None:
        """Note an element of an input."""
        assert isinstance(element.node, Input)
        self.shapes[element.node.name] = element.node.value.shape
        self.indices.setdefault(element.node.name, set()).add(element.index)


class ShortWriting(Writing):
    """The steps of one element, as `short`; `leaves` collects what they read."""

    def __init__(
        self, root: Element, node: Node, title: str, dtype: str, names: Mapping[Node, str], read: Leaves
    ) -> None:
        self.short: list[ShortStep] = []
        self._read = read
        self._root = root
        super().__init__(root, node, title, dtype, names=names)
        if isinstance(root.node, Input | Constant):
            self.short.append(ShortStep(title, "is", (self._label_of_leaf(root),)))

    def _visit(self, element: Element, *, is_given: bool = False) -> None:
        """Write the steps of an element; if it `is_given`, what has a name is given by its number."""
        if element in self._seen:
            return
        self._seen.add(element)
        if isinstance(element.node, Input | Constant):
            if isinstance(element.node, Input):
                self._read.add(element)
            return
        is_given = (is_given or len(self.short) >= MOST_STEPS) and element != self._root
        what = self._label(element)
        if is_given and what is not None:
            self.short.append(ShortStep(what, "given", number=element))
            return
        if isinstance(element.node, Summed | Picked):
            self._write_terms(element, what or "")
            return
        for operand in element.operands:
            self._visit(operand, is_given=is_given)
        if what is not None:
            self.short.append(ShortStep(what, "is", (self.formula(element),)))

    def _write_terms(self, element: Element, what: str) -> None:
        count = len(element.node.positions(element.index)[0])  # type: ignore[attr-defined]
        is_long = count > ALL_TERMS
        places = [*range(ENDS), *range(count - ENDS, count)] if is_long else range(count)
        terms = [element.term(k) for k in places]
        for number, factors in enumerate(terms):
            for factor in factors:
                # The first term shows how the others are computed, too.
                self._visit(factor, is_given=number > 0)
        kind: Kind = "sum" if isinstance(element.node, Summed) else element.node.name  # type: ignore[attr-defined]
        formulas = tuple(self._product(factors, numbers=False) for factors in terms)
        self.short.append(ShortStep(what, kind, formulas, count if is_long else 0, element if is_long else None))
