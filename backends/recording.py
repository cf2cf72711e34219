"""Copies every tensor of an update at the moment when it is made, and notices what is written over afterwards.

In-place code is right as long as nobody reads what it wrote over. So each op is judged by what it was given.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from backends.contract import Array, Call, Overwriting, Phase, Tensors, gradient_name

Contents = Callable[[Any], Array]
"""Reads a framework's tensor as a NumPy array of the same memory."""
Memory = Callable[[Any], Hashable]
"""Identifies the memory of a framework's tensor: equal for tensors that are views of one another."""


def memory_of(array: Any) -> Hashable:
    """Identify the memory of a NumPy array by the array that owns it."""
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    return id(owner)


class Recording:
    """The tensors of one update, as they were when they were made."""

    def __init__(self, given: Mapping[str, Any], contents: Contents = np.asarray, memory: Memory = memory_of) -> None:
        """`given` are the tensors that the update starts from: data, weights and buffers."""
        self.overwritten: list[Overwriting] = []
        self._contents = contents
        self._memory = memory
        self._made: dict[str, Array] = {}
        self._last_seen: dict[str, Array] = {}
        self._tensors: dict[str, Any] = {}
        self._names: dict[Hashable, list[str]] = {}
        for name, tensor in given.items():
            self.keep(name, tensor)

    def keep(self, name: str, tensor: Any) -> None:
        """Copy a tensor that was just made. A gradient that is added up is kept anew after each addition."""
        copy = np.array(self._contents(tensor))
        self._made[name] = self._last_seen[name] = copy
        self._tensors[name] = tensor
        names = self._names.setdefault(self._memory(tensor), [])
        if name not in names:
            names.append(name)

    def keep_outputs(self, call: Call, tensors: Tensors) -> None:
        """Copy the outputs of a call that has just run, and note what it wrote over."""
        self.notice(call.op, "forward", call.outputs[0], [tensors[name] for name in (*call.inputs, *call.outputs)])
        for name in call.outputs:
            self.keep(name, tensors[name])

    def notice(self, op: str, phase: Phase, call: str | None, touched: Iterable[Any]) -> None:
        """Note which of the kept tensors an op or a rule wrote over, among all that share memory with `touched`."""
        memories = dict.fromkeys(self._memory(tensor) for tensor in touched)
        for name in dict.fromkeys(name for memory in memories for name in self._names.get(memory, ())):
            now = self._contents(self._tensors[name])
            if not _same_bits(now, self._last_seen[name]):
                self._last_seen[name] = np.array(now)
                self.overwritten.append(Overwriting(op, phase, call, name))

    def values(self, names: Iterable[str]) -> dict[str, Array]:
        """The copies of these tensors."""
        return {name: self._made[name] for name in names if name in self._made}

    def gradients(self, names: Iterable[str]) -> dict[str, Array]:
        """The copies of these tensors' gradients, by the names of the tensors."""
        return {name: self._made[gradient_name(name)] for name in names if gradient_name(name) in self._made}


def _same_bits(one: Array, other: Array) -> bool:
    """Whether two arrays of one shape and dtype hold the same bits, NaNs included."""
    if one.dtype.kind != "f":
        return bool(np.array_equal(one, other))
    bits = np.dtype(f"i{one.dtype.itemsize}")
    return bool(np.array_equal(np.ascontiguousarray(one).view(bits), np.ascontiguousarray(other).view(bits)))
