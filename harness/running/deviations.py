"""How far one backend is from the reference: the first tensor beyond its allowance, and each tensor's worst error."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from backends.contract import Array, Node, NodeKind
from harness.results import Kind, Mismatch, Worst, number

HORIZON = 1e-3
"""A weight that is off by more than this share of its tensor's largest element has parted from the reference."""

KINDS: dict[NodeKind, Kind] = {
    "loss": "loss",
    "gradient": "gradient",
    "clipped": "gradient",
    "decayed": "gradient",
    "state": "state",
    "weight": "weight",
    "average": "state",
    "buffer": "state",
}


class Difference(NamedTuple):
    """A tensor and the reference's at the element that is the farthest from it, beyond its tolerance if it has one."""

    error: float
    """|got − want|; NaN if either is."""
    place: int
    """The element's flat position."""
    got: float
    want: float
    """The reference's."""
    tolerance: float
    """What a user allows for this element; 0 where the allowance is measured."""


class Scratch:
    """Memory for what is computed from one tensor after another: in use all the time, it stays in the caches."""

    def __init__(self, dtype: str) -> None:
        self._memory = np.empty(0, dtype)

    def like(self, array: Array) -> Array:
        """Some of it, of this array's shape and with arbitrary content."""
        if array.size > self._memory.size:
            self._memory = np.empty(array.size, self._memory.dtype)
        return self._memory[: array.size].reshape(array.shape)


def difference(got: Array, want: Array, tolerances: Array | None, scratch: Scratch) -> Difference:
    """How far two tensors of one shape are apart; `tolerances` has that of each element."""
    room = scratch.like(want)
    errors = np.abs(np.subtract(got, want, out=room), out=room)
    place = int((errors if tolerances is None else errors - tolerances).argmax())
    tolerance = 0.0 if tolerances is None else float(tolerances.flat[place])
    return Difference(float(errors.flat[place]), place, float(got.flat[place]), float(want.flat[place]), tolerance)


@dataclass
class Deviations:
    """A summary of one backend's deviations from the reference."""

    backend: str
    dtype: str
    first: Mismatch | None = None
    """The first tensor beyond its allowance."""
    parted: Mismatch | None = None
    """The first weight that is off by more than HORIZON of its tensor's largest element, whatever the allowance."""
    worst: dict[Node, Worst] = field(default_factory=dict)
    """The largest relative deviation of each tensor."""
    _worst_relative: dict[Node, float] = field(default_factory=dict)

    def note(
        self,
        epoch: int,
        update: int,
        node: Node,
        shape: tuple[int, ...],
        size: float,
        difference: Difference,
        allowed: float,
    ) -> None:
        """Note how far a tensor of this shape is from the reference's, whose largest element is `size`.

        `allowed` is for the element of the difference.
        """
        error = difference.error
        # Written so that NaN, which compares false with everything, is never within the allowance.
        exceeds = not error <= allowed and self.first is None
        parts = self.parted is None and node.kind == "weight" and error > HORIZON * size
        if exceeds or parts:
            index, got, want = index_of(difference.place, shape), difference.got, difference.want
            mismatch = mismatch_at(self.backend, self.dtype, epoch, update, node, index, got, want, error, allowed)
            self.first = mismatch if exceeds else self.first
            self.parted = mismatch if parts else self.parted
        self._keep_worst(epoch, node, shape, size, difference, allowed)

    def _keep_worst(
        self, epoch: int, node: Node, shape: tuple[int, ...], size: float, difference: Difference, allowed: float
    ) -> None:
        error = difference.error
        relative = error / size if size else (0.0 if error == 0 else np.inf)
        worst = self._worst_relative.get(node, -1.0)
        if relative <= worst or np.isnan(worst) or node.kind == "value":
            return
        self._worst_relative[node] = relative
        self.worst[node] = Worst(
            backend=self.backend,
            tensor=str(node),
            kind=KINDS[node.kind],
            epoch=epoch,
            index=index_of(difference.place, shape),
            error=number(error),
            allowed=number(allowed),
            size=number(size),
            ulps=number(in_ulps(error, size, self.dtype)),
        )


def mismatch_at(
    backend: str,
    dtype: str,
    epoch: int,
    update: int,
    node: Node,
    index: tuple[int, ...],
    got: float,
    want: float,
    error: float,
    allowed: float,
) -> Mismatch:
    """Describe an element of a tensor; ulps are those of the larger of the two values."""
    return Mismatch(
        backend=backend,
        epoch=epoch,
        update=update,
        phase=node.phase,
        call=node.call,
        op=node.op,
        tensor=str(node),
        index=index,
        got=number(got),
        want=number(want),
        error=number(error),
        allowed=number(allowed),
        ulps=number(in_ulps(error, max(abs(got), abs(want)), dtype)),
    )


def in_ulps(error: float, value: float, dtype: str) -> float:
    """The error in units of the last place of `value` in this dtype."""
    return error / float(np.spacing(np.abs(np.asarray(value, dtype))))


def index_of(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The index of an element of an array by its flat position."""
    return tuple(int(i) for i in np.unravel_index(place, shape))
