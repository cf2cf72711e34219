"""Searches some random programs for one that fails, and shrinks it: one task of a fuzzing run."""

import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, HypothesisDeprecationWarning

from backends.vocabulary import KINDS
from harness.errors import InputError
from harness.fuzzing.coverage import Coverage
from harness.fuzzing.finding import Finding, Signature, finding_in, is_refusal
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
MOST_ATTEMPTS = 400
"""To shrink one finding."""
MOST_SECONDS = 60.0
"""To shrink one finding."""


@dataclass(frozen=True)
class Task:
    """So many programs to search, by a seed of their own."""

    seed: int
    programs: int
    known: frozenset[Signature] = frozenset()
    """What was found before, and is not shrunk again."""


@dataclass(frozen=True)
class Found:
    """A finding and the smallest program that shows it."""

    finding: Finding
    source: Source
    seed: int


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


class _Fails(Exception):
    """A program shows a finding that is to be shrunk."""


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
        """Search the programs of a task; where one fails, shrink it and go on with what is left."""
        searched = Searched()
        known = set(task.known)
        part = 0
        while searched.programs < task.programs:
            hunt = _Hunt(self, searched, frozenset(known), task.programs - searched.programs)
            hunt.run(hash_seed(task.seed, part))
            part += 1
            if hunt.smallest is not None:
                searched.found.append(Found(*hunt.smallest, task.seed))
                known.add(hunt.smallest[0].signature)
            elif not hunt.programs:
                break  # there are no programs that differ from those before
        return searched

    def lost(self, task: Task, why: str) -> Searched:
        """A task that ends every process that tries it."""
        return Searched(ended=[f"{counted(task.programs, 'program')} of task {task.seed}: {why}"])

    @cached_property
    def strategy(self) -> st.SearchStrategy[Source]:
        """The random programs that every backend can run, each with something that every user's backend defines."""
        known = self.known
        own = [[name for name in own_kinds(backend) if name in known] for backend in self.backends]
        return programs(self.find_op, known, [names for names in own if names])

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


def hash_seed(seed: int, part: int) -> int:
    """A seed of its own for each part of a task."""
    return int(hash_of((seed, part)), 16)


class _Hunt:
    """Programs up to the first that fails in a new way, and then smaller ones that fail in the same way."""

    def __init__(self, search: Search, searched: Searched, known: frozenset[Signature], most: int) -> None:
        self._search = search
        self._searched = searched
        self._known = known
        self._most = most
        self._seen: dict[str, Finding | None] = {}
        self._target: Signature | None = None
        self._until = 0.0
        self._attempts = 0
        self.programs = 0
        self.smallest: tuple[Finding, Source] | None = None

    def run(self, hypothesis_seed: int) -> None:
        """Run Hypothesis, which generates and shrinks."""

        @seed(hypothesis_seed)
        @settings(
            max_examples=self._most,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
        )
        @given(self._search.strategy)
        def no_program_fails(source: Source) -> None:
            self._check(self._search.fitted(source))

        try:
            with warnings.catch_warnings():
                # Other threads of a worker use the `random` module, which Hypothesis takes for the strategy's doing.
                warnings.simplefilter("ignore", HypothesisDeprecationWarning)
                no_program_fails()
        except (_Fails, Flaky):  # once the time for shrinking is over, programs that failed may pass
            assert self.smallest is not None

    def _check(self, source: Source) -> None:
        """Raise _Fails if a program shows the finding that is hunted, or the first new one."""
        if source.name not in self._seen:
            if self._target is None:
                self.programs += 1
                self._searched.programs += 1
                self._searched.names.add(source.name)
            elif self._is_over():
                return
            else:
                self._attempts += 1
                self._searched.attempts += 1
            self._seen[source.name] = self._tried(source)
        finding = self._seen[source.name]
        if finding is None:
            return
        if self._target is None and finding.signature not in self._known:
            self._target, self._until = finding.signature, time.monotonic() + MOST_SECONDS
        if finding.signature == self._target:
            if self.smallest is None or source.size < self.smallest[1].size:
                self.smallest = finding, source
            raise _Fails

    def _is_over(self) -> bool:
        return self._attempts >= MOST_ATTEMPTS or time.monotonic() > self._until

    def _tried(self, source: Source) -> Finding | None:
        """Run a program; note what became of it, if it is one of the search and no smaller form of another."""
        notes = self._searched if self._target is None else Searched()
        try:
            scenario = source.scenario()
            return self._run(source, scenario, notes)
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
            outcome = run_experiment(experiment)
        except Exception as error:
            if is_refusal(error):
                self._refused(error, notes)
                return None
            return self._crashed(source, scenario, error, notes)
        notes.outcomes[outcome.verdict] += 1
        for backend, counts in outcome.certified.items():
            notes.checks += counts["checks"]
            notes.unchecked[backend] += counts["unchecked"]
        if self._search.keeps_rows and notes is self._searched:
            notes.rows.append(self._row(source, experiment, outcome, time.perf_counter() - started))
        return self._noted(finding_in(outcome), notes)

    def _refused(self, error: Exception, notes: Searched) -> None:
        notes.outcomes["refused"] += 1
        notes.refusals[str(error)] += 1

    def _crashed(self, source: Source, scenario: Scenario, error: Exception, notes: Searched) -> Finding | None:
        notes.outcomes["crashed"] += 1
        if self._search.keeps_rows and notes is self._searched:
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
