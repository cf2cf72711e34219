"""A computation that can be done again with one of its operations changed, or from other inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backends.contract import Array
from harness.numerics.written import Written
from harness.numerics.written_lines import local_names, nodes_below
from harness.numerics.written_nodes import Computed, Input, Node

Values = Mapping[Node, Array]
"""What every operation of a computation makes."""

Make = Callable[[Values], Array]
"""What an operation makes instead, of the values that don't depend on it; its own is the right one."""


@dataclass(frozen=True)
class Change:
    """One operation that makes something else."""

    node: Node
    make: Make


class Computation:
    """The operations that make a tensor, in order, and those whose results had a name in the source there."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.names = _names(root)
        """The recorded arrays, and what the source calls what it computed."""
        self.nodes = list(dict.fromkeys(node for named in (root, *self.names) for node in nodes_below(named)))
        self.recorded: Values = {node: node.value for node in self.nodes}
        self.users: dict[Node, list[Computed]] = {node: [] for node in self.nodes}
        """The operations that take what a node makes."""
        self.work = 0
        """How many elements have been computed again so far."""
        self._bits = {node: 1 << number for number, node in enumerate(self.nodes)}
        self._below: dict[Node, int] = {}
        """The bits of what a node is computed from, and its own."""
        self._affected: dict[Node, list[Computed]] = {}
        for node in self.nodes:
            below = self._bits[node]
            for operand in dict.fromkeys(node.operands):
                below |= self._below[operand]
                if isinstance(node, Computed):
                    self.users[operand].append(node)
            self._below[node] = below

    def depends(self, node: Node, other: Node) -> bool:
        """Whether `node` is computed from `other`, or is it."""
        return bool(self._below[node] & self._bits[other])

    def values(self, inputs: Mapping[str, Array]) -> Values:
        """What every operation makes of other inputs, by name; an input that is not given stays as it was recorded."""
        values: dict[Node, Array] = {}
        for node in self.nodes:
            if isinstance(node, Computed):
                values[node] = node.function(*(values[operand] for operand in node.operands))
            else:
                values[node] = inputs.get(node.name, node.value) if isinstance(node, Input) else node.value
        return values

    def result(self, change: Change, values: Values) -> Array:
        """The tensor, had one operation been changed."""
        changed: dict[Node, Array] = {change.node: change.make(values)}
        for node in self._after(change.node):
            changed[node] = node.function(*(changed.get(operand, values[operand]) for operand in node.operands))
        self.work += sum(array.size for array in changed.values())
        return changed.get(self.root, values[self.root])

    def _after(self, node: Node) -> list[Computed]:
        """What has to be computed again where a node makes something else, in order."""
        if node not in self._affected:
            self._affected[node] = [
                n for n in self.nodes if n is not node and isinstance(n, Computed) and self.depends(n, node)
            ]
        return self._affected[node]


def _names(root: Node) -> dict[Node, str]:
    """What has a name where the root was computed, which may be more than it was computed from."""
    names = local_names(root)
    for node in nodes_below(root):
        local = node.frame.f_locals.values() if node.frame is not None else ()
        for named in (node, *(value.node for value in local if isinstance(value, Written))):
            if isinstance(named, Input):
                names[named] = named.name
    return names
