"""The mutants and the correct runs of a measurement as tasks, each of which any process can do by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Literal

from backends.mutants.mutant import Mutant
from harness.recording.versions import versions
from harness.studies.mutants.random_networks import CorrectRuns
from harness.studies.mutants.trials import Outcome, Run, crashed, false_alarm, try_mutant
from harness.studies.mutants.usual_checks import UsualCheck, complaints, usual_checks
from harness.sweeping.identity import hash_of, program_hash
from harness.sweeping.rows import Row, row_of

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
    complaining: list[str] = field(default_factory=list)
    """The usual checks that would call a correct backend wrong."""
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
                keep = partial(self._keep, done, f"{mutant.name} {dtype}")
                done.outcomes[dtype] = try_mutant(mutant, dtype, _checks(dtype), keep)
        else:
            run = _correct_runs().run(task.number)
            done.verdict, done.alarm = false_alarm(run, partial(self._keep, done, ""))
            done.complaining = [name for name, complains in complaints(run).items() if complains]
        return done

    def lost(self, task: Task, why: str) -> Done:
        """A task that ends every process that tries it."""
        if task.kind == "mutant":
            dtypes = self.mutants[task.number].dtypes
            return Done(task, {dtype: crashed(why, dict.fromkeys(_checks(dtype), False)) for dtype in dtypes})
        return Done(task, verdict="crashed", alarm=f"{self.name(task)}: {why}")

    def _keep(self, done: Done, mutant: str, run: Run) -> None:
        named = mutant or run.result.scenario
        done.rows.append(
            row_of(
                run.result,
                run=hash_of(("mutants", named, run.result.dtype, versions())),
                program=program_hash(run.experiment.program),
                command="mutants",
                origin=mutant,
                versions=versions(),
                seconds=run.seconds,
            )
        )


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
