"""One backend's training, taken from one point of comparison to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from backends.contract import Array, Node, Step
from harness.errors import InputError
from harness.guarding.garbage import collection_postponed
from harness.running.allowance import Tolerances
from harness.running.courses.rehearsal import Pace, Stopwatch
from harness.running.deviations import Difference, Scratch, difference
from harness.running.runner import Runner
from harness.running.updates import Update, Updates


@dataclass(frozen=True)
class Point:
    """A moment at which runs are compared: the end of an epoch, or of every update."""

    epoch: int
    update: int
    """Counted over the whole run, from 1."""
    rows: list[int]
    """The examples in each update since the point before."""


class Snapshot(NamedTuple):
    """The reference at a point."""

    point: Point
    tensors: Sequence[Array | None]
    """Copies of those that are compared; None where it yielded none."""


class Observer(Protocol):
    """Looks at every update of one backend."""

    def observe(self, update: Update) -> None:
        """Look at an update, whose arrays are valid until the next one; or put that off, and keep a copy."""
        ...

    def catch_up(self) -> None:
        """Look at all that was put off."""
        ...

    def seen(self) -> Any:
        """What came out of it, which can be sent from one process to another."""
        ...


class Left(NamedTuple):
    """What a training leaves when it is over."""

    weights: Mapping[str, Array]
    averages: Mapping[str, Array]
    """Of the weights; none unless the program keeps them."""
    seconds: float
    """The time that the backend took."""
    is_untraced: bool
    """Whether it was asked for intermediate values and yielded none."""
    seen: Any
    """What the observer saw; None if there was none."""


class Course(Protocol):
    """A training, in this process or in one beside it."""

    name: str
    """Of the backend."""

    def compare(self, snapshot: Snapshot) -> list[Difference | None]:
        """Train up to a point, and say how far each tensor is from the reference's there.

        None for one that this backend or the reference left out. Raises InputError if shapes differ.
        """
        ...

    def finish(self) -> None:
        """Check that the backend has no step left after its last batch."""
        ...

    def left(self) -> Left:
        """What there is at the end."""
        ...


class CourseHere:
    """A training in this process."""

    def __init__(
        self,
        runner: Runner,
        nodes: Sequence[Node],
        tolerances: Tolerances | None,
        scratch: Scratch,
        updates: Updates | None = None,
        observer: Observer | None = None,
    ) -> None:
        """`nodes` are the tensors that are compared; `updates` pairs steps with what was before, for an observer."""
        self.name = runner.name
        self.step: Step
        """The last one."""
        self.update: Update
        """The last one, if there are updates."""
        self._runner = runner
        self._nodes = nodes
        self._tolerances = tolerances
        self._scratch = scratch
        self._updates = updates
        self._observer = observer
        self._stopwatch = Stopwatch(0)
        self._ahead: list[Array] = []
        """The losses of updates that were made before anyone asked for the point that they lead to."""

    def compare(self, snapshot: Snapshot) -> list[Difference | None]:
        """As Course says."""
        return [
            None if got is None or want is None else self._difference(node, got, want)
            for node, got, want in zip(self._nodes, self.up_to(snapshot.point), snapshot.tensors, strict=True)
        ]

    def _difference(self, node: Node, got: Array, want: Array) -> Difference:
        if got.shape != want.shape:
            raise InputError(
                f"backend {self.name} yielded {node} with shape {got.shape} at update {self._runner.done}; "
                f"the reference has {want.shape}"
            )
        tolerances = None if self._tolerances is None else self._tolerances.of_elements(want)
        return difference(got, want, tolerances, self._scratch)

    def up_to(self, point: Point) -> list[Array | None]:
        """Train up to a point, and return the tensors that are compared there, as they were yielded.

        The loss is the mean since the point before, and what the backend left out is None.
        """
        losses, self._ahead = self._ahead, []
        for _ in point.rows[len(losses) :]:
            losses.append(self._next_loss())
        loss = mean_loss(point.rows, losses)
        return [loss if node.kind == "loss" else node.read(self.step) for node in self._nodes]

    def go_ahead(self, updates: int) -> None:
        """Train so many of the updates before the next point."""
        for _ in range(updates):
            self._ahead.append(self._next_loss())

    def start_stopwatch(self, updates: int) -> None:
        """Have the next updates timed, so many."""
        self._stopwatch = Stopwatch(updates)

    def pace(self) -> Pace:
        """How long the updates took that were timed; no others are."""
        pace, self._stopwatch = self._stopwatch.pace(self.catch_up), Stopwatch(0)
        return pace

    def _next_loss(self) -> Array:
        if self._stopwatch.runs:
            self._stopwatch.time(self._advance, lambda: self._runner.seconds, self.catch_up)
        else:
            self._advance()
        return np.array(self.step.loss)  # a backend may reuse the memory

    def _advance(self) -> None:
        """Train one update, and have it observed."""
        if self._updates is None:
            self.step = self._checked()
            return
        self.update = self._updates.follow(self._checked)
        self.step = self.update.step
        if self._observer is not None:
            with collection_postponed():
                self._observer.observe(self.update)

    def catch_up(self) -> None:
        """Have all updates observed whose observation was put off."""
        if self._observer is not None:
            with collection_postponed():
                self._observer.catch_up()

    def _checked(self) -> Step:
        step = self._runner.advance()
        self._runner.check(step)
        return step

    def finish(self) -> None:
        """As Course says. Raises InputError if there is one."""
        self._runner.finish()

    def left(self) -> Left:
        """As Course says."""
        runner = self._runner
        with collection_postponed():
            seen = None if self._observer is None else self._observer.seen()
        return Left(
            {name: np.array(array) for name, array in self.step.weights.items()},
            {node.of: np.array(self.step.state[str(node)]) for node in self._nodes if node.kind == "average"},
            runner.seconds,
            runner.asked_to_trace and not runner.traces,
            seen,
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
