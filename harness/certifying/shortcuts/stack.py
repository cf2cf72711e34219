"""Copies of a few updates, whose tensors are looked at together: one call of NumPy for all that are of one form."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backends.contract import Array, Overwriting, Program, Step
from harness.numerics.stacking.numbers import Numbers
from harness.numerics.stacking.stacked import Stacked
from harness.running.forms import Form, form_of
from harness.running.updates import Update

MOST = 32
"""How many updates are looked at together, at most."""
LEAST = 4
"""How many there has to be room for, or none are."""
MOST_FORMS = 4
"""How many forms there are stacks for, at most."""
MOST_ELEMENTS = 2**21
"""How many elements all updates of a form may have."""
LARGE = 2**15
"""What is computed with an array of so many elements takes NumPy so long that Python's own time does not count."""

Named = Mapping[str, Array]


class Stack:
    """Copies of some updates of one form, as many as there is room for."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._rooms: Sequence[dict[str, Array]] = ()
        self._update_numbers: list[int] = []
        self._data: list[Named] = []
        self._scheduled: list[Mapping[str, float]] = []
        self._overwritten: list[Sequence[Overwriting]] = []

    def __len__(self) -> int:
        return len(self._update_numbers)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another update."""
        return len(self) == self._capacity

    def add(self, update: Update) -> bool:
        """Take a copy of an update, if it has the same tensors as the others."""
        parts, scheduled = _parts(update), update.step.scheduled
        if not len(self) and not self._fits(parts):
            self._rooms = _rooms(parts)
        if len(self) and not (self._fits(parts) and scheduled.keys() == self._scheduled[0].keys()):
            return False
        if not self._capacity:
            return False
        for part, rooms in zip(parts, self._rooms, strict=True):
            for name, array in part.items():
                rooms[name][len(self)] = array
        self._update_numbers.append(update.number)
        self._data.append(update.data)
        self._scheduled.append(dict(scheduled))
        self._overwritten.append(tuple(update.step.overwritten))
        return True

    def _fits(self, parts: Sequence[Named]) -> bool:
        """Whether there is room for exactly these arrays."""
        if not self._rooms:
            return False
        for part, rooms in zip(parts, self._rooms, strict=True):
            if part.keys() != rooms.keys():
                return False
            for name, array in part.items():
                room = rooms[name]
                if room.shape[1:] != array.shape or room.dtype != array.dtype:
                    return False
        return True

    @property
    def _capacity(self) -> int:
        """For how many updates there is room; 0 if they are too large."""
        return len(self._rooms[-1]["loss"]) if self._rooms else 0

    def clear(self) -> None:
        """Let go of all updates; their memory is used again."""
        for kept in (self._update_numbers, self._data, self._scheduled, self._overwritten):
            kept.clear()

    def updates(self) -> Iterator[Update]:
        """The updates one by one, in memory that is valid until the next one is added."""
        for place in range(len(self)):
            parts = [{name: room[place, ...] for name, room in rooms.items()} for rooms in self._rooms]
            yield self._update(place, self._data[place], parts, self._scheduled[place])

    def scheduled(self, name: str) -> Iterator[tuple[int, float]]:
        """The number of each update, and what a scheduled setting was at it."""
        return ((number, values[name]) for number, values in zip(self._update_numbers, self._scheduled, strict=True))

    def together(self) -> Update:
        """All updates as one, whose tensors are stacked, and whose number is that of the first."""
        parts = [{name: Stacked(room[: len(self)]) for name, room in rooms.items()} for rooms in self._rooms]
        data = {name: _stacked([data[name] for data in self._data]) for name in self._data[0]}
        scheduled = _as_numbers(self._scheduled)
        steps = _as_numbers([self._program.steps(number) for number in self._update_numbers])
        return self._update(0, data, parts, scheduled, steps)

    def _update(
        self,
        place: int,
        data: Mapping[str, Any],
        parts: Sequence[Mapping[str, Any]],
        scheduled: Mapping[str, Any],
        steps: Mapping[str, Any] | None = None,
    ) -> Update:
        weights, state, accumulated, new_weights, grads, new_state, clipped, decayed, values, value_grads, rest = parts
        step = Step(
            loss=rest["loss"],
            weights=new_weights,
            grads=grads,
            state=new_state,
            clipped=clipped,
            scheduled=scheduled,
            decayed=decayed,
            values=values,
            value_grads=value_grads,
            overwritten=self._overwritten[place],
        )
        return Update(self._update_numbers[place], data, weights, state, step, accumulated, steps or {})


class Stacks:
    """Copies of updates of several forms: a stack for each form."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._stacks: dict[Form, Stack] = {}

    def __len__(self) -> int:
        return sum(map(len, self._stacks.values()))

    def __iter__(self) -> Iterator[Stack]:
        return (stack for stack in self._stacks.values() if len(stack))

    @property
    def is_full(self) -> bool:
        """Whether one of the stacks is."""
        return any(stack.is_full for stack in self)

    def add(self, update: Update) -> bool:
        """Take a copy of an update; False if there is no room for it beside the others, or none at all."""
        form = form_of(self._program, update.number)
        if form not in self._stacks and len(self._stacks) == MOST_FORMS:
            return False
        return self._stacks.setdefault(form, Stack(self._program)).add(update)

    def clear(self) -> None:
        """Let go of all updates."""
        if len(self._stacks) == MOST_FORMS:
            self._stacks.clear()
        for stack in self:
            stack.clear()


def _parts(update: Update) -> Sequence[Named]:
    """All arrays of an update but the batch, which nobody writes to."""
    step = update.step
    return (
        *(update.weights, update.state, update.accumulated),
        *(step.weights, step.grads, step.state, step.clipped, step.decayed, step.values, step.value_grads),
        {"loss": step.loss},
    )


def _rooms(parts: Sequence[Named]) -> Sequence[dict[str, Array]]:
    """Room for as many updates with such arrays as may be; for none if they are too large."""
    sizes = [array.size for part in parts for array in part.values()]
    capacity = min(MOST_ELEMENTS // sum(sizes), MOST)
    if max(sizes) >= LARGE or capacity < LEAST:
        capacity = 0
    return [{name: _room(array, capacity) for name, array in part.items()} for part in parts]


def _room(array: Array, capacity: int) -> Array:
    """Room for so many arrays like this one, whose axes lie in memory as its own: sums depend on that by a digit."""
    order = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
    room = np.empty((capacity, *[array.shape[axis] for axis in order]), array.dtype)
    return room.transpose(0, *[order.index(axis) + 1 for axis in range(array.ndim)])


def _stacked(arrays: Sequence[Array]) -> Any:
    """An array of the batch at each update; as it is where it is the same one."""
    first, *others = arrays
    return first if all(array is first for array in others) else Stacked(np.stack(arrays))


def _as_numbers(each: Sequence[Mapping[str, Any]]) -> dict[str, Numbers]:
    """Named numbers of each update."""
    return {name: Numbers(numbers[name] for numbers in each) for name in each[0]}
