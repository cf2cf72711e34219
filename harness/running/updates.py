"""One update of one backend: the tensors before it, and the Step that the backend yielded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backends.contract import Array, Node, Program, Step
from harness.recording.arrays import Draws


@dataclass(frozen=True)
class Update:
    """A backend's tensors before an update, and the Step that it yielded."""

    number: int
    """Counted over the whole run, from 1."""
    data: Mapping[str, Array]
    """The batch."""
    weights: Mapping[str, Array]
    """Before the update."""
    state: Mapping[str, Array]
    """Before the update: the optimizer's state, and the program's buffers."""
    step: Step
    accumulated: Mapping[str, Array] = field(default_factory=dict)
    """The gradients of the weights from the updates before this one that are of the same step; empty at the first."""
    steps: Mapping[str, Any] = field(default_factory=dict)
    """For each weight that the optimizer changes, how many steps it has made of it then; empty if nobody counted."""

    @property
    def is_traced(self) -> bool:
        """Whether the backend yielded the tensors between the data and the loss."""
        return bool(self.step.values or self.step.value_grads)

    def made(self, node: Node) -> Array:
        """The array that the backend yielded for a tensor. Raises LookupError if it yielded none."""
        array = node.read(self.step)
        if array is None:
            raise LookupError(f"{node} is not in the step")
        return np.asarray(array)

    def read(self, name: str) -> Array:
        """An input of a call by its name: data, a weight or buffer before the update, or a value."""
        for part in self._parts:
            if name in part:
                return np.asarray(part[name])
        raise LookupError(f"{name} is not in the update")

    def has(self, name: str) -> bool:
        """Whether `read` gives it: a backend may leave out values."""
        return any(name in part for part in self._parts)

    @property
    def _parts(self) -> tuple[Mapping[str, Array], ...]:
        return self.data, self.weights, self.step.values, self.state

    def copy(self) -> "Update":
        """The same update in arrays of its own, since a backend may reuse a Step's memory."""
        step = self.step
        return Update(
            self.number,
            _copied(self.data),
            _copied(self.weights),
            _copied(self.state),
            Step(
                loss=np.array(step.loss),
                weights=_copied(step.weights),
                grads=_copied(step.grads),
                state=_copied(step.state),
                clipped=_copied(step.clipped),
                scheduled=dict(step.scheduled),
                decayed=_copied(step.decayed),
                values=_copied(step.values),
                value_grads=_copied(step.value_grads),
                overwritten=tuple(step.overwritten),
            ),
            _copied(self.accumulated),
            self.steps,
        )


class Updates:
    """Pairs every Step of a backend with the tensors before the update."""

    def __init__(self, program: Program, draws: Draws, epochs: int) -> None:
        state = {
            str(node): np.full_like(draws.weights[node.of], program.first_state_of(node.of)[node.slot])
            for node in program.nodes()
            if node.kind == "state"
        }
        state |= {str(node): np.array(draws.weights[node.of]) for node in program.nodes() if node.kind == "average"}
        state |= _copied(program.buffers)
        self._epoch = program.epoch
        self._accumulated: Mapping[str, Array] = {}
        self._number = 0
        self._batches = draws.batches(epochs, copied=False)
        self._before = _copied(draws.weights), state
        self._step: Step | None = None

    def follow(self, advance: Callable[[], Step]) -> Update:
        """Have the backend make its next update, and return it; valid until the next call.

        What it starts from is copied now, as the backend may write into it.
        """
        if self._step is not None:
            for before, after in zip(self._before, (self._step.weights, self._step.state), strict=True):
                for name, array in after.items():
                    np.copyto(before[name], array)
            self._accumulated = {} if self._epoch.ends_step(self._number) else _copied(self._step.grads)
        self._step = None  # so that its memory is free
        self._step = advance()
        self._number += 1
        return Update(self._number, next(self._batches), *self._before, self._step, self._accumulated)


def _copied(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: np.array(array) for name, array in arrays.items()}
