"""A computation that can be repeated with one operation changed, or on other inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backends.contract import Array
from harness.numerics.written.lines import local_names, nodes_below
from harness.numerics.written.nodes import Computed, Input, Node
from harness.numerics.written.written import Written

Values = Mapping[Node, Array]
"""The result of every operation of a computation."""

Make = Callable[[Values], Array]
"""Computes a changed result of an operation from the values that don't depend on it and its own correct value."""


ELEMENTS_PER_OPERATION = 300
"""What to call one of NumPy's functions costs, in elements."""


@dataclass(frozen=True)
class Change:
    """One operation with a changed result."""

    node: Node
    make: Make


class Computation:
    """The operations that compute a tensor, in order, and those whose results are named in the op's source."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.names = _names(root)
        """The names of the recorded arrays and of the local variables in the op's source."""
        self.nodes = list(dict.fromkeys(node for named in (root, *self.names) for node in nodes_below(named)))
        self.recorded: Values = {node: node.value for node in self.nodes}
        self.users: dict[Node, list[Computed]] = {node: [] for node in self.nodes}
        """The operations that read a node's result."""
        self.work = 0
        """The number of elements recomputed so far, and ELEMENTS_PER_OPERATION for each operation."""
        self._bits = {node: 1 << number for number, node in enumerate(self.nodes)}
        self._below: dict[Node, int] = {}
        """The bits of a node and of everything that it is computed from."""
        self._affected: dict[Node, list[Computed]] = {}
        for node in self.nodes:
            below = self._bits[node]
            for operand in dict.fromkeys(node.operands):
                below |= self._below[operand]
                if isinstance(node, Computed):
                    self.users[operand].append(node)
            self._below[node] = below

    def depends(self, node: Node, other: Node) -> bool:
        """Whether `node` is computed from `other` or is the same node."""
        return bool(self._below[node] & self._bits[other])

    def values(self, inputs: Mapping[str, Array]) -> Values:
        """The result of every operation on other inputs, given by name. Inputs left out stay as recorded."""
        values: dict[Node, Array] = {}
        for node in self.nodes:
            if isinstance(node, Computed):
                values[node] = node.function(*(values[operand] for operand in node.operands))
            else:
                values[node] = inputs.get(node.name, node.value) if isinstance(node, Input) else node.value
        return values

    def result(self, change: Change, values: Values) -> Array:
        """The tensor with one operation changed."""
        changed: dict[Node, Array] = {change.node: change.make(values)}
        for node in self._after(change.node):
            changed[node] = node.function(*(changed.get(operand, values[operand]) for operand in node.operands))
        self.work += sum(array.size for array in changed.values()) + ELEMENTS_PER_OPERATION * len(changed)
        return changed.get(self.root, values[self.root])

    def _after(self, node: Node) -> list[Computed]:
        """The operations that have to be repeated if a node's result changes, in order."""
        if node not in self._affected:
            self._affected[node] = [
                n for n in self.nodes if n is not node and isinstance(n, Computed) and self.depends(n, node)
            ]
        return self._affected[node]


def _names(root: Node) -> dict[Node, str]:
    """The named nodes in the source that computed the root, including those that the root does not depend on."""
    names = local_names(root)
    for node in nodes_below(root):
        local = node.frame.f_locals.values() if node.frame is not None else ()
        for named in (node, *(value.node for value in local if isinstance(value, Written))):
            if isinstance(named, Input):
                names[named] = named.name
    return names
