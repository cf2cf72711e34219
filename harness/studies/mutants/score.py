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


def measure(mutants: Sequence[Mutant], correct_runs: int, progress: Progress) -> Score:
    """Try every mutant in every dtype, and the correct backends on so many random networks.

    Raises BackendMissing before the first of them where a framework can't be imported.
    """
    runs = random_runs(correct_runs)
    checks = {dtype: usual_checks(dtype) for dtype in DTYPES}
    trials = []
    for count, mutant in enumerate(mutants, 1):
        progress(f"mutant {count} of {len(mutants)}: {mutant.name}")
        trials.append(_trial(mutant, {dtype: try_mutant(mutant, dtype, checks[dtype]) for dtype in mutant.dtypes}))
    alarms: list[str] = []
    complained: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    for count, run in enumerate(runs, 1):
        progress(f"correct run {count} of {correct_runs}")
        verdict, alarm = false_alarm(run)
        verdicts[verdict] += 1
        alarms += [alarm] if alarm else []
        for name, complains in complaints(run).items():
            complained[name] += complains
    return _score(trials, alarms, verdicts, complained, correct_runs)


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
    correct_runs: int,
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
        correct_runs=correct_runs,
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
