"""Makes the runs of a sweep, wherever that is: what they share is prepared once, and a run is told by its content."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.errors import BackendMissing, Crashed, InputError
from harness.recording.loading import LoadedBackend
from harness.recording.versions import versions
from harness.results import Result
from harness.run import run_experiment
from harness.running.allowance import Tolerances
from harness.running.experiment import Experiment, prepare
from harness.sweeping.identity import backend_hash, draws_hash, hash_of, program_hash, run_hash
from harness.sweeping.points import Point
from harness.sweeping.rows import Row, row_of, row_of_crash
from scenarios import Scenario, ScenarioError


@dataclass(frozen=True)
class Options:
    """How every run of a sweep is compared."""

    certify: int | None = 1
    tolerances: Tolerances | None = None
    threads: int = 1
    accept_untested: bool = False
    as_is: bool = False

    @property
    def content(self) -> dict[str, str]:
        """Each option as text, for the hash of a run."""
        return {name: repr(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Task:
    """A point to run, with the hashes of its content and of its program; empty where nobody asks for them."""

    point: Point
    run: str = ""
    program: str = ""


@dataclass(frozen=True)
class Attempt:
    """A run that was tried."""

    task: Task
    outcome: Result | Exception
    """The result, or why there is none."""
    seconds: float
    """Wall time."""

    @property
    def result(self) -> Result:
        """The result. Raises what the run raised."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@dataclass(frozen=True)
class Work:
    """What all runs of a sweep share. It can be sent to other processes."""

    command: str
    scenarios: Sequence[Scenario]
    backends: Sequence[LoadedBackend]
    options: Options = field(default_factory=Options)

    def prepared(self, point: Point) -> Experiment:
        """The experiment of a point. Raises InputError or ScenarioError if it can't be run."""
        return prepare(point.of(self.scenarios), self.backends, point.dtype, **vars(self.options))

    def run(self, task: Task, experiment: Experiment, progress: Callable[[int], None] | None = None) -> Attempt:
        """Make one run. Raises what a user's code raises in it."""
        started = time.perf_counter()
        return Attempt(task, run_experiment(experiment, progress), time.perf_counter() - started)

    def attempt(self, task: Task) -> Attempt:
        """Make one run. What a user's code or Lockstep itself raises in it is returned."""
        try:
            return self.run(task, self.prepared(task.point))
        except Exception as error:  # a mistake in one run is no reason to lose the others
            return Attempt(task, error, 0.0)

    def do(self, task: Task) -> Row:
        """Make one run and return its row, which says what went wrong if it reached no verdict."""
        return self.row(self.attempt(task))

    def row(self, attempt: Attempt) -> Row:
        """What the store keeps of an attempt."""
        task, outcome = attempt.task, attempt.outcome
        if isinstance(outcome, InputError | ScenarioError | BackendMissing):
            return self.crashed(task, str(outcome))
        if isinstance(outcome, Exception):
            return self.crashed(task, f"an error in Lockstep itself: {type(outcome).__name__}: {outcome}")
        return row_of(
            outcome,
            run=task.run,
            program=task.program,
            command=self.command,
            versions=versions(),
            seconds=attempt.seconds,
        )

    def ended(self, task: Task, why: str) -> Attempt:
        """The attempt at a run that ends every process that tries it."""
        return Attempt(task, Crashed(f"{self.scenarios[task.point.scenario].name} {task.point.dtype}: {why}"), 0.0)

    def crashed(self, task: Task, why: str) -> Row:
        """The row of a run that reached no verdict."""
        point = task.point
        return row_of_crash(
            self.scenarios[point.scenario],
            point.dtype,
            point.seed,
            run=task.run,
            program=task.program,
            command=self.command,
            backends=[backend.name for backend in self.backends],
            why=why,
            settings=dict(point.settings),
        )


class Identities:
    """Finds the content of a sweep's points. A program is recorded once for all that differ in numbers only."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._backends = [(backend.name, backend_hash(backend)) for backend in work.backends]
        self._options = work.options.content
        self._versions = versions()
        self._draws: dict[int, str] = {}
        self._programs: dict[tuple[int, tuple[tuple[str, int], ...]], str] = {}

    def task(self, point: Point) -> Task:
        """The point with its hashes. One that can't be run has those of what it is called."""
        try:
            scenario = point.of(self._work.scenarios)
            program, draws = self._program(point, scenario), self._drawn(point)
        except (InputError, ScenarioError):
            name = self._work.scenarios[point.scenario].name
            return Task(point, hash_of((name, vars(point), self._backends, self._versions)), "")
        run = run_hash(
            scenario,
            program=program,
            draws=draws,
            dtype=point.dtype,
            backends=self._backends,
            compared=self._options,
            versions=self._versions,
        )
        return Task(point, run, program)

    def identified(self, attempt: Attempt) -> Attempt:
        """The same attempt with the hashes of its point."""
        return replace(attempt, task=self.task(attempt.task.point))

    def _program(self, point: Point, scenario: Scenario) -> str:
        sizes: Mapping[str, int] = scenario.sizes or {}
        key = point.scenario, tuple(sizes.items())
        if key not in self._programs:
            self._programs[key] = program_hash(self._work.prepared(point).program)
        return self._programs[key]

    def _drawn(self, point: Point) -> str:
        if point.scenario not in self._draws:
            self._draws[point.scenario] = draws_hash(self._work.scenarios[point.scenario])
        return self._draws[point.scenario]
