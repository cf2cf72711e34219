"""Tries the whole corpus and correct backends on random networks, and counts what was found."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec

from backends.mutants.mutant import Mutant
from harness.studies.mutants.tasks import Tasks, check_frameworks
from harness.studies.mutants.trials import Outcome
from harness.sweeping.store import Store
from harness.sweeping.workers import ThisProcess, Workers
from scenarios import DTYPES

SCHEMA = "lockstep.mutants/1"
SHARP = "float64"
LOCATED_TARGET = 0.97

Progress = Callable[[str], None]


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One mutant, tried in every dtype in which it is one."""

    name: str
    family: str
    backend: str
    scenario: str
    mistake: str
    expected: str
    cause: str
    """What it declares as its cause; empty where a report has no words for it."""
    found: dict[str, Outcome]


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """How many mutants of one dtype were found."""

    mutants: int
    detected: int
    located: int
    causes_named: int
    causes_named_rightly: int
    baselines: dict[str, int]
    by_any_baseline: int
    """How many of them at least one of the usual checks would have caught."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The whole measurement; the counts on top are those of float64."""

    schema: str
    mutants: int
    detected: int
    located: int
    causes_named: int
    causes_named_rightly: int
    false_alarms: int
    correct_runs: int
    baselines: dict[str, int]
    baselines_false_alarms: dict[str, int]
    """On the same correct runs: of how many the usual checks of final weights would have complained."""
    dtypes: dict[str, Total]
    correct_verdicts: dict[str, int]
    alarms: list[str]
    trials: list[Trial]

    @property
    def meets_targets(self) -> bool:
        """All detected in float64, nearly all located exactly, and no false alarm."""
        enough = self.located >= LOCATED_TARGET * self.mutants
        return self.detected == self.mutants and enough and self.false_alarms == 0


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
                self._complained.update(done.complaining)
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
        return _score(trials, alarms, self._verdicts, self._complained)


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


def _score(
    trials: Sequence[Trial],
    alarms: Sequence[str],
    verdicts: Mapping[str, int],
    complained: Mapping[str, int],
) -> Score:
    totals = {dtype: _total([trial.found[dtype] for trial in trials if dtype in trial.found]) for dtype in DTYPES}
    sharp = totals[SHARP]
    return Score(
        schema=SCHEMA,
        mutants=sharp.mutants,
        detected=sharp.detected,
        located=sharp.located,
        causes_named=sharp.causes_named,
        causes_named_rightly=sharp.causes_named_rightly,
        false_alarms=len(alarms),
        correct_runs=sum(verdicts.values()),
        baselines=sharp.baselines,
        baselines_false_alarms={name: complained.get(name, 0) for name in sharp.baselines},
        dtypes=totals,
        correct_verdicts=dict(verdicts),
        alarms=list(alarms),
        trials=list(trials),
    )


def _total(outcomes: Sequence[Outcome]) -> Total:
    names = dict.fromkeys(name for outcome in outcomes for name in outcome.baselines)
    return Total(
        mutants=len(outcomes),
        detected=sum(outcome.detected for outcome in outcomes),
        located=sum(outcome.located for outcome in outcomes),
        causes_named=sum(bool(outcome.cause) for outcome in outcomes),
        causes_named_rightly=sum(outcome.cause_is_right for outcome in outcomes),
        baselines={name: sum(outcome.baselines.get(name, False) for outcome in outcomes) for name in names},
        by_any_baseline=sum(any(outcome.baselines.values()) for outcome in outcomes),
    )


def to_json(score: Score) -> str:
    """The score as JSON, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(score), indent=1).decode() + "\n"
