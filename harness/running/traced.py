"""Keeps every tensor of single updates: of one update for a trace, of some epochs for a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from backends.contract import Array, Node, Program, Step, gradient_name
from harness.errors import InputError
from harness.guarding.printing import off_stdout
from harness.recording.loading import REFERENCE, LoadedBackend, load_backend
from harness.running.deviations import in_ulps
from harness.running.experiment import Experiment, prepare
from harness.running.lockstep import Progress, train_in_lockstep
from harness.running.process import pinned
from harness.running.runner import Runner
from harness.running.trajectories import Comparison, Observers, Trajectories
from harness.running.updates import Update, Updates
from scenarios import Scenario

NEW = "new "
"""Prefix of the name of a weight, a state or a buffer: its value after the update."""
EARLIER = "earlier_"
"""Prefix of the name of a gradient: what the batches before of the same step have given."""


@dataclass(frozen=True)
class TracedUpdate:
    """One update as every backend computed it."""

    program: Program
    dtype: str
    updates_per_epoch: int
    by_backend: Mapping[str, Update]


@off_stdout()
def trace_update(
    scenario: Scenario, backends: Sequence[LoadedBackend], *, epoch: int, update: int = 1, dtype: str | None = None
) -> TracedUpdate:
    """Train every backend up to one update of one epoch, both counted from 1, and keep that update.

    Raises InputError if there is no such epoch or update, or if a backend breaks the contract.
    """
    dtype = dtype or scenario.dtype
    if not 1 <= epoch <= scenario.epochs:
        raise InputError(f"scenario {scenario.name} has no epoch {epoch}; it trains for {scenario.epochs}")
    with pinned(backends, 1), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        experiment = prepare(scenario, [load_backend(REFERENCE), *backends], dtype)
        updates = len(experiment.draws.batch_rows)
        if not 1 <= update <= updates:
            raise InputError(f"scenario {scenario.name} has no update {update} in an epoch; there are {updates}")
        number = (epoch - 1) * updates + update
        by_backend = {backend.name: _nth_update(experiment, backend, epoch, number) for backend in backends}
    return TracedUpdate(experiment.program, dtype, updates, by_backend)


def _nth_update(experiment: Experiment, backend: LoadedBackend, epochs: int, number: int) -> Update:
    runner = Runner(backend, experiment.program, experiment.draws, epochs, experiment.dtype, trace=True)
    updates = Updates(experiment.program, experiment.draws, epochs)

    def advance() -> Step:
        step = runner.advance()
        runner.check(step)
        return step

    for _ in range(number):
        update = updates.follow(advance)
    return update.copy()


@off_stdout()
def first_update(experiment: Experiment, *, threads: int = 1) -> Update:
    """The reference's first update at which the optimizer steps."""
    number = experiment.program.epoch.first_step_in(1)
    with pinned(experiment.backends, threads), np.errstate(all="ignore"):
        return _nth_update(experiment, experiment.backends[0], experiment.epochs, number)


@dataclass
class Deviation:
    """How far a tensor is off at every epoch, in ulps of its largest element; None where that is 0 or not finite."""

    allowed: list[float | None] = field(default_factory=list)
    by_backend: dict[str, list[float | None]] = field(default_factory=dict)


@dataclass
class Traced:
    """The summary of a run whose tensors were kept at some epochs."""

    program: Program
    losses: dict[str, list[float]]
    deviations: dict[str, Deviation]
    """By tensor: the loss, weights, gradients and state."""
    untraced: list[str]
    """Backends that yield no tensors between the data and the loss."""


Keep = Callable[[str, int, Mapping[str, Array]], None]
"""Called with a backend, an epoch, and all tensors of one of its updates, which are valid only in this call."""


@off_stdout()
def trace_epochs(
    experiment: Experiment,
    updates: Mapping[int, int],
    keep: Keep,
    *,
    threads: int = 1,
    progress: Progress | None = None,
) -> Traced:
    """Run an experiment and pass every tensor of some updates to `keep`, epoch by epoch, the reference first.

    `updates` has the number of one update for each of these epochs, counted over the whole run, from 1.
    """
    tracing = _Tracing(experiment, updates, keep)
    watchers = {backend.name: _Watcher(tracing, backend.name) for backend in experiment.backends}
    observers = Observers(watchers, tracing.compare)
    with pinned(experiment.backends, threads), np.errstate(all="ignore"):
        return tracing.finish(train_in_lockstep(experiment, progress, observers=lambda: observers, updates_per_turn=1))


