"""The mutants and the correct runs of a measurement as tasks, each of which any process can do by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Literal

from backends.mutants.mutant import Mutant
from harness.recording.loading import LoadedBackend
from harness.recording.versions import versions
from harness.studies.mutants.random_networks import CorrectRuns
from harness.studies.mutants.score import Outcome
from harness.studies.mutants.trials import MUTANT, Run, crashed, false_alarm, try_mutant
from harness.studies.mutants.usual_checks import UsualCheck, complaints, usual_checks
from harness.sweeping.identity import backend_hash, draws_hash, hash_of, program_hash, run_hash
from harness.sweeping.rows import Row, row_of
from harness.sweeping.work import Options

Kind = Literal["mutant", "correct run"]


@dataclass(frozen=True)
class Task:
    """A mutant of the corpus or a correct run, by its place or its number from 0."""

    kind: Kind
    number: int


@dataclass
class Done:
    """What became of a task."""

    task: Task
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """Of a mutant, by dtype."""
    verdict: str = ""
    """On a correct run."""
    alarm: str = ""
    """What is wrong with that verdict; empty for nothing."""
    complaints: dict[str, bool] = field(default_factory=dict)
    """Whether each of the usual checks of final weights would call a correct backend wrong."""
    rows: list[Row] = field(default_factory=list)
    """The runs, for a store."""


@dataclass(frozen=True)
class Tasks:
    """All of a measurement."""

    mutants: Sequence[Mutant]
    correct_runs: int

    def __iter__(self) -> Iterator[Task]:
        yield from (Task("mutant", number) for number in range(len(self.mutants)))
        yield from (Task("correct run", number) for number in range(self.correct_runs))

    def name(self, task: Task) -> str:
        """What a task is called."""
        return self.mutants[task.number].name if task.kind == "mutant" else f"correct run {task.number + 1}"

    def do(self, task: Task) -> Done:
        """Try a mutant in every dtype in which it is one, or a correct run."""
        done = Done(task)
        if task.kind == "mutant":
            mutant = self.mutants[task.number]
            for dtype in mutant.dtypes:
                keep = partial(self._keep, done, mutant)
                done.outcomes[dtype] = try_mutant(mutant, dtype, _checks(dtype), keep)
        else:
            run = _correct_runs().run(task.number)
            done.verdict, done.alarm = false_alarm(run, partial(self._keep, done, None))
            done.complaints = complaints(run)
        return done

    def lost(self, task: Task, why: str) -> Done:
        """A task that ends every process that tries it."""
        if task.kind == "mutant":
            dtypes = self.mutants[task.number].dtypes
            return Done(task, {dtype: crashed(why, dict.fromkeys(_checks(dtype), False)) for dtype in dtypes})
        return Done(task, verdict="crashed", alarm=f"{self.name(task)}: {why}")

    def _keep(self, done: Done, mutant: Mutant | None, run: Run) -> None:
        experiment = run.experiment
        program = program_hash(experiment.program)
        identity = run_hash(
            experiment.scenario,
            program=program,
            draws=draws_hash(experiment.scenario),
            dtype=experiment.dtype,
            backends=[(each.name, _content(each, mutant)) for each in experiment.backends],
            compared=Options().content,
            versions=versions(),
        )
        done.rows.append(
            row_of(
                run.result,
                run=identity,
                program=program,
                command="mutants",
                origin="" if mutant is None else f"{mutant.name} {experiment.dtype}",
                versions=versions(),
                seconds=run.seconds,
            )
        )


def _content(backend: LoadedBackend, mutant: Mutant | None) -> str:
    """The hash of a backend: of a mutant, that of the backend that it is a copy of and of what is changed there."""
    if mutant is None or backend.name != MUTANT:
        return backend_hash(backend)
    return hash_of((mutant.backend, mutant.function, mutant.change, mutant.is_silent))


@cache
def _checks(dtype: str) -> Mapping[str, UsualCheck]:
    return usual_checks(dtype)


@cache
def _correct_runs() -> CorrectRuns:
    return CorrectRuns()


def check_frameworks() -> None:
    """Raise BackendMissing where a framework that the tasks need can't be imported."""
    _correct_runs()
    _checks("float64")
