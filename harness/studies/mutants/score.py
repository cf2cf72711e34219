"""What was found of the whole corpus, and on correct backends: the counts of a measurement."""

from collections.abc import Mapping, Sequence

import msgspec

from scenarios import DTYPES

SCHEMA = "lockstep.mutants/1"
SHARP = "float64"
LOCATED_TARGET = 0.97


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a run in one dtype said of a mutant."""

    verdict: str
    detected: bool
    located: bool
    culprit: str
    """The op and phase that were named first; what the run said instead where none was named."""
    baselines: dict[str, bool]
    """Whether each of the usual checks would have caught it."""
    cause: str = ""
    """What was named as the cause; empty if no cause was named."""
    cause_is_right: bool = False


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


def score_of(
    trials: Sequence[Trial],
    alarms: Sequence[str],
    verdicts: Mapping[str, int],
    complained: Mapping[str, int],
) -> Score:
    """Count the trials of mutants, and of correct runs the alarms, verdicts and usual checks that complained."""
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
