"""What the checks of one backend found."""

from dataclasses import dataclass, field
from typing import NamedTuple

from backends.contract import Array, Node, Overwriting, Phase
from harness.certifying.failures.brackets import Bracket
from harness.certifying.uses import Use
from harness.results import Formula, Mismatch, Sharpness


@dataclass(frozen=True)
class Earlier:
    """The update before the one that failed."""

    weights: dict[str, Array]
    """Before that update."""
    grads: dict[str, Array]


@dataclass(frozen=True)
class Failure:
    """A failed check, with copies of the recorded arrays behind it."""

    node: Node
    mismatch: Mismatch
    uses: tuple[Use, ...]
    got: Array
    want: Array
    """In float64."""
    allowed: Array
    bracket: Bracket | None = None
    """Where the mistake may be, if the backend left out tensors that lead to this one."""
    overwriting: Overwriting | None = None
    """What wrote over a tensor that this one is computed from; then that is the mistake."""
    earlier: Earlier | None = None
    """The update before; None at the first, and after the first few."""
    decay: str = ""
    """What was done to the decay, if that explains the tensor; then the optimizer's rule is right."""
    with_earlier_weights: Array | None = None
    """What the tensor would be with the weights of the update before."""


class Pole(NamedTuple):
    """Where a gradient should not be finite though everything it is computed from is; so no value is wrong there."""

    update: int
    text: str
    """What, when and of which op."""


@dataclass
class Certificate:
    """The summary of a backend's checks."""

    updates: int = 0
    checks: int = 0
    failed: int = 0
    suspect: int = 0
    unchecked: int = 0
    failures: dict[tuple[str, Phase], Failure] = field(default_factory=dict)
    """The first of each op and phase."""
    slight: set[tuple[str, Phase]] = field(default_factory=set)
    """The ops and phases whose failures less accurate functions would explain, every one."""
    suspects: dict[tuple[str, Phase], Mismatch] = field(default_factory=dict)
    """The first of each op and phase."""
    sharpness: dict[tuple[str, Phase], Sharpness] = field(default_factory=dict)
    formulas: dict[tuple[str, Phase], Formula] = field(default_factory=dict)
    """Where a backend exceeds the hand-written formula's bound but not that of the formula it declares."""
    refused: dict[str, str] = field(default_factory=dict)
    """Ops that have no bound, and why."""
    overwritten: dict[tuple[str, Phase, str], Overwriting] = field(default_factory=dict)
    """The first time that an op wrote over a tensor."""
    first_unchecked: int | None = None
    """The first update with a check that could say nothing, not even that terms cancel."""
    pole: Pole | None = None
    """The first one."""
    cancelled: dict[Node, int] = field(default_factory=dict)
    """For sums whose terms cancelled, so that rounding alone was left: at how many updates."""
    sides: dict[tuple[str, float], set[str]] = field(default_factory=dict)
    """For each call and each of its kinks, the sides on which there were inputs."""
    without_gradient: set[str] = field(default_factory=set)
    """Outputs whose gradient has been zero at every update."""

    @property
    def counts(self) -> dict[str, int]:
        """The counts as they stand in the result document."""
        return {
            "checks": self.checks,
            "failed": self.failed,
            "suspect": self.suspect,
            "unchecked": self.unchecked,
            "updates": self.updates,
        }
