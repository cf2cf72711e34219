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
"""Up to so many it is faster to copy an array twice than to make a buffer of it that is compared at once."""


def memory_of(array: Any) -> Hashable:
    """Identify the memory of a NumPy array by the array that owns it."""
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    return id(owner)


class _Kept:
    """A tensor that is watched: its memory, and its contents as they were last seen."""

    __slots__ = ("array", "copy", "memory", "name", "seen")

    def __init__(self, name: str, array: Array, memory: Hashable) -> None:
        self.name = name
        self.array = array
        self.memory = memory
        self.see()

    def see(self) -> None:
        """Copy the contents as they are now."""
        self.seen: bytearray | None = None
        if self.array.nbytes > FEW_BYTES and self.array.flags.c_contiguous:
            self.seen = bytearray(self.array)
            self.copy = np.frombuffer(self.seen, self.array.dtype).reshape(self.array.shape)
        else:
            self.copy = np.array(self.array)

    def is_as_seen(self) -> bool:
        """Whether the memory still holds the same bits, NaNs included."""
        if self.seen is not None:
            return self.seen == self.array.data.cast("B")
        return self.array.tobytes() == self.copy.tobytes()


class Recording:
    """The tensors of one update, as they were when they were made."""

    def __init__(self, given: Mapping[str, Any], contents: Contents = np.asarray, memory: Memory = memory_of) -> None:
        """`given` are the tensors that the update starts from: data, weights and buffers."""
        self.overwritten: list[Overwriting] = []
        self._contents = contents
        self._memory = memory
        self._made: dict[str, Array] = {}
        self._kept: dict[str, _Kept] = {}
        self._by_memory: dict[Hashable, list[_Kept]] = {}
        for name, tensor in given.items():
            self.keep(name, tensor)

    def keep(self, name: str, tensor: Any) -> None:
        """Copy a tensor that was just made. A gradient that is added up is kept anew after each addition."""
        self._keep(name, tensor, self._memory(tensor))

    def keep_outputs(self, call: Call, tensors: Tensors) -> None:
        """Copy the outputs of a call that has just run, and note what it wrote over."""
        memories = [self._memory(tensors[name]) for name in call.outputs]
        self._notice(call.op, "forward", call.outputs[0], [*self._memories_of(call.inputs), *memories])
        for name, memory in zip(call.outputs, memories, strict=True):
            self._keep(name, tensors[name], memory)

    def notice(self, op: str, phase: Phase, call: str | None, touched: Iterable[Any]) -> None:
        """Note which of the kept tensors an op or a rule wrote over, among all that share memory with `touched`."""
        self._notice(op, phase, call, map(self._memory, touched))

    def release(self, names: Iterable[str]) -> None:
        """Look no longer whether somebody writes over these tensors: nobody reads them any more. Their copies stay."""
        for name in names:
            kept = self._kept.pop(name, None)
            if kept is not None:
                self._by_memory[kept.memory].remove(kept)

    def taken(self, names: Sequence[str]) -> dict[str, Any]:
        """What a step takes of this: the copies of these tensors and of their gradients, and what was written over."""
        gradients = {name: gradient_name(name) for name in names}
        return {
            "values": {name: self._made[name] for name in names if name in self._made},
            "value_grads": {name: self._made[grad] for name, grad in gradients.items() if grad in self._made},
            "overwritten": self.overwritten,
        }

    def _keep(self, name: str, tensor: Any, memory: Hashable) -> None:
        self.release([name])
        kept = self._kept[name] = _Kept(name, self._contents(tensor), memory)
        self._made[name] = kept.copy
        self._by_memory.setdefault(memory, []).append(kept)

    def _notice(self, op: str, phase: Phase, call: str | None, memories: Iterable[Hashable]) -> None:
        """Note which of the kept tensors in these memories an op or a rule wrote over."""
        for memory in dict.fromkeys(memories):
            for kept in self._by_memory.get(memory, ()):
                if not kept.is_as_seen():
                    kept.see()
                    self.overwritten.append(Overwriting(op, phase, call, kept.name))

    def _memories_of(self, names: Iterable[str]) -> Iterable[Hashable]:
        """The memories of kept tensors."""
        return [self._kept[name].memory for name in names if name in self._kept]


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

    def waits(self, call: Call) -> None:
        """Note that one more step of a call's backward is to run."""
        self._waiting[call.outputs[0]] += 1

    def ran(
        self,
        call: Call,
        received: Iterable[Any],
        read: Iterable[Hashable],
        returned: Sequence[tuple[Iterable[str], Any]],
    ) -> None:
        """Note what one step of a call's backward wrote over, and copy, of what it returned, what others hold too.

        `received` are the gradients that it received, `read` the memories of what it may have read. Each returned
        gradient comes with the names of the tensors that it is of, none where it is of a tensor inside an op.
        """
        memories = [self._memory(gradient) for _, gradient in returned]
        self._notice(call.op, "backward", call.outputs[0], [*map(self._memory, received), *read, *memories])
        for (names, gradient), memory in zip(returned, memories, strict=True):
            for name in map(gradient_name, names):
                self._shares[name] += 1
                if self._shares[name] > 1:
                    self.release([name])  # the framework adds at once, into an array of its own
                elif memories.count(memory) > 1 or self._by_memory.get(memory):
                    self._keep(name, gradient, memory)
        self._waiting[call.outputs[0]] -= 1
        if not self._waiting[call.outputs[0]]:
            self.release(map(gradient_name, call.outputs))

    def keep_arrived(self, name: str, gradient: Any) -> None:
        """Copy the whole gradient of a tensor, unless it was copied when it was returned."""
        name = gradient_name(name)
        if self._shares[name] != 1 or name not in self._kept:
            self.keep(name, gradient)
