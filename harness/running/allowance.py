"""Compares one backend's tensors with the reference's, in max norms, within an allowance.

The allowance is measured: how far the reference itself moves when its starting weights are nudged by an ulp.

    allowed_e = C · max over e' ≤ e and k of f^(e−e')·‖reference − nudged_k‖∞  +  8u · max over e' ≤ e of ‖reference‖∞

u is the unit roundoff. The maximum is kept because two nudged runs may cross the reference by chance; f = ½^(1/8), so
that half of it is forgotten every 8 epochs, because in a run that converges what a nudge did at first would excuse
anything at the end. The second term is there because the first is zero at the first epoch and in a net that has died.
It is not forgotten for weights, gradients and state: near an optimum a gradient is a difference of numbers that do
not shrink. It is for the loss, which is none, and may fall by thirty orders. C covers what an ulp in the weights does
not: every op of every backend rounds in its own way. It was set from runs of correct backends;
`tests/harness/judging/test_false_alarms.py` measures on fresh seeds that it holds.
"""

from dataclasses import dataclass, field

import numpy as np

from backends.contract import Array
from harness.errors import InputError
from harness.results import Kind, Mismatch, Phase, Worst, number
from harness.running.tensors import Origin

NUDGED_RUNS = 2
FLOOR_FACTOR = {"float32": 16.0, "float64": 64.0}
BASE_ULPS = 8.0
HALF_LIFE = 8.0
"""In epochs."""
HORIZON = 1e-3


def nudged(weights: dict[str, Array], random: np.random.RandomState) -> dict[str, Array]:
    """Move each element one ulp up, one down or not at all, with probabilities ¼, ¼ and ½."""
    moved = {}
    for name, array in weights.items():
        direction = random.choice([-np.inf, np.inf, 0.0], size=array.shape, p=[0.25, 0.25, 0.5]).astype(array.dtype)
        neighbour = np.nextafter(array, direction)
        moved[name] = np.where(direction == 0, array, neighbour)
    return moved


def largest_difference(a: Array, b: Array, room: Array) -> float:
    """‖a − b‖∞; NaN if either holds a NaN. `room` is overwritten: memory of their shape that stays in the caches."""
    return largest(np.subtract(a, b, out=room))


def largest(a: Array) -> float:
    """‖a‖∞; NaN if it holds a NaN."""
    return max(float(a.max()), -float(a.min()))


class MeasuredFloor:
    """The allowance as measured on the reference; see the module's formula."""

    def __init__(self, dtype: str, points_per_epoch: int) -> None:
        self._factor = FLOOR_FACTOR[dtype]
        self._base = BASE_ULPS * float(np.finfo(dtype).eps) / 2
        self._forget = 0.5 ** (1 / (HALF_LIFE * points_per_epoch))
        self._moved: dict[str, float] = {}
        self._size: dict[str, float] = {}
        self.horizon: int | None = None
        self.loss_untested_from: int | None = None

    def observe(self, epoch: int, origin: Origin, size: float, moved: float) -> None:
        """Take in a tensor's largest element and by how much a nudge moved it; what is not finite changes nothing."""
        name = origin.tensor
        of_loss = origin.phase == "loss"
        kept = self._size.get(name, 0.0) * (self._forget if of_loss else 1.0)
        self._size[name] = max(kept, size if np.isfinite(size) else 0.0)
        self._moved[name] = max(self._forget * self._moved.get(name, 0.0), moved if np.isfinite(moved) else 0.0)
        passed = self._factor * self._moved[name] > HORIZON * self._size[name]
        if self.horizon is None and origin.phase == "update" and passed:
            self.horizon = epoch
        if of_loss:
            if self._allowed(name) < size:
                self.loss_untested_from = None
            elif self.loss_untested_from is None:
                self.loss_untested_from = epoch

    def allowed(self, tensor: str, reference: Array) -> float:
        """The largest error that rounding explains, for any element of this tensor."""
        return self._allowed(tensor)

    def _allowed(self, tensor: str) -> float:
        return self._factor * self._moved.get(tensor, 0.0) + self._base * self._size.get(tensor, 0.0)


