"""Tries the whole corpus and correct backends on random networks."""

from collections import Counter
from collections.abc import Callable, Sequence

from backends.mutants.mutant import Mutant
from harness.studies.mutants.score import Outcome, Score, Trial, score_of
from harness.studies.mutants.tasks import Tasks, check_frameworks
from harness.sweeping.store import Store
from harness.sweeping.workers import ThisProcess, Workers

Progress = Callable[[str], None]


class Measurement:
    """Tries every mutant in every dtype, and correct backends on random networks; what is tried so far has a score."""

    def __init__(self, mutants: Sequence[Mutant], correct_runs: int) -> None:
        """Raises BackendMissing where a framework can't be imported."""
        check_frameworks()
        self._tasks = Tasks(mutants, correct_runs)
        self._trials: dict[int, Trial] = {}
        self._alarms: dict[int, str] = {}
        self._verdicts: Counter[str] = Counter()
        self._complained: Counter[str] = Counter()

    def run(self, progress: Progress, workers: Workers | None = None, store: Store | None = None) -> None:
        """Try all; `progress` is told of each that is done, and a store is given its runs."""
        tasks = self._tasks
        for done in (workers or ThisProcess()).map(tasks.do, iter(tasks), tasks.lost):
            number = done.task.number
            if store is not None:
                store.append(*done.rows)
            if done.task.kind == "mutant":
                self._trials[number] = _trial(tasks.mutants[number], done.outcomes)
            else:
                self._verdicts[done.verdict] += 1  # all of a run at once: Ctrl-C may come before this line
                self._alarms |= {number: done.alarm} if done.alarm else {}
                self._complained.update({name: int(complains) for name, complains in done.complaints.items()})
            progress(f"{self._tried()}, the last one {tasks.name(done.task)}")

    @property
    def missing(self) -> str:
        """What is not tried yet, in words; empty when all is."""
        all_tried = len(self._trials) == len(self._tasks.mutants)
        if all_tried and self._verdicts.total() == self._tasks.correct_runs:
            return ""
        return f"{self._tried()} were tried"

    def _tried(self) -> str:
        mutants, runs = len(self._tasks.mutants), self._tasks.correct_runs
        return f"{len(self._trials)} of {mutants} mutants and {self._verdicts.total()} of {runs} correct runs"

    @property
    def score(self) -> Score:
        """The score of what is tried."""
        trials = [trial for _, trial in sorted(self._trials.items())]
        alarms = [alarm for _, alarm in sorted(self._alarms.items())]
        return score_of(trials, alarms, self._verdicts, self._complained)


def _trial(mutant: Mutant, outcomes: dict[str, Outcome]) -> Trial:
    return Trial(
        name=mutant.name,
        family=mutant.family,
        backend=mutant.backend,
        scenario=mutant.training.scenario,
        mistake=mutant.mistake,
        expected=" ".join(mutant.location),
        cause=mutant.cause,
        found=outcomes,
    )
