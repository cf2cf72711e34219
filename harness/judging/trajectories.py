"""Trains all backends in lockstep and compares them while they pass; keeps summaries, so memory does not grow."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import numpy as np

from backends.contract import Array, Step
from harness.certifying.certifier import Certificate, Certifier
from harness.results import Flip, Mismatch
from harness.running.allocation import keep_freed_memory
from harness.running.allowance import (
    NUDGED_RUNS,
    Allowance,
    Deviations,
    MeasuredFloor,
    largest,
    largest_difference,
    nudged,
)
from harness.running.experiment import Experiment
from harness.running.kinks import first_flip
from harness.running.runner import Progress, Runner, check_memory, mean_loss
from harness.running.tensors import Layout, Origin

MOST_POINTS_PER_TURN = 32
"""For how many epochs, at most, a run goes on before the next one has its turn."""
KEPT_BYTES = 16 * 2**20
"""How much of the reference may be kept meanwhile; turns of large networks are shorter for it, down to one epoch."""


@dataclass
class Trajectories:
    """What is left of a lockstep run."""

    losses: dict[str, Array]
    deviations: list[Deviations]
    seconds: dict[str, float]
    final_weights: dict[str, dict[str, Array]]
    dead_gradients: list[str]
    """Weights whose gradient in the reference was zero at every epoch."""
    horizon: int | None
    loss_untested_from: int | None
    """From this epoch to the end, rounding explains any loss."""
    untraced: list[str] = field(default_factory=list)
    """Backends that were asked for intermediate values and yielded none."""
    certificates: dict[str, Certificate] = field(default_factory=dict)
    """Of every backend that traces; empty where none were asked for."""
    flip: Flip | None = None
    """When traced: the unit that was on the other side of a kink at the first mismatch."""

    @property
    def first(self) -> Mismatch | None:
        """The earliest mismatch of any backend."""
        return _earliest(deviation.first for deviation in self.deviations)

    @property
    def parted(self) -> Mismatch | None:
        """The earliest weight of any backend that is off by more than the horizon's share of its tensor."""
        return _earliest(deviation.parted for deviation in self.deviations)


def _earliest(mismatches: Iterable[Mismatch | None]) -> Mismatch | None:
    return min((found for found in mismatches if found), key=lambda mismatch: mismatch.update, default=None)


def compare_trajectories(experiment: Experiment, progress: Progress | None = None) -> Trajectories:
    """Train every backend on every epoch, and compare loss, gradients, state and weights after each."""
    return _Lockstep(experiment, experiment.epochs, trace=False).run(progress)


def trace_to_first_mismatch(experiment: Experiment, epochs: int) -> Trajectories:
    """Run again with every intermediate value compared at every update, and stop at the first mismatch.

    Finds the op where runs part, and whether a unit took the other side of a kink there.
    """
    return _Lockstep(experiment, epochs, trace=True).run(None)


@dataclass(frozen=True)
class _Point:
    """A moment at which runs are compared: the end of an epoch, or of every update when tracing."""

    epoch: int
    update: int
    """Counted over the whole run, from 1."""
    rows: list[int]
    """The examples in each update since the point before."""


@dataclass
class _Snapshot:
    """The reference at a point: copies of its tensors, their largest elements, and how far a nudge moves them."""

    point: _Point
    tensors: list[tuple[Origin, Array]]
    sizes: list[float]
    moved: list[float]
    allowed: list[float | Array] = field(default_factory=list)


