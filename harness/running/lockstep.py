"""Trains all backends in lockstep and compares them as they go. Only summaries are kept, so memory does not grow."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from math import prod

import numpy as np

from backends.contract import Node
from harness.numerics.bounds.bounds import largest_size
from harness.results import Flip
from harness.running.allowance import (
    MANY_NUDGED_RUNS,
    NUDGED_RUNS,
    Allowance,
    MeasuredFloor,
)
from harness.running.courses.beside import Lost, backends_apart
from harness.running.courses.course import Course, CourseHere, Point, Snapshot
from harness.running.courses.courses import Courses
from harness.running.courses.rehearsal import rehearsed_updates
from harness.running.deviations import Deviations, Difference
from harness.running.experiment import Experiment
from harness.running.kinks import first_flip
from harness.running.process import freed_memory_kept
from harness.running.runner import outcomes
from harness.running.trajectories import Comparison, Observers, Trajectories
from harness.running.updates import Update

WORTH_A_PROCESS = 2.5e6
"""The cost, as an experiment expects it, of a run of a quarter of a second or more. To start a process takes 0.02 s."""
CERTIFIED = 2.5
"""How many times as long a certified run takes, about."""
UPDATES_PER_TURN = 32
"""How many updates, if an epoch has no more, a run trains before the next run takes its turn."""
KEPT_BYTES = 8 * 2**20
"""How much of the reference may be kept meanwhile; large networks have shorter turns, down to one epoch."""

Progress = Callable[[int], None]
"""Called with every epoch's number when the epoch is done."""


def train_in_lockstep(
    experiment: Experiment,
    progress: Progress | None = None,
    *,
    observers: Callable[[], Observers] = Observers,
    updates_per_turn: int = UPDATES_PER_TURN,
) -> Trajectories:
    """Train every backend on every epoch, and compare loss, gradients, state and weights after each.

    Backends take turns of about `updates_per_turn`, in whole epochs, the reference first. In a long run of an
    experiment that may use several processes, others train beside it. `observers` makes those that observe the run.
    """

    def run() -> _Lockstep:
        return _Lockstep(experiment, experiment.epochs, observers(), updates_per_turn=updates_per_turn)

    if trains_beside(experiment):
        with suppress(Lost):  # what ended the process shows when all is done in this one
            return run().train_beside(progress)
    return run().train(progress)


def trains_beside(experiment: Experiment) -> bool:
    """Whether a run is shared among processes: if it may use several, has what can train in others, and is long."""
    is_long = experiment.expected_cost * (1 if experiment.certify is None else CERTIFIED) > WORTH_A_PROCESS
    others = {backend.name for backend in experiment.backends[1:]}
    return is_long and experiment.processes > 1 and not others.isdisjoint(backends_apart(experiment))


def trace_to_first_mismatch(experiment: Experiment, epochs: int, parting: Collection[str]) -> Trajectories:
    """Train again with every tensor compared at every update, until all backends in `parting` have a mismatch.

    Finds the op where each of them parts, and whether a unit lay on the other side of a kink there.
    """
    return _Lockstep(experiment, epochs, Observers(), parting=frozenset(parting), updates_per_turn=1).train()


def train_with_more_nudged_runs(experiment: Experiment, epochs: int) -> Trajectories:
    """Train again for some epochs, with an allowance that is measured on MANY_NUDGED_RUNS."""
    return _Lockstep(experiment, epochs, Observers(), nudged_runs=MANY_NUDGED_RUNS).train()


