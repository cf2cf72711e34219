"""Bounds on every tensor that one update computes: the hand-written ops run on a backend's own recorded numbers."""

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from backends.contract import Array, Node, Program, gradient_name
from harness.certifying.evaluating.update import EvaluatedUpdate
from harness.certifying.uses import Expectation, Formulas
from harness.certifying.widened import Widened
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Magnitude
from harness.numerics.rounding import Arithmetic
from harness.numerics.stacking.stacked import as_array
from harness.running.updates import Update

FEW_ELEMENTS = 8192
"""Up to so many, it takes less time to put weights together than to run a rule for each."""


class OnDemand(dict[str, Any]):
    """What is made of each of some arrays when it is first read."""

    def __init__(self, names: Container[str], make: Callable[[str], Any]) -> None:
        super().__init__()
        self._names, self._make = names, make

    def __missing__(self, name: str) -> Any:
        made = self[name] = self._make(name)
        return made

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._names


class Evaluation:
    """Evaluates updates of one program in one dtype."""

    def __init__(self, program: Program, constants: Arithmetic, widened: Widened | None = None) -> None:
        """`widened` has the data in float64, where others need it, too."""
        self.program = program
        self.nodes = list(chain.from_iterable(map(_with_value_of_loss, program.nodes())))
        self.makers = {name: call for call in program.calls for name in call.outputs}
        """By output: the call that makes it."""
        self.gradient_names = {name: gradient_name(name) for name in program.shapes}
        self.clipped_names = {node.of: str(node) for node in self.nodes if node.kind == "clipped"}
        self.decayed_names = {node.of: str(node) for node in self.nodes if node.kind == "decayed"}
        self.state_names = {
            weight: [str(node) for node in self.nodes if node.kind == "state" and node.of == weight]
            for weight in program.weights
        }
        self._together = {
            name: names for names in (_small(group.weights, program) for group in program.all_groups) for name in names
        }
        self.dtype = constants.dtype
        self.constants = constants
        self.widened = widened or Widened()
        self._data: Mapping[str, Array] = {}
        self._exact_data = self.exact({})

    def expectations(self, update: Update, formulas: Formulas) -> Iterator[Expectation]:
        """Yield what every tensor of an update should be, in computing order."""
        evaluated = EvaluatedUpdate(self, update, formulas)
        return (evaluated.expectation(node) for node in self.nodes)

    def exact(self, arrays: Mapping[str, Any]) -> OnDemand:
        """Recorded arrays as exact inputs; labels and other whole numbers as they are."""
        return OnDemand(arrays, lambda name: self.exact_array(as_array(arrays[name])))

    def exact_data(self, data: Mapping[str, Array]) -> OnDemand:
        """The batch as exact inputs; of an array that comes again, as all do without mini-batches, those of before."""
        known = {name: made for name, made in self._exact_data.items() if data.get(name) is self._data[name]}
        self._data, self._exact_data = data, OnDemand(data, lambda name: self.exact_datum(name, as_array(data[name])))
        self._exact_data.update(known)
        return self._exact_data

    def exact_inputs(self, data: Mapping[str, Array], others: Mapping[str, Any]) -> OnDemand:
        """The batch and other recorded arrays as exact inputs."""
        batch, rest = self.exact_data(data), self.exact(others)
        return OnDemand({**data, **others}, lambda name: (batch if name in data else rest)[name])

    def of_terms(self, total: Any, count: int) -> Any:
        """The sum of so many contributions to a gradient.

        A framework that composes an op adds each term of its contribution on its own, which rounds once more.
        """
        return total.like(total.midpoint, total.unasked, total.sizes, total.depth + count, total.share)

    def small_weights_with(self, name: str) -> Sequence[str]:
        """The small weights with the same settings of the optimizer as this one, with itself; none if it is large."""
        return self._together.get(name, ())

    def piece(self, bound: Any, cut: Callable[[Array], Array]) -> Any:
        """Some of the elements of a bound."""
        inherited = None if bound.inherited is None else cut(bound.inherited)
        return bound.like(cut(bound.midpoint), inherited, Magnitude(cut, bound.sizes), bound.depth, bound.share)

    def settings(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """The settings of an op or a rule as it is called with them."""
        return settings

    def array_of(self, bound: Any) -> Array:
        """The middle of a bound in the run's dtype, in place of what was not recorded."""
        return as_array(bound.midpoint.astype(self.dtype))

    def constant(self, value: Any, radius: Array | None = None) -> Any:
        """A number with its error."""
        return Bounded(as_array(value).astype(np.float64, copy=False), self.constants, radius)

    def exact_datum(self, name: str, array: Array) -> Any:
        """An array of the batch as an exact input."""
        if array.dtype.kind != "f":
            return array
        wide, sizes = self.widened.of(name, array)
        return Bounded(wide, self.constants, sizes=sizes)

    def exact_array(self, array: Array) -> Any:
        """A recorded array as an exact input."""
        if array.dtype.kind != "f":
            return array
        return Bounded(array.astype(np.float64, copy=False), self.constants, sizes=Magnitude(np.abs, array))


def _small(names: Sequence[str], program: Program) -> Sequence[str]:
    return [name for name in names if program.shapes[name] and math.prod(program.shapes[name]) <= FEW_ELEMENTS]


def _with_value_of_loss(node: Node) -> tuple[Node, ...]:
    """To its op the loss is a value like any other; beside that it is what the run reports."""
    return (replace(node, kind="value"), node) if node.kind == "loss" else (node,)
