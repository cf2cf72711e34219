"""Searches some random programs for one that fails, and shrinks it: one task of a fuzzing run."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from backends.vocabulary import KINDS
from harness.errors import InputError
from harness.fuzzing.calls import MAKERS
from harness.fuzzing.coverage import Coverage
from harness.fuzzing.finding import Finding, Signature, finding_in, is_refusal
from harness.fuzzing.hunt import Hunt, noises
from harness.fuzzing.plan import planned_ops
from harness.fuzzing.program import Source
from harness.fuzzing.programs import programs
from harness.judging.unused import own_kinds
from harness.recording.loading import LoadedBackend, hand_written_ops
from harness.recording.versions import versions
from harness.results import Result
from harness.run import run_experiment
from harness.running.experiment import Experiment, prepare
from harness.sentences import counted
from harness.sweeping.identity import backend_hash, hash_of, program_hash
from harness.sweeping.rows import Row, row_of, row_of_crash
from scenarios import Scenario

COMMAND = "fuzz"


@dataclass(frozen=True)
class Task:
    """So many programs of a run to search."""

    seed: int
    """Of the run."""
    first: int
    """The number of its first program in the run."""
    programs: int
    known: frozenset[Signature] = frozenset()
    """What was found before, and is not shrunk again."""


@dataclass(frozen=True)
class Found:
    """A finding and the smallest program that shows it."""

    finding: Finding
    source: Source


@dataclass
class Searched:
    """What became of a task."""

    programs: int = 0
    names: set[str] = field(default_factory=set)
    """Of these programs; tasks may make the same one, mostly a simple one."""
    attempts: int = 0
    """Further programs, to shrink findings."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """How many programs came to each verdict, crashed or were refused."""
    refusals: Counter[str] = field(default_factory=Counter)
    """Why programs were refused before they ran."""
    unchecked: Counter[str] = field(default_factory=Counter)
    """How many checks of each backend could say nothing."""
    checks: int = 0
    ended: list[str] = field(default_factory=list)
    """Tasks that ended every process that tried them, each with the reason; what they found is lost."""
    found: list[Found] = field(default_factory=list)
    again: Counter[Signature] = field(default_factory=Counter)
    """How many further programs showed what was found before."""
    coverage: Coverage = field(default_factory=Coverage)
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Search:
    """What all tasks of a fuzzing run share. It can be sent to other processes."""

    backends: Sequence[LoadedBackend]
    keeps_rows: bool = False
    """Whether runs are to be stored."""

    @property
    def known(self) -> list[str]:
        """The ops and rules of the vocabulary that every backend has."""
        return [name for name in KINDS if all(callable(getattr(b.module, name, None)) for b in self.backends)]

    @property
    def find_op(self) -> Callable[[str], Callable[..., Any]]:
        """Finds a hand-written op."""
        return hand_written_ops(self.backends)

    def do(self, task: Task) -> Searched:
        """Search the programs of a task, and shrink what fails in a new way."""
        searched = Searched()
        known = set(task.known)
        for number in range(task.first, task.first + task.programs):
            trial = _Trial(self, searched, known)
            hunt = Hunt(self.strategy(number), self.fitted, trial.run, known)
            if not any(hunt.follow(noise) for noise in noises(task.seed, number)):
                continue  # nothing that was chosen makes a program
            searched.programs += 1
            searched.attempts += hunt.attempts
            if hunt.smallest is not None:
                searched.found.append(Found(*hunt.smallest))
                known.add(hunt.smallest[0].signature)
        return searched

    def lost(self, task: Task, why: str) -> Searched:
        """A task that ends every process that tries it."""
        programs = f"{counted(task.programs, 'program')} from number {task.first} on"
        return Searched(ended=[f"{programs}: {why}"])

    def strategy(self, number: int) -> st.SearchStrategy[Source]:
        """What makes the program of a number, which calls what was planned for it and every backend can run.

        Each calls, or is trained by, something that every user's backend defines.
        """
        known = self._known
        return programs(self.find_op, known, self._own, planned_ops([op for op in MAKERS if op in known], number))

    @cached_property
    def _known(self) -> list[str]:
        return self.known

    @cached_property
    def _own(self) -> list[list[str]]:
        own = [[name for name in own_kinds(backend) if name in self._known] for backend in self.backends]
        return [names for names in own if names]

    def fitted(self, source: Source) -> Source:
        """The program on fewer rows of data, so that its last batch is smaller, if it takes one."""
        if source.fewer_rows is None:
            return source
        fewer = source.with_fewer_rows()
        try:
            prepare(fewer.scenario(), self.backends)
        except InputError:
            return source
        finally:
            fewer.forget()
        return fewer

    @cached_property
    def hashes(self) -> list[tuple[str, str]]:
        """The name and the content of every backend."""
        return [(backend.name, backend_hash(backend)) for backend in self.backends]


class _Trial:
    """Runs a program of a task, then what it is shrunk to; notes what became of the first."""

    def __init__(self, search: Search, searched: Searched, known: Collection[Signature]) -> None:
        self._search = search
        self._notes = searched
        self._known = known

    def run(self, source: Source) -> Finding | None:
        """Run a program."""
        notes, self._notes = self._notes, Searched()
        notes.names.add(source.name)
        try:
            return self._run(source, source.scenario(), notes)
        finally:
            source.forget()

    def _run(self, source: Source, scenario: Scenario, notes: Searched) -> Finding | None:
        started = time.perf_counter()
        outcome: Result | Exception
        try:
            experiment = prepare(scenario, self._search.backends, certify=1)
        except InputError as error:
            self._refused(error, notes)
            return None
        except Exception as error:
            return self._crashed(source, scenario, error, notes)
        notes.coverage.note(experiment.program, experiment.find_op)
        try:
            outcome = run_experiment(experiment, timed=False)
        except Exception as error:
            if is_refusal(error):
                self._refused(error, notes)
                return None
            return self._crashed(source, scenario, error, notes)
        notes.outcomes[outcome.verdict] += 1
        for backend, counts in outcome.certified.items():
            notes.checks += counts["checks"]
            notes.unchecked[backend] += counts["unchecked"]
        if self._search.keeps_rows:
            notes.rows.append(self._row(source, experiment, outcome, time.perf_counter() - started))
        return self._noted(finding_in(outcome), notes)

    def _refused(self, error: Exception, notes: Searched) -> None:
        notes.outcomes["refused"] += 1
        notes.refusals[str(error)] += 1

    def _crashed(self, source: Source, scenario: Scenario, error: Exception, notes: Searched) -> Finding | None:
        notes.outcomes["crashed"] += 1
        if self._search.keeps_rows:
            notes.rows.append(
                row_of_crash(
                    scenario,
                    scenario.dtype,
                    scenario.seed,
                    run=self._identity(source),
                    command=COMMAND,
                    origin=source.file(),
                    backends=[backend.name for backend in self._search.backends],
                    why=str(error),
                )
            )
        return self._noted(finding_in(error), notes)

    def _noted(self, finding: Finding | None, notes: Searched) -> Finding | None:
        if finding is not None and finding.signature in self._known:
            notes.again[finding.signature] += 1
        return finding

    def _row(self, source: Source, experiment: Experiment, result: Result, seconds: float) -> Row:
        return row_of(
            result,
            run=self._identity(source),
            program=program_hash(experiment.program),
            command=COMMAND,
            origin=source.file(),
            versions=versions(),
            seconds=seconds,
        )

    def _identity(self, source: Source) -> str:
        return hash_of((COMMAND, source.file(), self._search.hashes, versions()))
