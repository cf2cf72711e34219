"""Trains all backends in lockstep and compares them as they go. Only summaries are kept, so memory does not grow."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np

from backends.contract import Array, Node, Step
from harness.results import Flip
from harness.running.allowance import (
    MANY_NUDGED_RUNS,
    NUDGED_RUNS,
    Allowance,
    MeasuredFloor,
    largest,
    largest_difference,
    nudged,
)
from harness.running.deviations import Deviations
from harness.running.experiment import Experiment
from harness.running.kinks import first_flip
from harness.running.process import keep_freed_memory
from harness.running.runner import Runner, check_memory, outcomes
from harness.running.trajectories import Comparison, Observers, Trajectories
from harness.running.updates import Update, Updates

MOST_POINTS_PER_TURN = 32
"""How many epochs, at most, a run trains before the next run takes its turn."""
KEPT_BYTES = 16 * 2**20
"""How much of the reference may be kept meanwhile; large networks have shorter turns, down to one epoch."""

Progress = Callable[[int], None]
"""Called with every epoch's number when the epoch is done."""


def warm_up(experiment: Experiment) -> None:
    """Make one update with every backend, so that loading a framework on first use is not timed as training."""
    for backend in experiment.backends:
        Runner(backend, experiment.program, experiment.draws, 1, experiment.dtype).advance()


def train_in_lockstep(
    experiment: Experiment,
    progress: Progress | None = None,
    *,
    observers: Observers | None = None,
    points_per_turn: int = MOST_POINTS_PER_TURN,
) -> Trajectories:
    """Train every backend on every epoch, and compare loss, gradients, state and weights after each.

    Backends take turns of up to `points_per_turn` epochs, the reference first.
    """
    return _Lockstep(experiment, experiment.epochs, observers or Observers()).train(progress, points_per_turn)


def trace_to_first_mismatch(experiment: Experiment, epochs: int, parting: Collection[str]) -> Trajectories:
    """Train again with every tensor compared at every update, until all backends in `parting` have a mismatch.

    Finds the op where each of them parts, and whether a unit lay on the other side of a kink there.
    """
    return _Lockstep(experiment, epochs, Observers(), parting=frozenset(parting)).train(None, points_per_turn=1)


def train_with_more_nudged_runs(experiment: Experiment, epochs: int) -> Trajectories:
    """Train again for some epochs, with an allowance that is measured on MANY_NUDGED_RUNS."""
    return _Lockstep(experiment, epochs, Observers(), nudged_runs=MANY_NUDGED_RUNS).train(None, MOST_POINTS_PER_TURN)


@dataclass(frozen=True)
class _Point:
    """A moment at which runs are compared: the end of an epoch, or of every update."""

    epoch: int
    update: int
    """Counted over the whole run, from 1."""
    rows: list[int]
    """The examples in each update since the point before."""


@dataclass(slots=True)
class _Kept:
    """A tensor of the reference at a point, copied."""

    place: int
    """Of its node among those that are compared."""
    node: Node
    array: Array
    size: float
    """Its largest element."""
    moved: float = 0.0
    """How far a nudge moves it."""
    allowed: float | Array = 0.0


@dataclass(frozen=True)
class _Snapshot:
    """The reference at a point: all that it yielded there."""

    point: _Point
    tensors: list[_Kept]


