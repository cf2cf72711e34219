"""Mutants: copies of a backend with one realistic mistake each, and whether a run of lockstep finds and locates it.

The corpus stands in tests/mutants/ of a clone. A mutant is a difference of text against the real backend: what is
written there is replaced in one function, and the whole file is executed as a module of its own.
"""

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from backends.vocabulary import BUILT_IN
from harness.errors import InputError
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Phase, Result
from harness.run import run_scenario
from scenarios import DTYPES, Scenario

ROOT = Path(__file__).parent.parent.parent
CORPUS = "tests.mutants"
SCHEMA = "lockstep.mutants/1"
MUTANT, SHARP = "mutant", "float64"
LOCATED_TARGET = 0.95

Progress = Callable[[str], None]
UsualCheck = Callable[["Mutant", ModuleType, str], bool]
"""Whether a check that people use would have caught a mutant in a dtype."""
RandomRun = tuple[Scenario, str, Sequence[LoadedBackend]]
"""A scenario, a dtype and the correct backends that it is to be run with."""


@dataclass(frozen=True)
class Mutant:
    """One mistake in one function of a backend, and where an exact location has to point."""

    name: str
    mistake: str
    scenario: Scenario
    at: tuple[str, Phase]
    """The op and the phase of the first tensor that comes out wrong."""
    function: str
    change: Mapping[str, str]
    """What is written in that function, each exactly once, and what the mutant has instead."""
    backend: str = "numpy"
    family: str = ""
    dtypes: tuple[str, ...] = DTYPES
    """Where it is a mistake: float32 inside an op is none in a float32 run."""

    def build(self) -> ModuleType:
        """Execute the changed file of the backend, and take the rest of the backend as it is.

        Raises InputError where the text to change is not there exactly once.
        """
        backend = load_backend(self.backend).module
        original = _file_with(backend, self.function)
        text = inspect.getsource(getattr(original, self.function))
        signature, docstring, body = _parts(text)
        for old, new in self.change.items():
            found = signature.count(old) + body.count(old)
            if found != 1:
                raise InputError(f"mutant {self.name}: {old!r} stands {found} times in the code of {self.function}")
            signature, body = signature.replace(old, new), body.replace(old, new)
        changed = signature + docstring + body
        source = inspect.getsource(original).replace(text, changed)
        module = ModuleType(f"mutant_{self.name}")
        module.__dict__.update({name: value for name, value in vars(backend).items() if not name.startswith("__")})
        exec(compile(source, f"<mutant {self.name}>", "exec"), module.__dict__)
        return module


def _file_with(backend: ModuleType, function: str) -> ModuleType:
    """The module of a backend in which a function is written, private ones included."""
    files = [module for name, module in sys.modules.items() if name.startswith(f"{backend.__name__}.")]
    return next(module for module in files if getattr(vars(module).get(function), "__module__", "") == module.__name__)


def _parts(function: str) -> tuple[str, str, str]:
    """A function's source before its docstring, the docstring, in which formulas stand too, and what follows."""
    signature, quotes, rest = function.partition('"""')
    docstring, closing, body = rest.partition('"""')
    return signature, quotes + docstring + closing, body


def family(name: str, *mutants: Mutant, backend: str = "numpy") -> tuple[Mutant, ...]:
    """Mutants of one kind, all of one backend."""
    return tuple(replace(mutant, family=name, backend=backend) for mutant in mutants)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a run in one dtype said of a mutant."""

    verdict: str
    detected: bool
    located: bool
    culprit: str
    """The op and phase that were named first; what the run said instead where none was named."""
    baselines: dict[str, bool]
    """Whether each of the usual checks would have caught it."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One mutant, tried in every dtype in which it is one."""

    name: str
    family: str
    backend: str
    scenario: str
    mistake: str
    expected: str
    found: dict[str, Found]


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """How many mutants of one dtype were found."""

    mutants: int
    detected: int
    located: int
    baselines: dict[str, int]
    by_any_baseline: int
    """How many of them at least one of the usual checks would have caught."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The whole measurement; the counts on top are those of float64."""

    schema: str
    mutants: int
    detected: int
    located: int
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


def load_corpus() -> Any:
    """The package tests.mutants of this clone. Raises InputError where lockstep was installed without it."""
    if not (ROOT / Path(*CORPUS.split(".")) / "__init__.py").is_file():
        raise InputError("the mutants are in tests/mutants of a clone of lockstep; this installation has none")
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return importlib.import_module(CORPUS)


