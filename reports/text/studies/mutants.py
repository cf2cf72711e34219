"""Tables of the mutants: the corpus, its score beside that of the usual checks, and what was missed."""

from collections.abc import Callable, Sequence
from itertools import groupby

from backends.mutants.mutant import Mutant
from harness.studies.mutants.score import Outcome, Score, Total, Trial
from reports.text.table import Format, Row, render_table
from scenarios import DTYPES

SHARP = "float64"
SCORE_CAPTION = "Mutants found, and false alarms over correct runs"
FAMILY_CAPTION = f"By family, in {SHARP}"
MISSED_CAPTION = "Not detected, or not located exactly"
WRONG_CAUSE_CAPTION = "A cause is named that is not the declared one"


def corpus_table(mutants: Sequence[Mutant], table_format: Format, width: int | None = None) -> str:
    """One row per mutant: what it is, and where it must be located."""
    wrong_at = "wrong_at" if table_format in ("csv", "json") else "wrong at"
    rows = [
        {
            "mutant": mutant.name,
            "family": mutant.family,
            "backend": mutant.backend,
            "scenario": mutant.training.scenario,
            wrong_at: " ".join(mutant.location),
            "mistake": mutant.mistake,
        }
        for mutant in mutants
    ]
    return render_table(rows, table_format, caption="Mutants", left_aligned=True, width=width)


def score_tables(score: Score, table_format: Format, width: int | None = None) -> str:
    """The score and what was missed; as csv and json, one row per mutant and dtype."""
    if table_format in ("csv", "json"):
        return render_table(_all_rows(score), table_format)
    parts = [
        render_table(_score_rows(score), table_format, caption=SCORE_CAPTION, width=width),
        render_table(_family_rows(score), table_format, caption=FAMILY_CAPTION, width=width),
    ]
    missed = _missed_rows(score)
    if missed:
        parts.append(render_table(missed, table_format, caption=MISSED_CAPTION, left_aligned=True, width=width))
    wrong = _wrong_cause_rows(score)
    if wrong:
        parts.append(render_table(wrong, table_format, caption=WRONG_CAUSE_CAPTION, left_aligned=True, width=width))
    if score.alarms:
        rows = [{"false alarm": alarm} for alarm in score.alarms]
        parts.append(render_table(rows, table_format, caption="False alarms", left_aligned=True))
    return "\n".join(parts)


def summary(score: Score) -> str:
    """One line: whether the targets are met, and the counts."""
    shares = f"{score.detected} of {score.mutants} mutants detected, {score.located} located exactly"
    alarms = f"{score.false_alarms} false alarms in {score.correct_runs} correct runs"
    causes = f"{score.causes_named} causes named, {score.causes_named_rightly} of them rightly"
    return f"targets {'met' if score.meets_targets else 'MISSED'}: {shares}, {causes}, {alarms}"


def _score_rows(score: Score) -> list[Row]:
    def row(check: str, count: Callable[[Total], int | None], alarms: int | None) -> Row:
        return {
            "check": check,
            **{dtype: _share(count(score.dtypes[dtype]), score.dtypes[dtype].mutants) for dtype in reversed(DTYPES)},
            "false alarms": _share(alarms, score.correct_runs),
        }

    rows = [
        row("lockstep: detected", lambda total: total.detected, score.false_alarms),
        row("lockstep: op and phase exact", lambda total: total.located, None),
        row("lockstep: cause named", lambda total: total.causes_named, None),
        {
            "check": "lockstep: of these rightly",
            **{
                dtype: _share(score.dtypes[dtype].causes_named_rightly, score.dtypes[dtype].causes_named)
                for dtype in reversed(DTYPES)
            },
            "false alarms": None,
        },
    ]
    for name in score.baselines:
        alarms = score.baselines_false_alarms.get(name)
        rows.append(row(name, lambda total, name=name: total.baselines.get(name), alarms))  # type: ignore[misc]
    rows.append(row("any of these four", lambda total: total.by_any_baseline, None))
    return rows


def _family_rows(score: Score) -> list[Row]:
    rows = []
    for name, group in groupby(score.trials, key=lambda trial: trial.family):
        outcomes = [trial.found[SHARP] for trial in group if SHARP in trial.found]
        rows.append(
            {
                "family": name,
                "mutants": len(outcomes),
                "detected": sum(outcome.detected for outcome in outcomes),
                "located": sum(outcome.located for outcome in outcomes),
                "cause named": sum(bool(outcome.cause) for outcome in outcomes),
                "rightly": sum(outcome.cause_is_right for outcome in outcomes),
                **{check: sum(outcome.baselines[check] for outcome in outcomes) for check in score.baselines},
            }
        )
    return rows


def _missed_rows(score: Score) -> list[Row]:
    return [
        {
            "mutant": trial.name,
            "dtype": dtype,
            "wrong at": trial.expected,
            "verdict": outcome.verdict,
            "named first": outcome.culprit,
        }
        for trial, dtype, outcome in _each(score.trials)
        if not outcome.located
    ]


def _wrong_cause_rows(score: Score) -> list[Row]:
    return [
        {
            "mutant": trial.name,
            "dtype": dtype,
            "cause named": outcome.cause,
            "cause declared": trial.cause or "none: a report has no words for it",
        }
        for trial, dtype, outcome in _each(score.trials)
        if outcome.cause and not outcome.cause_is_right
    ]


def _all_rows(score: Score) -> list[Row]:
    return [
        {
            "mutant": trial.name,
            "family": trial.family,
            "backend": trial.backend,
            "scenario": trial.scenario,
            "dtype": dtype,
            "wrong_at": trial.expected,
            "verdict": outcome.verdict,
            "named_first": outcome.culprit,
            "detected": outcome.detected,
            "located": outcome.located,
            "cause_named": outcome.cause,
            "cause_is_right": outcome.cause_is_right,
            **{check: outcome.baselines.get(check) for check in score.baselines},
            "mistake": trial.mistake,
        }
        for trial, dtype, outcome in _each(score.trials)
    ]


def _each(trials: Sequence[Trial]) -> list[tuple[Trial, str, Outcome]]:
    return [
        (trial, dtype, trial.found[dtype]) for dtype in reversed(DTYPES) for trial in trials if dtype in trial.found
    ]


def _share(count: int | None, total: int) -> str | None:
    return None if count is None else f"{count} of {total}"
