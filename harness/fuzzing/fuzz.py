"""A fuzzing run: tasks of random programs until there were enough of them or the time is over."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from harness.fuzzing.finding import KINDS, Kind, Signature
from harness.fuzzing.search import Found, Search, Searched, Task
from harness.guarding.stopping import STOPS, Deferral, stops_deferred
from harness.sweeping.store import Store
from harness.sweeping.workers import Workers

PER_TASK = 25
"""Programs of a task."""


@dataclass
class Report:
    """What a fuzzing run has found so far."""

    seed: int
    searched: Searched = field(default_factory=Searched)
    seconds: float = 0.0
    stopped: signal.Signals | None = None
    """The signal that ended it early, after what was in flight was finished."""
    _found: dict[Signature, Found] = field(default_factory=dict)

    @property
    def found(self) -> list[Found]:
        """Each finding once, by kind."""
        return sorted(self._found.values(), key=lambda found: KINDS.index(found.finding.signature.kind))

    def of_kind(self, kind: Kind) -> int:
        """How many different findings of a kind there are."""
        return sum(found.finding.signature.kind == kind for found in self._found.values())

    def add(self, part: Searched) -> list[Found]:
        """Add what became of a task; return the findings that are new."""
        whole = self.searched
        whole.programs += part.programs
        whole.names |= part.names
        whole.attempts += part.attempts
        whole.outcomes += part.outcomes
        whole.refusals += part.refusals
        whole.unchecked += part.unchecked
        whole.checks += part.checks
        whole.ended += part.ended
        whole.again += part.again
        whole.coverage.add(part.coverage)
        new = []
        for found in part.found:
            signature = found.finding.signature
            before = self._found.get(signature)
            if before is None:
                new.append(found)
            else:  # several tasks were under way when it was found first
                whole.again[signature] += 1
            if before is None or found.source.size < before.source.size:
                self._found[signature] = found
        return new


class Fuzz:
    """Random programs through a search, and a store that their runs go to."""

    def __init__(
        self,
        search: Search,
        seed: int,
        *,
        programs: int | None = None,
        seconds: float | None = None,
        store: Store | None = None,
    ) -> None:
        """So many programs, or as many as begin within so many seconds; the same seed makes the same programs."""
        self.report = Report(seed)
        self._search = search
        self._programs = programs
        self._seconds = seconds
        self._store = store
        self._started = 0.0

    def run(self, workers: Workers, tell: Callable[[Report, list[Found]], None]) -> None:
        """Search until the end; tell the report and what is new after each task.

        The first SIGINT or SIGTERM lets the tasks in flight finish; the second one stops at once.
        """
        self._started = time.monotonic()
        with stops_deferred(*STOPS) as stop:
            for part in workers.map(self._search.do, self._tasks(stop), self._search.lost):
                if self._store is not None:
                    self._store.append(*part.rows)
                new = self.report.add(part)
                self.report.seconds = time.monotonic() - self._started
                tell(self.report, new)
        self.report.stopped = stop.signal

    def _tasks(self, stop: Deferral) -> Iterator[Task]:
        left, first = self._programs, 0
        while stop.signal is None and (left is None or left > 0) and not self._is_over():
            count = PER_TASK if left is None else min(PER_TASK, left)
            known = frozenset(found.finding.signature for found in self.report.found)
            yield Task(self.report.seed, first, count, known)
            first += count
            left = None if left is None else left - count

    def _is_over(self) -> bool:
        return self._seconds is not None and time.monotonic() - self._started >= self._seconds
