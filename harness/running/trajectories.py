"""What a lockstep run leaves: its summary, and what observers see as it goes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from backends.contract import Array, Node
from harness.results import Flip, Mismatch
from harness.running.courses.course import Observer
from harness.running.deviations import Deviations
from harness.running.updates import Update


class Comparison(NamedTuple):
    """One tensor of one backend at the end of an epoch, against the reference's."""

    backend: str
    epoch: int
    node: Node
    size: float
    """The largest element of the reference's tensor."""
    error: float
    """‖backend − reference‖∞, where the allowance is measured."""
    allowed: float
    """For the element with this error."""


@dataclass(frozen=True)
class Observers:
    """What observes a run as it goes."""

    updates: Mapping[str, Observer] = field(default_factory=dict)
    """By backend: what looks at its updates. If there are any, backends are asked to trace."""
    comparison: Callable[[Comparison], None] | None = None


@dataclass
class Trajectories:
    """The summary of a lockstep run."""

    losses: dict[str, Array]
    """Per backend, one per epoch."""
    deviations: list[Deviations]
    """Of every backend but the reference."""
    seconds: dict[str, float]
    final_weights: dict[str, dict[str, Array]]
    """By backend."""
    dead_gradients: list[str]
    """Weights whose gradient in the reference was zero at every epoch."""
    horizon: int | None
    loss_untested_from: int | None
    """From this epoch to the end, rounding explains any loss."""
    final_averages: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    """By backend, of its weights; none unless the program keeps them."""
    untraced: list[str] = field(default_factory=list)
    """Backends that were asked for intermediate values and yielded none."""
    flips: Mapping[str, Flip | None] = field(default_factory=dict)
    """When traced, by backend: the unit that lay on the other side of a kink at its first mismatch."""
    at_mismatch: Mapping[str, tuple[Update, Update]] = field(default_factory=dict)
    """When traced, by backend: the update of its first mismatch, the reference's and its own."""
    seen: Mapping[str, Any] = field(default_factory=dict)
    """By backend: what the observer of its updates saw."""

    @property
    def first(self) -> Mismatch | None:
        """The earliest mismatch of any backend."""
        return _earliest(deviation.first for deviation in self.deviations)

    @property
    def parted(self) -> Mismatch | None:
        """The earliest weight of any backend that is off by more than HORIZON of its tensor's largest element."""
        return _earliest(deviation.parted for deviation in self.deviations)


def _earliest(mismatches: Iterable[Mismatch | None]) -> Mismatch | None:
    return min((mismatch for mismatch in mismatches if mismatch), key=lambda mismatch: mismatch.update, default=None)
