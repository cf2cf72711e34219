"""How far one backend is from the reference: the first tensor beyond its allowance, and each tensor's worst error."""

from dataclasses import dataclass, field

import numpy as np

from backends.contract import Array, Node, NodeKind
from harness.errors import InputError
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

    def compare(
        self,
        epoch: int,
        update: int,
        node: Node,
        want: Array,
        size: float,
        got: Array,
        allowed: float | Array,
        room: Array,
    ) -> tuple[float, float]:
        """Compare a tensor with the reference's, whose largest element is `size`; return an error and its allowance.

        The error is the largest, or if every element has its own allowance, the one that exceeds it the most.
        `room` is scratch memory of the tensor's shape. Raises InputError if the shapes differ.
        """
        if got.shape != want.shape:
            raise InputError(
                f"backend {self.backend} yielded {node} with shape {got.shape} at update {update}; "
                f"the reference has {want.shape}"
            )
        errors = np.abs(np.subtract(got, want, out=room), out=room)
        place = int(errors.argmax() if isinstance(allowed, float) else (errors - allowed).argmax())
        error = float(errors.flat[place])
        allowed = allowed if isinstance(allowed, float) else float(allowed.flat[place])
        # Written so that NaN, which compares false with everything, is never within the allowance.
        exceeds = not error <= allowed and self.first is None
        parts = self.parted is None and node.kind == "weight" and error > HORIZON * size
        if exceeds or parts:
            mismatch = mismatch_at(self.backend, self.dtype, epoch, update, node, place, got, want, error, allowed)
            self.first = mismatch if exceeds else self.first
            self.parted = mismatch if parts else self.parted
        self._keep_worst(epoch, node, place, want, size, error, allowed)
        return error, allowed

    def _keep_worst(
        self, epoch: int, node: Node, place: int, want: Array, size: float, error: float, allowed: float
    ) -> None:
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
            index=index_of(place, want),
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
    place: int,
    got: Array,
    want: Array,
    error: float,
    allowed: float,
) -> Mismatch:
    """Describe the element of a tensor at a flat position; ulps are those of the larger of the two values."""
    ours, theirs = float(got.flat[place]), float(want.flat[place])
    return Mismatch(
        backend=backend,
        epoch=epoch,
        update=update,
        phase=node.phase,
        call=node.call,
        op=node.op,
        tensor=str(node),
        index=index_of(place, got),
        got=number(ours),
        want=number(theirs),
        error=number(error),
        allowed=number(allowed),
        ulps=number(in_ulps(error, max(abs(ours), abs(theirs)), dtype)),
    )


def in_ulps(error: float, value: float, dtype: str) -> float:
    """The error in units of the last place of `value` in this dtype."""
    return error / float(np.spacing(np.abs(np.asarray(value, dtype))))


def index_of(place: int, array: Array) -> tuple[int, ...]:
    """The index of an element by its flat position."""
    return tuple(int(i) for i in np.unravel_index(place, array.shape))