class _Lockstep:
    """Trains everyone in turns of a few points: the reference first, which is copied, then the others against it.

    Frameworks that took turns at every update would find the caches cold each time, at half as much again.
    """

    def __init__(self, experiment: Experiment, epochs: int, *, trace: bool) -> None:
        program, draws, dtype = experiment.program, experiment.draws, experiment.dtype
        self.experiment = experiment
        self.epochs = epochs
        self.trace = trace
        self.layout = Layout(program)
        points_per_epoch = len(draws.batch_rows) if trace else 1
        self.allowance: Allowance = experiment.tolerances or MeasuredFloor(dtype, points_per_epoch)
        random = np.random.RandomState(experiment.seed)
        starts = [nudged(draws.weights, random) for _ in range(NUDGED_RUNS if experiment.tolerances is None else 0)]
        reference, *others = experiment.backends
        certify = None if trace else experiment.certify
        start = partial(Runner, program=program, draws=draws, epochs=epochs, dtype=dtype)
        traced = partial(start, trace=trace or certify is not None)
        self.reference = traced(reference)
        self.nudged = [start(reference, weights=weights, trace=trace) for weights in starts]
        self.others = [traced(backend) for backend in others]
        self.certifiers: dict[Runner, Certifier] = {}
        if certify is not None:
            self.certifiers = {
                runner: Certifier(backend, experiment, epochs)
                for runner, backend in zip((self.reference, *self.others), experiment.backends, strict=True)
            }
        self.deviations = [Deviations(backend.name, dtype) for backend in others]
        self.steps: dict[Runner, Step] = {}
        self.losses = {backend.name: np.empty(epochs, dtype) for backend in experiment.backends}
        self.largest_gradient = dict.fromkeys(program.weights, 0.0)
        self.flips: dict[str, Flip | None] = {}
        self.buffer = np.empty(0, dtype)

    def run(self, progress: Progress | None) -> Trajectories:
        keep_freed_memory()
        points = self._points()
        length = 1
        while turn := list(islice(points, length)):
            kept = self._take_turn(turn)
            length = min(max(KEPT_BYTES * len(turn) // kept, 1), MOST_POINTS_PER_TURN)
            if turn[0].epoch == 1:
                self._check_memory()
            if self.trace and any(deviations.first for deviations in self.deviations):
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
            if self.trace:
                yield from (_Point(epoch, before + i, [rows]) for i, rows in enumerate(batch_rows, 1))
            else:
                yield _Point(epoch, before + len(batch_rows), batch_rows)

    def _take_turn(self, turn: Sequence[_Point]) -> int:
        """Train everyone up to the last of these points; return how many bytes of the reference that kept."""
        snapshots = [self._snapshot(point) for point in turn]
        for runner in self.nudged:
            for snapshot in snapshots:
                self._measure(snapshot, self._advance(runner, snapshot.point))
        for snapshot in snapshots:
            for (origin, array), size, moved in zip(snapshot.tensors, snapshot.sizes, snapshot.moved, strict=True):
                self.allowance.observe(snapshot.point.epoch, origin, size, moved)
                snapshot.allowed.append(self.allowance.allowed(origin.tensor, array))
        for deviations, runner in zip(self.deviations, self.others, strict=True):
            for snapshot in snapshots:
                self._compare(deviations, snapshot, self._advance(runner, snapshot.point), runner)
        return sum(array.nbytes for snapshot in snapshots for _, array in snapshot.tensors)

    def _advance(self, runner: Runner, point: _Point) -> list[tuple[Origin, Array]]:
        """Train a run up to a point and return its tensors there, with the mean loss of the examples since the last."""
        losses = []
        for _ in point.rows:
            step = runner.advance()
            runner.check(step, self.steps.get(self.reference, step).state)
            if runner in self.certifiers and runner.traces:
                self.certifiers[runner].observe(step)
            losses.append(np.asarray(step.loss))
        self.steps[runner] = step
        loss = mean_loss(point.rows, losses)
        if not self.trace and runner not in self.nudged:
            self.losses[runner.name][point.epoch - 1] = loss
        return self.layout.tensors(step, loss, intermediate=self.trace)

    def _snapshot(self, point: _Point) -> _Snapshot:
        tensors = [(origin, np.array(array)) for origin, array in self._advance(self.reference, point)]
        sizes = [largest(array) for _, array in tensors]
        for (origin, _), size in zip(tensors, sizes, strict=True):
            weight = origin.tensor.removeprefix("grad_")
            if origin.phase == "backward" and weight in self.largest_gradient and size != 0:
                self.largest_gradient[weight] = size
        return _Snapshot(point, tensors, sizes, moved=[0.0] * len(tensors))

    def _measure(self, snapshot: _Snapshot, tensors: Sequence[tuple[Origin, Array]]) -> None:
        """Note how far a nudged run has moved from the reference."""
        for i, ((_, reference), (_, array)) in enumerate(zip(snapshot.tensors, tensors, strict=True)):
            moved = largest_difference(reference, array, self._room(reference))
            if moved > snapshot.moved[i]:
                snapshot.moved[i] = moved

    def _compare(
        self, deviations: Deviations, snapshot: _Snapshot, tensors: Sequence[tuple[Origin, Array]], runner: Runner
    ) -> None:
        agreed_before = deviations.first is None
        point = snapshot.point
        compared = {origin.tensor: array for origin, array in tensors}
        for (origin, want), size, allowed in zip(snapshot.tensors, snapshot.sizes, snapshot.allowed, strict=True):
            # Only what is asked for with trace=True may be missing, and then all of it.
            if origin.tensor in compared:
                got = compared[origin.tensor]
                deviations.compare(point.epoch, point.update, origin, want, size, got, allowed, self._room(want))
        if self.trace and agreed_before and deviations.first is not None:
            reference = {origin.tensor: array for origin, array in snapshot.tensors}
            values = self.steps[runner].values
            self.flips[runner.name] = first_flip(
                point.epoch, point.update, runner.name, reference, values, self.experiment.kinks
            )

    def _room(self, like: Array) -> Array:
        """Memory of this array's shape, the same for all tensors; its content is whatever was there."""
        if like.size > self.buffer.size:
            self.buffer = np.empty(like.size, like.dtype)
        return self.buffer[: like.size].reshape(like.shape)

    def _check_memory(self) -> None:
        runners = (self.reference, *self.others)
        check_memory({runner.name: self.steps[runner] for runner in runners}, self.experiment.draws)

    def _trajectories(self) -> Trajectories:
        runners = (self.reference, *self.others)
        trajectories = Trajectories(
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
            certificates={
                runner.name: self.certifiers[runner].certificate for runner in self.certifiers if runner.traces
            },
        )
        if trajectories.first is not None:
            trajectories.flip = self.flips.get(trajectories.first.backend)
        return trajectories
