"""Tries the whole corpus and correct backends on random networks, and counts what was found."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec

from backends.mutants.mutant import Mutant
from harness.studies.mutants.random_networks import random_runs
from harness.studies.mutants.trials import Outcome, false_alarm, try_mutant
from harness.studies.mutants.usual_checks import complaints, usual_checks
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
    """On the same correct runs: of how many the usual checks of final weights would have complained.

    The checks of gradients were not made on them and are not listed.
    """
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
        self._mutants = mutants
        self._runs, self._correct_runs = random_runs(correct_runs), correct_runs
        self._checks = {dtype: usual_checks(dtype) for dtype in DTYPES}
        self._trials: list[Trial] = []
        self._alarms: list[str] = []
        self._verdicts: Counter[str] = Counter()
        self._complained: Counter[str] = Counter()

    def run(self, progress: Progress) -> None:
        """Try one after the other; `progress` is told of each."""
        for count, mutant in enumerate(self._mutants, 1):
            progress(f"mutant {count} of {len(self._mutants)}: {mutant.name}")
            found = {dtype: try_mutant(mutant, dtype, self._checks[dtype]) for dtype in mutant.dtypes}
            self._trials.append(_trial(mutant, found))
        for count, run in enumerate(self._runs, 1):
            progress(f"correct run {count} of {self._correct_runs}")
            verdict, alarm = false_alarm(run)
            complaining = {name: int(complains) for name, complains in complaints(run).items()}
            self._verdicts[verdict] += 1  # all of a run at once: Ctrl-C may come before this line
            self._alarms += [alarm] if alarm else []
            self._complained.update(complaining)

    @property
    def missing(self) -> str:
        """What is not tried yet, in words; empty when all is."""
        tried, runs = len(self._trials), self._verdicts.total()
        if tried == len(self._mutants) and runs == self._correct_runs:
            return ""
        return f"{tried} of {len(self._mutants)} mutants and {runs} of {self._correct_runs} correct runs were tried"

    @property
    def score(self) -> Score:
        """The score of what is tried."""
        return _score(self._trials, self._alarms, self._verdicts, self._complained)


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
        baselines_false_alarms=dict(complained),
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