@dataclass(slots=True)
class _Measured:
    """What is known of a tensor of the reference at a point."""

    place: int
    """Of its node among those that are compared."""
    node: Node
    shape: tuple[int, ...]
    size: float
    """Its largest element."""
    moved: float = 0.0
    """How far a nudge moves it."""
    allowed: float = 0.0
    """For every element, beside its tolerance."""


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
        updates_per_turn: int = UPDATES_PER_TURN,
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
            self.nodes = [node for node in program.nodes() if node.kind != "scheduled"]
        bytes_per_point = sum(prod(program.shapes[node.of]) for node in self.nodes) * np.dtype(dtype).itemsize
        updates_per_point = 1 if every_update else len(draws.batch_rows)
        self.points_per_turn = max(min(KEPT_BYTES // bytes_per_point, updates_per_turn // updates_per_point), 1)
        points_per_epoch = len(draws.batch_rows) if every_update else 1
        self.allowance: Allowance = experiment.tolerances or MeasuredFloor(dtype, points_per_epoch)
        self.courses = Courses(
            experiment,
            epochs,
            self.nodes,
            observers,
            nudged_runs=nudged_runs if experiment.tolerances is None else 0,
            every_update=every_update,
        )
        self.seconds: dict[str, float] = {}
        self.deviations = [Deviations(backend.name, dtype) for backend in experiment.backends[1:]]
        self.losses = {backend.name: np.empty(epochs, dtype) for backend in experiment.backends}
        self.largest_gradient = dict.fromkeys(program.weights, 0.0)
        self.flips: dict[str, Flip | None] = {}
        self.at_mismatch: dict[str, tuple[Update, Update]] = {}

    @freed_memory_kept()
    def train(self, progress: Progress | None = None) -> Trajectories:
        """Train up to the end, or until all that were to be found have a mismatch."""
        points = self._points()
        first = islice(points, 1)  # most mistakes show there
        self._take_turns(chain(self._turns(first), self._turns(points)), progress)
        return self._finished()

    @freed_memory_kept()
    def train_beside(self, progress: Progress | None) -> Trajectories:
        """Train up to the end, with what can train elsewhere shared among processes. Raises Lost.

        The first updates are made in this process, and timed. What the table calls the time of a backend is by those.
        """
        updates = rehearsed_updates(self.experiment)
        epochs = updates // len(self.experiment.draws.batch_rows)
        points = self._points()
        self.courses.prepare_to_share(updates, self.points_per_turn)
        if epochs:
            first, others = islice(points, 1), islice(points, epochs - 1)
            self._take_turns(chain(self._turns(first), self._turns(others)), progress)
        else:
            self.courses.go_ahead(updates)
        rehearsal = self.courses.rehearsal()
        self.seconds = {name: pace.training * self.experiment.updates for name, pace in rehearsal.paces.items()}
        turns = self._turns(points)
        with self.courses.shared(rehearsal, turns):
            self._take_turns(turns, progress)
            return self._finished()

    def _take_turns(self, turns: Iterator[Sequence[Point]], progress: Progress | None) -> None:
        for snapshots in self.courses.snapshots(turns):
            self._take_turn(snapshots)
            if snapshots[0].point.epoch == 1:
                self.courses.check_memory()
            if self._has_found_all:
                return
            if progress is not None:
                progress(snapshots[-1].point.epoch)
            del snapshots  # so that the next turn has their memory

    @property
    def _has_found_all(self) -> bool:
        return self.every_update and self.parting <= {d.backend for d in self.deviations if d.first}

    def _finished(self) -> Trajectories:
        if not self._has_found_all:
            self.courses.finish()
        return self._trajectories()

    def _turns(self, points: Iterator[Point]) -> Iterator[Sequence[Point]]:
        """The points of each turn: as many as memory permits."""
        while turn := list(islice(points, self.points_per_turn)):
            yield turn

    def _points(self) -> Iterator[Point]:
        batch_rows = self.experiment.draws.batch_rows
        for epoch in range(1, self.epochs + 1):
            before = (epoch - 1) * len(batch_rows)
            if self.every_update:
                yield from (Point(epoch, before + i, [rows]) for i, rows in enumerate(batch_rows, 1))
            else:
                yield Point(epoch, before + len(batch_rows), batch_rows)

    def _take_turn(self, snapshots: Sequence[Snapshot]) -> None:
        """Train all runs but the reference up to the last of these points, and compare them with it."""
        measured = [self._measured(snapshot) for snapshot in snapshots]
        for course in self.courses.nudged:
            for snapshot, tensors in zip(snapshots, measured, strict=True):
                self._measure(tensors, course.compare(snapshot))
        for snapshot, tensors in zip(snapshots, measured, strict=True):
            for tensor in tensors:
                self.allowance.observe(snapshot.point.epoch, tensor.node, tensor.size, tensor.moved)
                tensor.allowed = self.allowance.allowed(tensor.node) + self.experiment.rounding.get(tensor.node, 0.0)
        for deviations, other in zip(self.deviations, self.courses.others, strict=True):
            for snapshot, tensors in zip(snapshots, measured, strict=True):
                self._compare(deviations, snapshot.point, tensors, other.compare(snapshot), other)

    def _measured(self, snapshot: Snapshot) -> list[_Measured]:
        """What of the reference is compared at a point; without what it leaves out there, or doesn't trace."""
        measured = []
        for place, (node, array) in enumerate(zip(self.nodes, snapshot.tensors, strict=True)):
            if array is not None:
                tensor = _Measured(place, node, array.shape, largest_size(array))
                measured.append(tensor)
                if node.kind == "gradient" and node.of in self.largest_gradient and tensor.size != 0:
                    self.largest_gradient[node.of] = tensor.size
                if node.kind == "loss":
                    self._keep_loss(self.courses.reference, snapshot.point, float(array))
        return measured

    def _measure(self, measured: Sequence[_Measured], differences: Sequence[Difference | None]) -> None:
        """Note how far a nudged run is from the reference."""
        for tensor in measured:
            difference = differences[tensor.place]
            if difference is not None:
                tensor.moved = max(tensor.moved, difference.error)

    def _compare(
        self,
        deviations: Deviations,
        point: Point,
        measured: Sequence[_Measured],
        differences: Sequence[Difference | None],
        course: Course,
    ) -> None:
        agreed_before = deviations.first is None
        for tensor in measured:
            difference = differences[tensor.place]
            if difference is None:
                continue  # a backend may leave out what trace=True asks for, and then all of it
            node, size, allowed = tensor.node, tensor.size, tensor.allowed + difference.tolerance
            deviations.note(point.epoch, point.update, node, tensor.shape, size, difference, allowed)
            if node.kind == "loss":
                self._keep_loss(course, point, difference.got)
            if self.observers.comparison is not None:
                self.observers.comparison(Comparison(course.name, point.epoch, node, size, difference.error, allowed))
        if self.every_update and agreed_before and deviations.first is not None:
            assert isinstance(course, CourseHere)
            experiment, updates = self.experiment, (self.courses.reference.update, course.update)
            self.at_mismatch[course.name] = updates[0].copy(), updates[1].copy()
            self.flips[course.name] = first_flip(
                experiment.program, experiment.kinks, experiment.find_op, point.epoch, course.name, *updates
            )

    def _keep_loss(self, course: Course, point: Point, loss: float) -> None:
        if not self.every_update:
            self.losses[course.name][point.epoch - 1] = loss

    def _trajectories(self) -> Trajectories:
        left = self.courses.left()
        return Trajectories(
            losses=self.losses,
            deviations=self.deviations,
            seconds=self.seconds or {name: each.seconds for name, each in left.items()},
            final_weights={name: dict(each.weights) for name, each in left.items()},
            final_averages={name: each.averages for name, each in left.items()},
            dead_gradients=[name for name, size in self.largest_gradient.items() if size == 0],
            horizon=self.allowance.horizon,
            loss_untested_from=self.allowance.loss_untested_from,
            untraced=[name for name, each in left.items() if each.is_untraced],
            flips=self.flips,
            at_mismatch=self.at_mismatch,
            seen={name: each.seen for name, each in left.items()},
        )
