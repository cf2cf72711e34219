"""Tries one mutant, or correct backends on one random network."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from backends.mutants.mutant import Mutant
from harness.errors import Crashed, InputError
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.run import run_experiment
from harness.running.experiment import Experiment, prepare
from harness.studies.mutants.causes import is_right, named_cause
from harness.studies.mutants.corpus import build, scenario_of
from harness.studies.mutants.random_networks import CorrectRun
from harness.studies.mutants.score import Outcome
from harness.studies.mutants.usual_checks import UsualCheck
from scenarios import Scenario

MUTANT = "mutant"


class Run(NamedTuple):
    """A run that was made for the measurement."""

    experiment: Experiment
    result: Result
    seconds: float


def try_mutant(
    mutant: Mutant, dtype: str, usual_checks: Mapping[str, UsualCheck], keep: Callable[[Run], None] = lambda run: None
) -> Outcome:
    """Run one mutant against the hand-written backend, and against the checks that people use.

    `keep` is given the run, if it reached a verdict.
    """
    module = build(mutant)
    baselines = {name: caught(mutant, module, dtype) for name, caught in usual_checks.items()}
    location = " ".join(mutant.location)
    backends = [load_backend("numpy"), LoadedBackend(MUTANT, build(mutant))]
    try:
        run = _run(scenario_of(mutant), backends, dtype)
    except Crashed as error:
        return crashed(str(error), baselines)
    except InputError as error:
        return _refused(str(error), location, baselines)
    except Exception as error:
        return crashed(f"lockstep itself raised {type(error).__name__}: {error}", baselines)
    keep(run)
    result = run.result
    culprit, cause = _first_culprit(result), named_cause(result)
    return Outcome(
        verdict=result.verdict,
        detected=result.verdict == "disagree",
        located=result.verdict == "disagree" and culprit == location,
        culprit=culprit,
        baselines=baselines,
        cause=cause,
        cause_is_right=is_right(mutant, cause),
    )


def _refused(message: str, location: str, baselines: dict[str, bool]) -> Outcome:
    """The outcome of a mutant that was refused: detected if the message names its backend or its location."""
    located = f"({location})" in message
    detected = located or f"backend {MUTANT}" in message
    return Outcome(verdict="refused", detected=detected, located=located, culprit=message, baselines=baselines)


def crashed(why: str, baselines: dict[str, bool]) -> Outcome:
    """The outcome of a mutant that ended the run by an error, its own or another: nothing was compared or certified."""
    return Outcome(verdict="crashed", detected=False, located=False, culprit=why, baselines=baselines)


def _run(scenario: Scenario, backends: Sequence[LoadedBackend], dtype: str) -> Run:
    started = time.perf_counter()
    experiment = prepare(scenario, backends, dtype, certify=1)
    return Run(experiment, run_experiment(experiment), time.perf_counter() - started)


def _first_culprit(result: Result) -> str:
    for culprit in result.culprits:
        return f"{culprit.op} {culprit.phase}"
    return "; ".join(result.notes) or "none"


def false_alarm(run: CorrectRun, keep: Callable[[Run], None] = lambda run: None) -> tuple[str, str]:
    """The verdict on correct backends, and what is wrong with it: empty unless a check failed or they disagree."""
    made = _run(run.scenario, run.backends, run.dtype)
    keep(made)
    result = made.result
    failed = {name: counts["failed"] for name, counts in result.certified.items() if counts["failed"]}
    if not failed and result.verdict != "disagree":
        return result.verdict, ""
    culprit = f"{result.culprits[0].backend} {_first_culprit(result)}" if result.culprits else "no culprit"
    return result.verdict, f"{run.scenario.name} {run.dtype}: {result.verdict}, failed checks {failed}, {culprit}"
