"""What a translation is given for `op`."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from backends.capture.calls import LiveCall
from backends.contract import Array
from backends.translating.untranslatable import Untranslatable
from harness.capturing.passes import same_as
from harness.recording.handle import Handle


class Program(Protocol):
    """The program that is being written."""

    used_inside: list[Handle]

    def write(self, op: str, arguments: tuple[Any, ...], settings: dict[str, Any], live: LiveCall) -> Any:
        """Keep a call of an op; return its outputs."""
        ...

    def constant(self, value: Any, shape: tuple[int, ...] | None = None) -> Handle:
        """A number as a tensor that stays as it is."""
        ...

    def carry(self, name: str, value: str) -> None:
        """Let a buffer have a value after this call."""
        ...

    def values(self, handle: Handle) -> list[Array]:
        """What data or a constant holds in every pass."""
        ...


class Writer:
    """Stands in for `op` in a translation: every `op.NAME(...)` is kept as a call."""

    def __init__(self, program: Program, live: LiveCall) -> None:
        self._program = program
        self._live = live

    def __getattr__(self, op: str) -> Callable[..., Any]:
        if op.startswith("__"):
            raise AttributeError(op)
        return lambda *arguments, **settings: self._program.write(op, arguments, settings, self._live)

    def zeros(self, shape: tuple[int, ...]) -> Handle:
        """So many zeros."""
        return self._program.constant(0.0, shape)

    def ones(self, shape: tuple[int, ...]) -> Handle:
        """So many ones."""
        return self._program.constant(1.0, shape)

    def causal_mask(self, queries: int, keys: int) -> Handle:
        """A mask that lets each position see itself and those before it."""
        raise Untranslatable("a causal attention")

    def used_inside(self, tensor: Handle) -> None:
        """Note that the framework's function uses what it gives, so that the gradient that arrives is not all of it."""
        self._program.used_inside.append(tensor)

    def carry(self, buffer: Handle, value: Handle) -> None:
        """Let a buffer have a value after this update."""
        self._program.carry(buffer.name, value.name)

    def numbers(self, tensor: Handle | None) -> tuple[float, ...] | None:
        """The numbers of a tensor that is the same in every update, for a setting; None for no tensor."""
        if tensor is None:
            return None
        first, *others = self._program.values(tensor)
        if not all(map(same_as(first), others)):
            raise Untranslatable("a setting that changes from update to update")
        return tuple(map(float, first))

    def occurs(self, label: int, labels: Handle) -> bool:
        """Whether a label occurs in any update."""
        return any(np.any(array == label) for array in self._program.values(labels))
