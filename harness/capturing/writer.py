"""What a translation is given for `op`."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from backends.capture.calls import LiveCall
from backends.contract import Array
from backends.translating.untranslatable import Untranslatable
from harness.capturing.passes import same_as
from harness.recording.handles.handle import Handle


class Program(Protocol):
    """The program that is being written."""

    used_inside: list[Handle]
    arrays: dict[str, Array]
    """Every tensor so far, as it was captured."""

    def write(self, op: str, arguments: tuple[Any, ...], settings: dict[str, Any], live: LiveCall) -> Any:
        """Keep a call of an op; return its outputs."""
        ...

    def constant(self, value: Any, shape: tuple[int, ...] | None = None) -> Handle:
        """A number as a tensor that stays as it is."""
        ...

    def data(self, arrays: list[Array], name: str) -> Handle:
        """Data of the pass: one array for every pass, or one for each."""
        ...

    def carry(self, name: str, value: Handle) -> None:
        """Let a buffer have a value after this call."""
        ...

    def values(self, handle: Handle) -> list[Array]:
        """What data or a constant holds in every pass."""
        ...

    def is_given(self, handle: Handle) -> bool:
        """Whether it is data or a constant, and neither computed nor a weight."""
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

    def data(self, arrays: list[Array], name: str) -> Handle:
        """Data that the model has not: one array for every update, or one for each."""
        return self._program.data(arrays, name)

    def values(self, tensor: Handle) -> list[Array]:
        """What data hold in every update. Raises Untranslatable for what is computed or trained."""
        return self._program.values(tensor)

    def is_given(self, tensor: Handle) -> bool:
        """Whether it is data or a constant, and neither computed nor a weight."""
        return self._program.is_given(tensor)

    def constant(self, array: Array) -> Handle:
        """Numbers that stay as they are."""
        return self._program.constant(array)

    def causal_mask(self, queries: int, keys: int) -> Handle:
        """A mask that lets each position see itself and those before it."""
        return self.data([np.tril(np.ones((queries, keys), np.int64))], "mask")

    def attention_mask(
        self, masks: Sequence[tuple[Handle, tuple[int, ...]]], shape: tuple[int, ...], *, marks_hidden: bool
    ) -> Handle:
        """One mask of several given ones: 0 for positions that any of them hides; of floats that hide none, itself.

        masks: each with the shape that it is seen in, which is repeated to that of the whole.
        marks_hidden: whether those positions are hidden where a mask is true, and not the others.
        """
        allowed = []
        for mask, seen in masks:
            arrays = self._program.values(mask)
            if arrays[0].dtype.kind != "f":
                allowed.append([(np.reshape(each, seen) == 0) == marks_hidden for each in _like(mask, arrays)])
            elif all(np.all((array == 0) | np.isneginf(array)) for array in arrays):
                allowed.append([np.reshape(each, seen) == 0 for each in _like(mask, arrays)])
            elif len(masks) > 1:
                raise Untranslatable("a mask that is added to scores, beside another one")
            else:
                return mask if mask.shape == seen else self.reshape(mask, shape=seen)
        count = max(map(len, allowed))
        together = [
            np.logical_and.reduce([np.broadcast_to(each[i % len(each)], shape) for each in allowed])
            for i in range(count)
        ]
        return self.data([each.astype(np.int64) for each in together], "mask")

    def is_whole(self, mask: Handle) -> bool:
        """Whether a mask holds whole numbers, which hide positions, and not floats, which are added."""
        return self._program.values(mask)[0].dtype.kind in "iu"

    def used_inside(self, tensor: Handle) -> None:
        """Note that the framework's function uses what it gives, so that the gradient that arrives is not all of it."""
        self._program.used_inside.append(tensor)

    def carry(self, buffer: Handle, value: Handle) -> None:
        """Let a buffer have a value after this update."""
        self._program.carry(buffer.name, value)

    def numbers(self, tensor: Handle | None) -> tuple[float, ...] | None:
        """The numbers of a tensor that is the same in every update, for a setting; None for no tensor."""
        if tensor is None:
            return None
        first, *others = self._program.values(tensor)
        if not all(map(same_as(first), others)):
            raise Untranslatable("a setting that changes from update to update")
        if first.ndim > 1:
            raise Untranslatable("a setting of several axes")
        return tuple(map(float, first.reshape(-1)))

    def are_log_probabilities(self, tensor: Handle) -> bool:
        """Whether the exponentials along the last axis sum to 1, up to what float64 rounds off in any of them."""
        total = np.sum(np.exp(self._program.arrays[tensor.name]), axis=-1)
        return bool(np.all(np.abs(total - 1) < np.sqrt(np.finfo(np.float64).eps)))

    def marked(self, labels: Handle, label: int) -> Handle:
        """A mask of given labels: 1 where there is this one."""
        return self.data([(array == label).astype(np.int64) for array in self.values(labels)], "mask")

    def occurs(self, label: int, labels: Handle) -> bool:
        """Whether a label occurs in any update."""
        return any(np.any(array == label) for array in self._program.values(labels))


def _like(tensor: Handle, arrays: list[Array]) -> list[Array]:
    """The arrays of all updates; one of the tensor's shape for those of another, which are translated by themselves."""
    here = next(array for array in arrays if array.shape == tensor.shape)
    return [array if array.shape == tensor.shape else here for array in arrays]
