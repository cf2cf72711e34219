"""Copies every tensor of an update at the moment when it is made, and notices what is written over afterwards.

In-place code is right as long as nobody reads what it wrote over. So each op is judged by what it was given.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from backends.contract import Array, Call, Overwriting, Phase, Tensors, gradient_name

Contents = Callable[[Any], Array]
"""Reads a framework's tensor as a NumPy array of the same memory."""
Memory = Callable[[Any], Hashable]
"""Identifies the memory of a framework's tensor: equal for tensors that are views of one another."""

FEW_BYTES = 4096
"""Up to so many it is faster to copy two arrays than to have NumPy compare them."""


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
        self.release([name])
        self._tensors[name] = tensor
        self._names.setdefault(self._memory(tensor), []).append(name)

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

    def release(self, names: Iterable[str]) -> None:
        """Look no longer whether somebody writes over these tensors: nobody reads them any more. Their copies stay."""
        for name in names:
            if name in self._tensors:
                self._names[self._memory(self._tensors.pop(name))].remove(name)

    def values(self, names: Iterable[str]) -> dict[str, Array]:
        """The copies of these tensors."""
        return {name: self._made[name] for name in names if name in self._made}

    def gradients(self, names: Iterable[str]) -> dict[str, Array]:
        """The copies of these tensors' gradients, by the names of the tensors."""
        return {name: self._made[gradient_name(name)] for name in names if gradient_name(name) in self._made}


class AutogradRecording(Recording):
    """A recording of a framework that adds up gradients itself, and shows what a backward receives and returns.

    A gradient that a backward returned may wait while other backwards run: for its op's turn, or for what other ops
    add to it. One array may wait in several places. So such a gradient is copied when it is returned, if others hold
    its memory, and else when it arrives.
    """

    def __init__(self, given: Mapping[str, Any], contents: Contents, memory: Memory) -> None:
        super().__init__(given, contents, memory)
        self._shares: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    def keep_returned(self, returned: Sequence[tuple[Iterable[str], Any]]) -> None:
        """Copy, of the gradients that a backward returned, what others hold too.

        Each comes with the names of the tensors that it is a gradient of, none where it is of a tensor inside an op.
        """
        held = Counter(self._memory(gradient) for _, gradient in returned)
        for names, gradient in returned:
            memory = self._memory(gradient)
            for name in map(gradient_name, names):
                self._shares[name] += 1
                if self._shares[name] > 1:
                    self.release([name])  # the framework adds at once, into an array of its own
                elif held[memory] > 1 or self._names.get(memory):
                    self.keep(name, gradient)

    def waits(self, call: Call) -> None:
        """Note that one more step of a call's backward is to run."""
        self._waiting[call.outputs[0]] += 1

    def ran(self, call: Call, touched: Iterable[Any], returned: Sequence[tuple[Iterable[str], Any]]) -> None:
        """Note what one step of a call's backward wrote over, and copy what it returned where others hold it too.

        `touched` is what it received and what it may have read, `returned` as for `keep_returned`.
        """
        self.notice(call.op, "backward", call.outputs[0], [*touched, *(gradient for _, gradient in returned)])
        self.keep_returned(returned)
        self._waiting[call.outputs[0]] -= 1
        if not self._waiting[call.outputs[0]]:
            self.release(map(gradient_name, call.outputs))

    def keep_arrived(self, name: str, gradient: Any) -> None:
        """Copy the whole gradient of a tensor, unless it was copied when it was returned."""
        name = gradient_name(name)
        if self._shares[name] != 1 or name not in self._tensors:
            self.keep(name, gradient)


def _same_bits(one: Array, other: Array) -> bool:
    """Whether two arrays of one shape and dtype hold the same bits, NaNs included."""
    if one.nbytes <= FEW_BYTES:
        return one.tobytes() == other.tobytes()
    if one.dtype.kind != "f":
        return bool((one == other).all())
    bits = np.dtype(f"i{one.dtype.itemsize}")
    return bool((np.ascontiguousarray(one).view(bits) == np.ascontiguousarray(other).view(bits)).all())
