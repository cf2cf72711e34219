"""Trains backends in a process beside this one, on another core.

The process is a copy of this one. It trains the same steps, observes the same updates, and compares its tensors with
the reference's, which this process copies into memory that both share. Only what was found comes back. So everything
comes out as in one process, to the last bit, and what a process trains stays in its own caches.
"""

import gc
import math
import mmap
import signal
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

import numpy as np

from backends.contract import Array
from harness.errors import InputError
from harness.running.courses.course import Course, CourseHere, Left, Point, Snapshot
from harness.running.deviations import Difference
from harness.running.experiment import Experiment

TURNS_KEPT = 2
"""For so many turns there is memory: for one that is compared, and the next one."""

Shapes = Sequence[tuple[int, ...]]
Present = Sequence[bool] | None
"""Which of the tensors at a point there are; None, a short message however many they are, for all of them."""


class Lost(Exception):
    """A process beside this one ended before its trainings did, or can't say what happened in it."""


def backends_apart(experiment: Experiment) -> list[str]:
    """Which backends of an experiment can train in a copy of this process: on Linux, built-in ones with one thread.

    Another library may wait for threads that the copy lacks.
    """
    if sys.platform != "linux" or experiment.threads > 1:
        return []
    return [backend.name for backend in experiment.backends if backend.guest.is_trusted]


class Beside:
    """A process with some courses, as long as its context lasts. Its `courses` take their place here."""

    def __init__(
        self,
        courses: Sequence[CourseHere],
        turns: Iterator[Sequence[Point]],
        snapshots: "SharedSnapshots",
        check: Callable[[Sequence[CourseHere]], None],
    ) -> None:
        """`turns` are the points of each turn that is left; the process goes through a copy of this iterator.

        `check` is called in the process after the last turn; it may raise InputError.
        """
        self.courses: list[Course] = [_CourseBeside(course.name, self, number) for number, course in enumerate(courses)]
        ours, theirs = get_context("fork").Pipe()
        self._connection, self._theirs = ours, theirs
        work = _Work(courses, turns, snapshots, theirs, check)
        self._process = get_context("fork").Process(target=work.do, args=(ours,), daemon=True)
        self._unread: list[deque[Any]] = [deque() for _ in courses]

    def __enter__(self) -> Self:
        gc.freeze()  # what the process never looks through is never copied
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that there are threads; what is done in the copy needs none of them
                self._process.start()
        finally:
            gc.unfreeze()
        self._theirs.close()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self._process.kill()
            self._process.join()
        # Otherwise it has nothing left to say and ends by itself. To give back its memory takes it 10 ms; Python reaps
        # it when another process is started, or at exit.
        self._connection.close()

    def receive(self, course: int) -> Any:
        """What the process sends next about a course. Raises the InputError that it met, or Lost."""
        unread = self._unread[course]
        while not unread:
            try:
                message = self._connection.recv()
            except (EOFError, OSError) as error:
                raise Lost from error
            if isinstance(message, InputError | Lost):
                raise message
            about, content = message
            self._unread[about].append(content)
        return unread.popleft()

    def tell(self, turn: Sequence[Snapshot]) -> None:
        """Say that the reference's tensors of a turn are there."""
        with suppress(OSError):  # the process may have ended, and what it then said is still to be received
            self._connection.send([_present(snapshot) for snapshot in turn])


class _CourseBeside:
    """A training in another process."""

    def __init__(self, name: str, beside: Beside, number: int) -> None:
        self.name = name
        self._beside = beside
        self._number = number
        self._compared: deque[list[Difference | None]] = deque()

    def compare(self, snapshot: Snapshot) -> list[Difference | None]:
        """As Course says."""
        if not self._compared:
            self._compared.extend(self._beside.receive(self._number))
        return self._compared.popleft()

    def finish(self) -> None:
        """Done in the process, before it says what is left."""

    def left(self) -> Left:
        """As Course says."""
        left: Left = self._beside.receive(self._number)
        return left


class SharedSnapshots:
    """Memory that processes share, for the reference's tensors at each point of a few turns."""

    def __init__(self, points: int, shapes: Shapes, dtype: str) -> None:
        """A turn has at most so many points; `shapes` are those of the tensors at a point."""
        self._points = points
        self._shapes = shapes
        sizes = [math.prod(shape) for shape in shapes]
        self._ends = np.cumsum([0, *sizes]).tolist()
        count = TURNS_KEPT * points
        item = np.dtype(dtype)
        # All pages at once: to fault them in one by one takes several times as long.
        flags = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE
        memory = mmap.mmap(-1, max(count * self._ends[-1] * item.itemsize, 1), flags=flags)
        self._numbers = np.frombuffer(memory, item, count * self._ends[-1]).reshape(count, -1)

    def write(self, turn: int, point: int, tensors: Sequence[Array | None]) -> list[Array | None]:
        """Copy the tensors at a point of a turn, both counted from 0; return the copies."""
        copies = self.read(turn, point, [tensor is not None for tensor in tensors])
        for copy, tensor in zip(copies, tensors, strict=True):
            if copy is not None and tensor is not None:
                np.copyto(copy, tensor)
        return copies

    def read(self, turn: int, point: int, present: Present) -> list[Array | None]:
        """The tensors that were written; valid for TURNS_KEPT turns."""
        places = list(self._places(turn, point))
        return [place if there else None for place, there in zip(places, present or [True] * len(places), strict=True)]

    def _places(self, turn: int, point: int) -> Iterator[Array]:
        numbers = self._numbers[turn % TURNS_KEPT * self._points + point]
        for shape, start, end in zip(self._shapes, self._ends, self._ends[1:], strict=False):
            yield numbers[start:end].reshape(shape)


def _present(snapshot: Snapshot) -> Present:
    present = [array is not None for array in snapshot.tensors]
    return None if all(present) else present


class _Work:
    """What the process does."""

    def __init__(
        self,
        courses: Sequence[CourseHere],
        turns: Iterator[Sequence[Point]],
        snapshots: SharedSnapshots,
        connection: "Connection[Any, Any]",
        check: Callable[[Sequence[CourseHere]], None],
    ) -> None:
        self._courses = courses
        self._turns = turns
        self._snapshots = snapshots
        self._connection = connection
        self._check = check

    def do(self, others: "Connection[Any, Any]") -> None:
        """Train all courses, and tell what comes of it; end without a word if nobody listens any more."""
        others.close()
        # The other process decides what becomes of a signal that a terminal sends to both.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with suppress(EOFError, OSError):
            try:
                self._train()
            except InputError as error:
                self._connection.send(error)
            except Exception:  # which the other process meets, too, when it does all by itself
                self._connection.send(Lost())

    def _train(self) -> None:
        for number, turn in enumerate(self._turns):
            present = self._connection.recv()
            snapshots = [Snapshot(point, self._snapshots.read(number, i, present[i])) for i, point in enumerate(turn)]
            for place, course in enumerate(self._courses):
                self._connection.send((place, [course.compare(snapshot) for snapshot in snapshots]))
        for course in self._courses:
            course.finish()
        self._check(self._courses)
        for place, course in enumerate(self._courses):
            self._connection.send((place, course.left()))