@dataclass
class Tolerances:
    """The allowance as a user sets it: atol + rtol·|reference|, element by element as in NumPy's own checks."""

    rtol: float
    atol: float
    horizon: None = None
    loss_untested_from: None = None

    def observe(self, epoch: int, origin: Origin, size: float, moved: float) -> None:
        """Nothing is measured."""

    def allowed(self, tensor: str, reference: Array) -> Array:
        """The tolerance of every element."""
        return np.asarray(self.atol + self.rtol * np.abs(reference.astype(np.float64)))


Allowance = MeasuredFloor | Tolerances


KINDS: dict[Phase, Kind] = {"loss": "loss", "backward": "gradient", "state": "state", "update": "weight"}


@dataclass
class Deviations:
    """What is kept of one backend's deviations from the reference: the first excess and the worst per tensor."""

    backend: str
    dtype: str
    first: Mismatch | None = None
    parted: Mismatch | None = None
    """The first weight that is off by more than the horizon's share of its tensor, whatever the allowance."""
    worst: dict[str, Worst] = field(default_factory=dict)
    _worst_relative: dict[str, float] = field(default_factory=dict)

    def compare(
        self,
        epoch: int,
        update: int,
        origin: Origin,
        want: Array,
        size: float,
        got: Array,
        allowed: float | Array,
        room: Array,
    ) -> None:
        """Compare a tensor with the reference's, whose largest element is `size`; `room` is overwritten."""
        if got.shape != want.shape:
            raise InputError(
                f"backend {self.backend} yielded {origin.tensor} with shape {got.shape} at update {update}; "
                f"the reference has {want.shape}"
            )
        errors = np.abs(np.subtract(got, want, out=room), out=room)
        at = int(errors.argmax() if isinstance(allowed, float) else _largest_excess(errors, allowed))
        error = float(errors.flat[at])
        allowed = allowed if isinstance(allowed, float) else float(allowed.flat[at])
        # Written so that NaN, which compares false with everything, is never within the allowance.
        if not error <= allowed and self.first is None:
            self.first = self._mismatch(epoch, update, origin, at, got, want, error, allowed)
        if self.parted is None and origin.phase == "update" and error > HORIZON * size:
            self.parted = self._mismatch(epoch, update, origin, at, got, want, error, allowed)
        self._keep_worst(epoch, origin, at, want, size, error, allowed)

    def _mismatch(
        self, epoch: int, update: int, origin: Origin, at: int, got: Array, want: Array, error: float, allowed: float
    ) -> Mismatch:
        ours, theirs = got.flat[at], want.flat[at]
        return Mismatch(
            backend=self.backend,
            epoch=epoch,
            update=update,
            phase=origin.phase,
            call=origin.call,
            op=origin.op,
            tensor=origin.tensor,
            index=_index(at, want),
            got=number(ours),
            want=number(theirs),
            error=number(error),
            allowed=number(allowed),
            ulps=number(in_ulps(error, max(abs(ours), abs(theirs)), self.dtype)),
        )

    def _keep_worst(
        self, epoch: int, origin: Origin, at: int, want: Array, size: float, error: float, allowed: float
    ) -> None:
        relative = error / size if size else (0.0 if error == 0 else np.inf)
        known = self._worst_relative.get(origin.tensor, -1.0)
        if relative <= known or np.isnan(known) or origin.phase == "forward":
            return
        self._worst_relative[origin.tensor] = relative
        self.worst[origin.tensor] = Worst(
            backend=self.backend,
            tensor=origin.tensor,
            kind=KINDS[origin.phase],
            epoch=epoch,
            index=_index(at, want),
            error=number(error),
            allowed=number(allowed),
            size=number(size),
            ulps=number(in_ulps(error, size, self.dtype)),
        )


def _largest_excess(errors: Array, allowed: Array) -> int:
    """Where an error is furthest over its own allowance; at a NaN if there is one."""
    return int((errors - allowed).argmax())


def in_ulps(error: float, value: float, dtype: str) -> float:
    """The error in units of the last place of `value` in this dtype."""
    return error / float(np.spacing(np.abs(np.asarray(value, dtype))))


def _index(at: int, array: Array) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(at, array.shape))