def try_mutant(mutant: Mutant, dtype: str, usual_checks: Mapping[str, UsualCheck]) -> Found:
    """Run one mutant against the hand-written backend, and against the checks that people use."""
    module = mutant.build()
    baselines = {name: caught(mutant, module, dtype) for name, caught in usual_checks.items()}
    try:
        result = run_scenario(
            mutant.scenario, [load_backend("numpy"), LoadedBackend(MUTANT, mutant.build())], dtype=dtype
        )
    except InputError as error:
        located = f"({' '.join(mutant.at)})" in str(error)
        return Found(verdict="refused", detected=True, located=located, culprit=str(error), baselines=baselines)
    except Exception as error:
        crash = f"lockstep itself raised {type(error).__name__}: {error}"
        return Found(verdict="crashed", detected=False, located=False, culprit=crash, baselines=baselines)
    named = _first_culprit(result)
    return Found(
        verdict=result.verdict,
        detected=result.verdict == "disagree",
        located=result.verdict == "disagree" and named == " ".join(mutant.at),
        culprit=named,
        baselines=baselines,
    )


def _first_culprit(result: Result) -> str:
    for culprit in result.culprits:
        return f"{culprit.op} {culprit.phase}"
    return "; ".join(result.notes) or "none"


def measure(corpus: Any, correct_runs: int, progress: Progress) -> Score:
    """Try every mutant in every dtype, and the correct backends on so many random scenarios."""
    trials = []
    for count, mutant in enumerate(corpus.MUTANTS, 1):
        progress(f"mutant {count} of {len(corpus.MUTANTS)}: {mutant.name}")
        found = {dtype: try_mutant(mutant, dtype, corpus.usual_checks(dtype)) for dtype in mutant.dtypes}
        trials.append(trial(mutant, found))
    alarms: list[str] = []
    complaints: dict[str, int] = {}
    verdicts: dict[str, int] = {}
    for count, run in enumerate(corpus.random_runs(correct_runs), 1):
        progress(f"correct run {count} of {correct_runs}")
        verdict, alarm = false_alarm(run)
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
        alarms += [alarm] if alarm else []
        for name, complains in corpus.complaints(run).items():
            complaints[name] = complaints.get(name, 0) + complains
    return _score(trials, alarms, verdicts, complaints, correct_runs)


def trial(mutant: Mutant, found: Mapping[str, Found]) -> Trial:
    """A mutant's row in the score."""
    return Trial(
        name=mutant.name,
        family=mutant.family,
        backend=mutant.backend,
        scenario=mutant.scenario.name,
        mistake=mutant.mistake,
        expected=" ".join(mutant.at),
        found=dict(found),
    )


def false_alarm(run: RandomRun) -> tuple[str, str]:
    """The verdict on correct backends, and what is wrong with it: empty unless a check failed or they disagree."""
    scenario, dtype, backends = run
    result = run_scenario(scenario, backends, dtype=dtype)
    failed = {name: counts["failed"] for name, counts in result.certified.items() if counts["failed"]}
    if not failed and result.verdict != "disagree":
        return result.verdict, ""
    named = f"{result.culprits[0].backend} {_first_culprit(result)}" if result.culprits else "no culprit"
    return result.verdict, f"{scenario.name} {dtype}: {result.verdict}, failed checks {failed}, {named}"


def _score(
    trials: Sequence[Trial],
    alarms: Sequence[str],
    verdicts: Mapping[str, int],
    complaints: Mapping[str, int],
    correct_runs: int,
) -> Score:
    totals = {dtype: _total(list(_found_in(trials, dtype))) for dtype in DTYPES}
    sharp = totals[SHARP]
    return Score(
        schema=SCHEMA,
        mutants=sharp.mutants,
        detected=sharp.detected,
        located=sharp.located,
        false_alarms=len(alarms),
        correct_runs=correct_runs,
        baselines=sharp.baselines,
        baselines_false_alarms=dict(complaints),
        dtypes=totals,
        correct_verdicts=dict(verdicts),
        alarms=list(alarms),
        trials=list(trials),
    )


def _found_in(trials: Sequence[Trial], dtype: str) -> Iterator[Found]:
    return (trial.found[dtype] for trial in trials if dtype in trial.found)


def _total(found: Sequence[Found]) -> Total:
    names = dict.fromkeys(name for each in found for name in each.baselines)
    return Total(
        mutants=len(found),
        detected=sum(each.detected for each in found),
        located=sum(each.located for each in found),
        baselines={name: sum(each.baselines.get(name, False) for each in found) for name in names},
        by_any_baseline=sum(any(each.baselines.values()) for each in found),
    )


def to_json(score: Score) -> str:
    """The score as JSON, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(score), indent=1).decode() + "\n"


def correct_backends(names: Sequence[str] = tuple(BUILT_IN)) -> list[LoadedBackend]:
    """The built-in backends, none of which may ever be called wrong."""
    return [load_backend(name) for name in names]