class _Lockstep:
    """Trains all runs in turns of a few points: first the reference, which is copied, then the others against it.

    With turns of a single update the caches would be cold each time, and training would take half as long again.
    """

    def __init__(
        self,
        experiment: Experiment,
        epochs: int,
        observers: Observers,
        *,
        parting: frozenset[str] = frozenset(),
        nudged_runs: int = NUDGED_RUNS,
    ) -> None:
        """If there are backends in `parting`, every update is compared, until each of them has a mismatch."""
        every_update = bool(parting)
        program, draws, dtype = experiment.program, experiment.draws, experiment.dtype
        self.experiment = experiment
        self.epochs = epochs
        self.observers = observers
        self.every_update = every_update
        self.parting = parting
        self.nodes = outcomes(program)
        if every_update:  # a learning rate is a number in float64 in every run
            self.nodes = [node for node in program.nodes() if node.kind != "learning rate"]
        trace = every_update or observers.update is not None
        points_per_epoch = len(draws.batch_rows) if every_update else 1
        self.allowance: Allowance = experiment.tolerances or MeasuredFloor(dtype, points_per_epoch)
        random = np.random.RandomState(experiment.seed)
        starts = [nudged(draws.weights, random) for _ in range(nudged_runs if experiment.tolerances is None else 0)]
        reference, *others = experiment.backends
        runner = partial(Runner, program=program, draws=draws, epochs=epochs, dtype=dtype)
        self.reference = runner(reference, trace=trace)
        self.nudged = [runner(reference, weights=weights, trace=every_update) for weights in starts]
        self.others = [runner(backend, trace=trace) for backend in others]
        self.updates: dict[Runner, Updates] = {}
        self.last_update: dict[Runner, Update] = {}
        if trace:
            self.updates = {runner: Updates(program, draws, epochs) for runner in (self.reference, *self.others)}
        self.deviations = [Deviations(backend.name, dtype) for backend in others]
        self.steps: dict[Runner, Step] = {}
        self.losses = {backend.name: np.empty(epochs, dtype) for backend in experiment.backends}
        self.largest_gradient = dict.fromkeys(program.weights, 0.0)
        self.flips: dict[str, Flip | None] = {}
        self.at_mismatch: dict[str, tuple[Update, Update]] = {}
        self.buffer = np.empty(0, dtype)

    def train(self, progress: Progress | None, points_per_turn: int) -> Trajectories:
        keep_freed_memory()
        points = self._points()
        length = 1
        while turn := list(islice(points, length)):
            kept_bytes = self._take_turn(turn)
            length = min(max(KEPT_BYTES * len(turn) // kept_bytes, 1), points_per_turn)
            if turn[0].epoch == 1:
                self._check_memory()
            if self.every_update and self.parting <= {d.backend for d in self.deviations if d.first}:
                return self._trajectories()
            if progress is not None:
                progress(turn[-1].epoch)
        for runner in self.steps:
            runner.finish()
        self._check_memory()
        return self._trajectories()

    def _points(self) -> Iterator[_Point]:
        batch_rows = self.experiment.draws.batch_rows
        for epoch in range(1, self.epochs + 1):
            before = (epoch - 1) * len(batch_rows)
            if self.every_update:
                yield from (_Point(epoch, before + i, [rows]) for i, rows in enumerate(batch_rows, 1))
            else:
                yield _Point(epoch, before + len(batch_rows), batch_rows)

    def _take_turn(self, turn: Sequence[_Point]) -> int:
        """Train all runs up to the last of these points; return how many bytes of the reference were kept."""
        snapshots = [self._snapshot(point) for point in turn]
        for runner in self.nudged:
            for snapshot in snapshots:
                self._measure(snapshot, self._advance(runner, snapshot.point))
        for snapshot in snapshots:
            for kept in snapshot.tensors:
                self.allowance.observe(snapshot.point.epoch, kept.node, kept.size, kept.moved)
                rounding = self.experiment.rounding.get(kept.node, 0.0)
                kept.allowed = self.allowance.allowed(kept.node, kept.array) + rounding
        for deviations, runner in zip(self.deviations, self.others, strict=True):
            for snapshot in snapshots:
                self._compare(deviations, snapshot, self._advance(runner, snapshot.point), runner)
        return sum(kept.array.nbytes for snapshot in snapshots for kept in snapshot.tensors)

    def _advance(self, runner: Runner, point: _Point) -> list[Array | None]:
        """Train a run up to a point and return its tensors there, with the mean loss since the point before.

        A tensor that the backend does not yield is None.
        """
        losses = []
        for _ in point.rows:
            step = runner.advance()
            runner.check(step)
            if runner in self.updates:
                self.last_update[runner] = self.updates[runner].follow(step)
                if self.observers.update is not None:
                    self.observers.update(runner.name, self.last_update[runner])
            losses.append(np.asarray(step.loss))
        self.steps[runner] = step
        loss = mean_loss(point.rows, losses)
        if not self.every_update and runner not in self.nudged:
            self.losses[runner.name][point.epoch - 1] = loss
        return [loss if node.kind == "loss" else node.read(step) for node in self.nodes]

    def _snapshot(self, point: _Point) -> _Snapshot:
        snapshot = _Snapshot(point, [])
        for place, (node, array) in enumerate(zip(self.nodes, self._advance(self.reference, point), strict=True)):
            if array is not None:  # a reference that doesn't trace leaves only outcomes to compare
                kept = _Kept(place, node, np.array(array), largest(array))
                snapshot.tensors.append(kept)
                if node.kind == "gradient" and node.of in self.largest_gradient and kept.size != 0:
                    self.largest_gradient[node.of] = kept.size
        return snapshot

    def _measure(self, snapshot: _Snapshot, tensors: Sequence[Array | None]) -> None:
        """Note how far a nudged run is from the reference."""
        for kept in snapshot.tensors:
            array = tensors[kept.place]
            if array is not None:
                moved = largest_difference(kept.array, array, self._room(kept.array))
                kept.moved = max(kept.moved, moved)

    def _compare(
        self, deviations: Deviations, snapshot: _Snapshot, tensors: Sequence[Array | None], runner: Runner
    ) -> None:
        agreed_before = deviations.first is None
        point = snapshot.point
        for kept in snapshot.tensors:
            got = tensors[kept.place]
            if got is None:
                continue  # a backend may leave out what trace=True asks for, and then all of it
            error, allowed = deviations.compare(
                point.epoch, point.update, kept.node, kept.array, kept.size, got, kept.allowed, self._room(kept.array)
            )
            if self.observers.comparison is not None:
                self.observers.comparison(Comparison(runner.name, point.epoch, kept.node, kept.size, error, allowed))
        if self.every_update and agreed_before and deviations.first is not None:
            experiment, updates = self.experiment, (self.last_update[self.reference], self.last_update[runner])
            self.at_mismatch[runner.name] = updates[0].copy(), updates[1].copy()
            self.flips[runner.name] = first_flip(
                experiment.program, experiment.kinks, experiment.find_op, point.epoch, runner.name, *updates
            )

    def _room(self, like: Array) -> Array:
        """Scratch memory of this array's shape, shared by all tensors; its content is arbitrary."""
        if like.size > self.buffer.size:
            self.buffer = np.empty(like.size, like.dtype)
        return self.buffer[: like.size].reshape(like.shape)

    def _check_memory(self) -> None:
        runners = (self.reference, *self.others)
        check_memory({runner.name: self.steps[runner] for runner in runners}, self.experiment.draws)

    def _trajectories(self) -> Trajectories:
        runners = (self.reference, *self.others)
        return Trajectories(
            losses=self.losses,
            deviations=self.deviations,
            seconds={runner.name: runner.seconds for runner in runners},
            final_weights={
                runner.name: {name: np.array(array) for name, array in self.steps[runner].weights.items()}
                for runner in runners
            },
            dead_gradients=[name for name, size in self.largest_gradient.items() if size == 0],
            horizon=self.allowance.horizon,
            loss_untested_from=self.allowance.loss_untested_from,
            untraced=[runner.name for runner in runners if runner.asked_to_trace and not runner.traces],
            flips=self.flips,
            at_mismatch=self.at_mismatch,
        )


def mean_loss(rows: Sequence[int], losses: Sequence[Array]) -> Array:
    """The mean loss per example, shape (), given the rows and the loss of each update, in the losses' dtype.

    It is summed in float64, update by update, as a program would: sum() compensates for rounding since Python 3.12.
    """
    if len(losses) == 1:
        return losses[0]
    total = 0.0
    for count, loss in zip(rows, losses, strict=True):
        total += count * float(loss)
    return np.asarray(total / sum(rows), losses[0].dtype)
