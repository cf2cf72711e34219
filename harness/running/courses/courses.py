"""All trainings of a lockstep run, in this process or shared among several."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import numpy as np

from backends.contract import Array, Node
from harness.recording.loading import LoadedBackend
from harness.running.allowance import nudged
from harness.running.courses.balance import balanced
from harness.running.courses.beside import Beside, SharedSnapshots, backends_apart
from harness.running.courses.course import Course, CourseHere, Left, Point, Snapshot
from harness.running.courses.rehearsal import Rehearsal, seconds_to_compare
from harness.running.deviations import Scratch
from harness.running.experiment import Experiment
from harness.running.runner import Runner, check_memory
from harness.running.trajectories import Observers
from harness.running.updates import Updates

Item = TypeVar("Item")


class Courses:
    """The reference, runs of it whose starting weights are nudged, and the other backends."""

    def __init__(
        self,
        experiment: Experiment,
        epochs: int,
        nodes: Sequence[Node],
        observers: Observers,
        *,
        nudged_runs: int,
        every_update: bool,
    ) -> None:
        """`nodes` are the tensors that are compared, with `every_update` at each, and then in nudged runs, too."""
        self._experiment = experiment
        self._epochs = epochs
        self._nodes = nodes
        self._observers = observers
        self._trace = every_update or bool(observers.updates)
        self._scratch = Scratch(experiment.dtype)
        random = np.random.RandomState(experiment.seed)
        starts = [nudged(experiment.draws.weights, random) for _ in range(nudged_runs)]
        reference, *others = experiment.backends
        self.reference = self._course(reference)
        self._others_here = [self._course(backend) for backend in others]
        self._nudged_here = [self._nudged(self._runner(reference, every_update, weights)) for weights in starts]
        self.others: Sequence[Course] = self._others_here
        self.nudged: Sequence[Course] = self._nudged_here
        self._beside: list[Beside] = []
        self._shared: SharedSnapshots | None = None

    def _nudged(self, runner: Runner) -> CourseHere:
        return CourseHere(runner, self._nodes, self._experiment.tolerances, self._scratch)

    def _course(self, backend: LoadedBackend) -> CourseHere:
        experiment = self._experiment
        updates = Updates(experiment.program, experiment.draws, self._epochs) if self._trace else None
        runner = self._runner(backend, self._trace)
        observer = self._observers.updates.get(backend.name)
        return CourseHere(runner, self._nodes, experiment.tolerances, self._scratch, updates, observer)

    def _runner(self, backend: LoadedBackend, trace: bool, weights: Mapping[str, Array] | None = None) -> Runner:
        experiment = self._experiment
        arguments = experiment.program, experiment.draws, self._epochs, experiment.dtype
        return Runner(backend, *arguments, weights=weights, trace=trace)

    def prepare_to_share(self, updates: int, most_points: int) -> None:
        """Have the next updates of each backend timed, so many, in turns of at most so many points."""
        shapes = [self._experiment.program.shapes[node.of] for node in self._nodes]
        self._shared = SharedSnapshots(most_points, shapes, self._experiment.dtype)
        for course in (self.reference, *self._others_here):
            course.start_stopwatch(updates)

    def go_ahead(self, updates: int) -> None:
        """Train so many updates of each backend before the next point. Nudged runs take as long as the reference."""
        for course in (self.reference, *self._others_here):
            course.go_ahead(updates)
        self.check_memory()

    def rehearsal(self) -> Rehearsal:
        """How long each part of the run takes, by the updates that were timed."""
        courses = (self.reference, *self._others_here)
        tensors = [array for node in self._nodes if (array := node.read(self.reference.step)) is not None]
        comparison = seconds_to_compare(tensors, self._experiment)
        return Rehearsal({course.name: course.pace() for course in courses}, comparison)

    @contextmanager
    def shared(self, rehearsal: Rehearsal, turns: Iterator[Sequence[Point]]) -> Iterator[None]:
        """Have what can train elsewhere shared among processes, as many as there may be, for a while.

        `turns` are the points of each turn that is left. What happens meanwhile may raise Lost.
        """
        assert self._shared is not None
        _, *elsewhere = self._balanced(rehearsal)
        moved: dict[Course, Course] = {}
        with ExitStack() as stack:
            for courses in filter(None, elsewhere):
                beside = Beside(courses, turns, self._shared, self._check_memory_of)
                self._beside.append(stack.enter_context(beside))
                moved.update(zip(courses, beside.courses, strict=True))
            self.nudged = [moved.get(course, course) for course in self._nudged_here]
            self.others = [moved.get(course, course) for course in self._others_here]
            self._others_here = [course for course in self._others_here if course not in moved]
            yield

    def _balanced(self, rehearsal: Rehearsal) -> list[list[CourseHere]]:
        """Which courses train in each process, this one first; the reference, beside which all is compared, stays."""
        reference, names = rehearsal.paces[self.reference.name], backends_apart(self._experiment)
        seconds = dict.fromkeys(self._nudged_here, reference.training)
        seconds |= {course: rehearsal.paces[course.name].observed for course in self._others_here}
        seconds = {course: its + rehearsal.comparison for course, its in seconds.items()}
        movable = {course: its for course, its in seconds.items() if course.name in names}
        staying = sum(its for course, its in seconds.items() if course not in movable)
        # To copy the reference's tensors takes about as long as to compare another's with them.
        staying += reference.observed + rehearsal.comparison
        return balanced(movable, self._experiment.processes, staying)

    def snapshots(self, turns: Iterable[Sequence[Point]]) -> Iterator[list[Snapshot]]:
        """The reference at the points of each turn; a turn ahead while others that wait for it train elsewhere."""
        snapshots = (self._snapshots(number, turn) for number, turn in enumerate(turns))
        return one_ahead(snapshots) if self._beside else snapshots

    def _snapshots(self, number: int, turn: Sequence[Point]) -> list[Snapshot]:
        snapshots = [self._snapshot(number, place, point) for place, point in enumerate(turn)]
        for beside in self._beside:
            beside.tell(snapshots)
        return snapshots

    def _snapshot(self, turn: int, place: int, point: Point) -> Snapshot:
        tensors = self.reference.up_to(point)
        if self._shared is not None:
            return Snapshot(point, self._shared.write(turn, place, tensors))
        return Snapshot(point, [None if array is None else np.array(array) for array in tensors])

    def check_memory(self) -> None:
        """Raise InputError if two backends that train here do so in the same memory, or one in the scenario's draws."""
        self._check_memory_of((self.reference, *self._others_here))

    def _check_memory_of(self, courses: Sequence[CourseHere]) -> None:
        steps = {course.name: course.step for course in courses if course not in self._nudged_here}
        check_memory(steps, self._experiment.draws)

    def finish(self) -> None:
        """Check that no backend has a step left. Raises InputError if one has."""
        for course in (self.reference, *self.others):
            course.finish()
        self.check_memory()

    def left(self) -> dict[str, Left]:
        """What there is of each backend at the end."""
        return {course.name: course.left() for course in (self.reference, *self.others)}


def one_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items, each after the next one was made. An error in making one is raised when it is its turn."""
    made: deque[Item] = deque()
    try:
        for item in items:
            made.append(item)
            if len(made) > 1:
                yield made.popleft()
    except Exception:
        yield from made
        raise
    yield from made
