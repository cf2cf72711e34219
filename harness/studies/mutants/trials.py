"""Tries one mutant, or correct backends on one random network."""

from collections.abc import Mapping

import msgspec

from backends.mutants.mutant import Mutant
from harness.errors import InputError
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.run import run_scenario
from harness.studies.mutants.causes import is_right, named_cause
from harness.studies.mutants.corpus import build, scenario_of
from harness.studies.mutants.random_networks import CorrectRun
from harness.studies.mutants.usual_checks import UsualCheck

MUTANT = "mutant"


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


def try_mutant(mutant: Mutant, dtype: str, usual_checks: Mapping[str, UsualCheck]) -> Outcome:
    """Run one mutant against the hand-written backend, and against the checks that people use."""
    module = build(mutant)
    baselines = {name: caught(mutant, module, dtype) for name, caught in usual_checks.items()}
    location = " ".join(mutant.location)
    backends = [load_backend("numpy"), LoadedBackend(MUTANT, build(mutant))]
    try:
        result = run_scenario(scenario_of(mutant), backends, dtype=dtype)
    except InputError as error:
        located = f"({location})" in str(error)
        return Outcome(verdict="refused", detected=True, located=located, culprit=str(error), baselines=baselines)
    except Exception as error:
        crash = f"lockstep itself raised {type(error).__name__}: {error}"
        return Outcome(verdict="crashed", detected=False, located=False, culprit=crash, baselines=baselines)
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


def _first_culprit(result: Result) -> str:
    for culprit in result.culprits:
        return f"{culprit.op} {culprit.phase}"
    return "; ".join(result.notes) or "none"


def false_alarm(run: CorrectRun) -> tuple[str, str]:
    """The verdict on correct backends, and what is wrong with it: empty unless a check failed or they disagree."""
    result = run_scenario(run.scenario, run.backends, dtype=run.dtype)
    failed = {name: counts["failed"] for name, counts in result.certified.items() if counts["failed"]}
    if not failed and result.verdict != "disagree":
        return result.verdict, ""
    culprit = f"{result.culprits[0].backend} {_first_culprit(result)}" if result.culprits else "no culprit"
    return result.verdict, f"{run.scenario.name} {run.dtype}: {result.verdict}, failed checks {failed}, {culprit}"