class _Watcher(NamedTuple):
    """Passes the updates of one backend on."""

    tracing: "_Tracing"
    backend: str

    def observe(self, update: Update) -> None:
        """Note an update."""
        self.tracing.observe(self.backend, update)

    def catch_up(self) -> None:
        """Nothing is put off."""

    def seen(self) -> None:
        """Nothing beside what was passed on."""


class _Tracing:
    """Keeps the tensors of some epochs, and the deviations of all epochs."""

    def __init__(self, experiment: Experiment, kept: Mapping[int, int], keep: Keep) -> None:
        self._experiment = experiment
        self._kept = {number: epoch for epoch, number in kept.items()}
        """By update: the epoch for which it is kept."""
        self._keep = keep
        self._nodes = (*experiment.program.nodes(), experiment.program.loss_gradient)
        self._deviations: dict[str, Deviation] = {}

    def observe(self, backend: str, update: Update) -> None:
        """Note an update of a backend."""
        epoch = self._kept.get(update.number)
        if epoch is not None:
            self._keep(backend, epoch, tensors_of(self._nodes, update))

    def compare(self, comparison: Comparison) -> None:
        """Note how far a tensor of a backend is off."""
        deviation = self._deviations.setdefault(str(comparison.node), Deviation())
        if len(deviation.allowed) < comparison.epoch:
            deviation.allowed.append(self._in_ulps(comparison.allowed, comparison.size))
        error = self._in_ulps(comparison.error, comparison.size)
        deviation.by_backend.setdefault(comparison.backend, []).append(error)

    def finish(self, trajectories: Trajectories) -> Traced:
        """Summarise the finished run."""
        losses = {name: [float(loss) for loss in losses] for name, losses in trajectories.losses.items()}
        return Traced(self._experiment.program, losses, self._deviations, trajectories.untraced)

    def _in_ulps(self, error: float, size: float) -> float | None:
        if not size or not np.isfinite(size) or not np.isfinite(error):
            return None
        return in_ulps(error, size, self._experiment.dtype)


def tensors_of(nodes: Sequence[Node], update: Update) -> dict[str, Array]:
    """All tensors that one update reads and computes, by their names in results; those after it begin with NEW."""
    computed = {f"{NEW}{node}" if node.is_kept else str(node): node.read(update.step) for node in nodes}
    return {
        **update.data,
        **update.weights,
        **update.state,
        **{f"{EARLIER}{gradient_name(name)}": np.asarray(array) for name, array in update.accumulated.items()},
        **{name: np.asarray(array) for name, array in computed.items() if array is not None},
    }


class Distance(NamedTuple):
    """How far two arrays of the same shape are apart."""

    elements: int
    """How many differ, in their sign if they are zeros."""
    ulps: float
    """The largest difference, in units of the last place of the larger value; infinite if one is not a number."""
    place: tuple[int, ...]
    """The index of the largest difference."""


def bits(array: Array) -> bytes:
    """A key that only arrays of the same bits share, given their shape and dtype; all NaNs count as the same."""
    return (np.where(np.isnan(array), np.nan, array) if array.dtype.kind == "f" else array).tobytes()


def distance(got: Array, want: Array) -> Distance:
    """Compare two arrays of the same shape and dtype bit by bit."""
    differs = ((got != want) | (np.signbit(got) != np.signbit(want))) & ~(np.isnan(got) & np.isnan(want))
    with np.errstate(all="ignore"):
        larger = np.maximum(np.abs(got), np.abs(want))
        ulps = np.where(differs, np.abs(got.astype(np.float64) - want) / np.spacing(larger), 0)
    ulps = np.nan_to_num(ulps, nan=np.inf, posinf=np.inf)
    place = np.unravel_index(int(ulps.argmax()), ulps.shape)
    return Distance(int(differs.sum()), float(ulps[place]), tuple(int(i) for i in place))
