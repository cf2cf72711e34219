"""Trains all backends in lockstep and compares them as they go. Only summaries are kept, so memory does not grow."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from math import prod

import numpy as np

from backends.contract import Array, Node
from harness.numerics.bounds.bounds import largest_size
from harness.results import Flip
from harness.running.allowance import (
    MANY_NUDGED_RUNS,
    NUDGED_RUNS,
    Allowance,
    MeasuredFloor,
    largest_difference,
)
from harness.running.courses.beside import Lost, backends_apart
from harness.running.courses.course import Course, CourseHere, Point
from harness.running.courses.courses import Courses
from harness.running.courses.rehearsal import Rehearsal
from harness.running.deviations import Deviations
from harness.running.experiment import Experiment
from harness.running.kinks import first_flip
from harness.running.process import keep_freed_memory
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
            rehearsal = run().rehearse()
            return run().train_beside(rehearsal, progress)
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

    point: Point
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
        self.buffer = np.empty(0, dtype)

    def rehearse(self) -> Rehearsal:
        """Train the first updates, to measure how long each part of the run takes."""
        keep_freed_memory()
        return self.courses.rehearse()

    def train_beside(self, rehearsal: Rehearsal, progress: Progress | None) -> Trajectories:
        """The same with what can train elsewhere shared among processes. Raises Lost.

        What the table calls the time of a backend is that of the rehearsal.
        """
        updates = self.experiment.updates
        self.seconds = {name: pace.training * updates for name, pace in rehearsal.paces.items()}
        with self.courses.shared(rehearsal, self._turns, self.points_per_turn):
            return self.train(progress)

    def train(self, progress: Progress | None = None) -> Trajectories:
        """Train up to the end, or until all that were to be found have a mismatch."""
        keep_freed_memory()
        for turn in self._turns():
            self._take_turn(turn)
            if turn[0].epoch == 1:
                self.courses.check_memory()
            if self.every_update and self.parting <= {d.backend for d in self.deviations if d.first}:
                return self._trajectories()
            if progress is not None:
                progress(turn[-1].epoch)
        self.courses.finish()
        return self._trajectories()

    def _turns(self) -> Iterator[list[Point]]:
        """The points of each turn: the first one alone, where most mistakes show, then as many as memory permits."""
        points = self._points()
        yield list(islice(points, 1))
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

    def _take_turn(self, turn: Sequence[Point]) -> None:
        """Train all runs up to the last of these points, and compare them."""
        snapshots = [self._snapshot(point) for point in turn]
        for course in self.courses.nudged:
            for snapshot in snapshots:
                self._measure(snapshot, course.up_to(snapshot.point))
        for snapshot in snapshots:
            for kept in snapshot.tensors:
                self.allowance.observe(snapshot.point.epoch, kept.node, kept.size, kept.moved)
                rounding = self.experiment.rounding.get(kept.node, 0.0)
                kept.allowed = self.allowance.allowed(kept.node, kept.array) + rounding
        for deviations, other in zip(self.deviations, self.courses.others, strict=True):
            for snapshot in snapshots:
                self._compare(deviations, snapshot, self._tensors(other, snapshot.point), other)
        self.courses.release()

    def _tensors(self, course: Course, point: Point) -> list[Array | None]:
        """Train a backend up to a point and return its tensors there; keep its loss."""
        tensors = course.up_to(point)
        if not self.every_update:
            loss = next(array for node, array in zip(self.nodes, tensors, strict=True) if node.kind == "loss")
            assert loss is not None
            self.losses[course.name][point.epoch - 1] = loss
        return tensors

    def _snapshot(self, point: Point) -> _Snapshot:
        snapshot = _Snapshot(point, [])
        tensors = self._tensors(self.courses.reference, point)
        for place, (node, array) in enumerate(zip(self.nodes, tensors, strict=True)):
            if array is not None:  # a reference that doesn't trace leaves only outcomes to compare
                kept = _Kept(place, node, np.array(array), largest_size(array))
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
        self, deviations: Deviations, snapshot: _Snapshot, tensors: Sequence[Array | None], course: Course
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
                self.observers.comparison(Comparison(course.name, point.epoch, kept.node, kept.size, error, allowed))
        if self.every_update and agreed_before and deviations.first is not None:
            assert isinstance(course, CourseHere)
            experiment, updates = self.experiment, (self.courses.reference.update, course.update)
            self.at_mismatch[course.name] = updates[0].copy(), updates[1].copy()
            self.flips[course.name] = first_flip(
                experiment.program, experiment.kinks, experiment.find_op, point.epoch, course.name, *updates
            )

    def _room(self, like: Array) -> Array:
        """Scratch memory of this array's shape, shared by all tensors; its content is arbitrary."""
        if like.size > self.buffer.size:
            self.buffer = np.empty(like.size, like.dtype)
        return self.buffer[: like.size].reshape(like.shape)

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
