"""The element to explain, and the names of the steps that compute it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain

import numpy as np

from backends.contract import Array
from harness.explaining.causes import Case, Cause, Rank
from harness.explaining.computation import Change, Computation, Make
from harness.explaining.observation import Observation
from harness.explaining.uses import NamedUse, counts
from harness.numerics.written.lines import Writing, with_index
from harness.numerics.written.nodes import Constant, Element, Index, Moved, Node, Picked, Summed, element

MOST_TERMS = 16
"""Of a long sum, only this many of the largest terms are followed to the operations before it."""


class WrongElement:
    """One wrong element of a tensor, its computation, and the names of both."""

    def __init__(
        self,
        tensor: str,
        index: Index,
        computed_by: Node,
        uses: Sequence[NamedUse],
        writing: Writing,
        observation: Observation,
    ) -> None:
        self.tensor = tensor
        self.index = index
        self.computation = Computation(computed_by)
        self.counts = counts(uses)
        self.writing = writing
        self.observation = observation
        self._root = element(computed_by, index)

    @cached_property
    def elements(self) -> dict[Node, Element]:
        """For every operation that led to the wrong element, nearest first: the element of its result that did."""
        elements: dict[Node, Element] = {}
        waiting = [self._root]
        while waiting:
            step = waiting.pop(0)
            # The fill value of a padded array is not an operation.
            if step.node not in elements and step.node in self.computation.users:
                elements[step.node] = step
                waiting += step.operands or self._factors(step)
        return elements

    def _factors(self, step: Element) -> Iterator[Element]:
        if not isinstance(step.node, Summed | Picked):
            return iter(())
        largest = np.argsort(-np.abs(step.terms), kind="stable")[:MOST_TERMS]
        return chain.from_iterable(step.term(int(k)) for k in largest)

    def cause(self, rank: Rank, description: str, node: Node, make: Make, among: int = 0) -> Cause:
        """The cause that one operation has a changed result; it is one `among` so many of its kind."""
        change = Change(node, make)

        def predict(case: Case) -> Array | None:
            try:
                return self.computation.result(change, case.values)
            except ValueError:  # incompatible shapes
                return None

        return Cause(rank, description, predict, among)

    def is_result(self, step: Element) -> bool:
        """Whether a step is the wrong element itself."""
        return step == self._root

    def got(self, step: Element, phrase: str) -> str:
        """`got is …`, or `got comes out if h is …` for a step before the result."""
        return f"got is {phrase}" if self.is_result(step) else f"got comes out if {self.writing.name(step)} is {phrase}"

    def valued(self, step: Element) -> str:
        """`h[0, 1] = 0.5`."""
        text, value = self.writing.name(step), self.writing.shown(step.value)
        return text if text == value else f"{text} = {value}"

    def holds(self, condition: Element) -> str:
        """`h[0, 1] > 0, 0.5 > 0, is true`; without a formula where the condition has none."""
        has_formula = not isinstance(condition.node, Constant)
        text = (
            f"{self.writing.formula(condition)}, {self.writing.numbers(condition)}," if has_formula else "what chooses"
        )
        return f"{text} is {'true' if condition.value else 'false'}"

    def array_name(self, node: Node) -> str | None:
        """The name of an array; if its elements were only moved, the name of the array that they come from."""
        while isinstance(node, Moved) and node not in self.computation.names:
            node = node.operands[0]
        return self.computation.names.get(node)

    def place(self, index: Index) -> str:
        """The name of an element of the tensor."""
        return with_index(self.tensor, index)
