"""The numbers that a page needs for its formulas beside the elements that it shows: other elements, and long sums."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backends.contract import Array
from harness.explaining.every_element.shortened import Leaves
from harness.numerics.written.lines import nodes_below
from harness.numerics.written.nodes import Computed, Element, Index, Input, Node

IsShown = Callable[[str, tuple[int, ...], Index], bool]
"""Whether a page keeps an element of a tensor of this shape anyway."""


@dataclass
class FurtherNumbers:
    """Which numbers these are; they are read, or computed, from all tensors of an update."""

    leaves: dict[str, list[int]] = field(default_factory=dict)
    """By tensor: the flat places of elements."""
    zeros: list[str] = field(default_factory=list)
    """Gradients that are 0 in every run and that no backend yields: those of outputs that the loss does not need."""
    integers: dict[str, Array] = field(default_factory=dict)
    """Labels and other whole numbers of the first update: formulas may depend on them."""
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Of all tensors of the first update; formulas hold for these alone."""
    _computed: dict[tuple[Node, Index], int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are of one update of one backend."""
        return sum(map(len, self.leaves.values())) + len(self._computed)

    def place_of(self, element: Element) -> int:
        """The place of a sum, or of another computed element, among the computed ones."""
        return self._computed.setdefault((element.node, element.index), len(self._computed))

    def read(self, leaves: Leaves, recorded: Collection[str], is_shown: IsShown) -> None:
        """Take in the elements that formulas read, that are `recorded` by backends, and that the page does not show."""
        for name, indices in leaves.indices.items():
            if name not in recorded:
                self.zeros.append(name)
                continue
            shape = leaves.shapes[name]
            hidden = sorted(index for index in indices if not is_shown(name, shape, index))
            if hidden:
                self.leaves[name] = [int(np.ravel_multi_index(index, shape)) if index else 0 for index in hidden]

    def fit(self, tensors: Mapping[str, Array]) -> bool:
        """Whether the formulas hold for an update; for one on fewer rows than the first they don't."""
        return all(tensors[name].shape == shape for name, shape in self.shapes.items() if name in tensors)

    def changed_integers(self, tensors: Mapping[str, Array]) -> list[str]:
        """The whole numbers of an update that are not those of the first one."""
        return [name for name, first in self.integers.items() if not np.array_equal(tensors[name], first)]

    def of(self, tensors: Mapping[str, Array]) -> tuple[list[Any], list[float]] | None:
        """Elements and computed numbers of an update, in order; None where a tensor is missing that they are from."""
        try:
            with np.errstate(all="ignore"):
                read = [np.asarray(tensors[name]).ravel()[places] for name, places in self.leaves.items()]
                return [value for values in read for value in values], self._values(tensors)
        except KeyError:
            return None

    def _values(self, tensors: Mapping[str, Array]) -> list[float]:
        values: dict[Node, Array] = {}
        for node in dict.fromkeys(node for node, _ in self._computed):
            for below in nodes_below(node):
                if below not in values:
                    values[below] = self._value(below, values, tensors)
        return [float(values[node][index]) for node, index in self._computed]

    def _value(self, node: Node, values: Mapping[Node, Array], tensors: Mapping[str, Array]) -> Array:
        if isinstance(node, Input) and node.name not in self.zeros:
            return np.asarray(tensors[node.name]).astype(np.float64)
        if isinstance(node, Computed):
            return np.asarray(node.function(*(values[operand] for operand in node.operands)))
        return node.value
