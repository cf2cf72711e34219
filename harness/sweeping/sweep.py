"""Goes through the points of a sweep that are not in the store yet, and appends each run when it is finished."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from harness.guarding.stopping import STOPS, Deferral, stops_deferred
from harness.sweeping.points import Grid
from harness.sweeping.rows import Row
from harness.sweeping.store import Store
from harness.sweeping.work import Identities, Task, Work
from harness.sweeping.workers import Workers


@dataclass
class Progress:
    """How far a sweep is."""

    points: int
    """All points of the sweep whose contents differ."""
    before: Counter[str]
    """Those that were in the store when the sweep began, by their outcome."""
    finished: Counter[str] = field(default_factory=Counter)
    """The runs that this sweep has finished, by their outcome."""
    seconds: float = 0.0
    """Since it began."""
    stopped: signal.Signals | None = None
    """The signal that ended it early, after what was in flight was finished."""

    @property
    def outcomes(self) -> Counter[str]:
        """All points that are done, by their outcome."""
        return self.before + self.finished

    @property
    def left(self) -> int:
        """The points that are not done yet."""
        return self.points - self.outcomes.total()


class Sweep:
    """A grid of points and the store that their runs go to."""

    def __init__(self, grid: Grid, work: Work, store: Store, *, again: bool = False) -> None:
        """With `again`, runs that crashed are made once more."""
        self._grid = grid
        self._work = work
        self._store = store
        self._identities = Identities(work)
        self._done = {run: verdict for run, verdict in store.outcomes().items() if verdict != "crashed" or not again}

    def progress(self) -> Progress:
        """How far it is before it begins."""
        runs = {task.run for task in self._tasks()}
        return Progress(len(runs), Counter(self._done[run] for run in runs & self._done.keys()))

    def run(self, workers: Workers, progress: Progress, tell: Callable[[Row], None]) -> None:
        """Make the runs that are missing; tell each when it is stored.

        The first SIGINT or SIGTERM lets what is in flight finish; the second one stops at once.
        """
        started = time.monotonic()
        with stops_deferred(*STOPS) as stop:
            for row in workers.map(self._work.do, self._missing(stop), self._work.crashed):
                self._store.append(row)
                progress.finished[row.verdict] += 1
                progress.seconds = time.monotonic() - started
                tell(row)
        progress.stopped = stop.signal if progress.left else None

    def _tasks(self) -> Iterator[Task]:
        return map(self._identities.task, self._grid.points())

    def _missing(self, stop: Deferral) -> Iterator[Task]:
        """What is not in the store yet, each content once."""
        seen = set(self._done)
        for task in self._tasks():
            if stop.signal is not None:
                return
            if task.run not in seen:
                seen.add(task.run)
                yield task
