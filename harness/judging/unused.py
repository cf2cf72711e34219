"""What a user's backend defines and a run never calls: an agreement says nothing of it."""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from inspect import isfunction
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from backends.contract import Program
from backends.vocabulary import BUILT_IN, KINDS, TRAINING
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend
from harness.running.experiment import Experiment
from scenarios import Scenario
from scenarios.language.errors import near_miss

MOST_NAMED = 2
"""How many scenarios, at most, are named that call what this one does not."""


def nothing_of_its_own(experiment: Experiment) -> list[str]:
    """The backends that define functions and run as a built-in one all the same: their agreement proves nothing."""
    reasons = []
    for backend in experiment.backends:
        own, called = own_functions(backend), _called(experiment.program)
        twins = [built_in_that_has(name, getattr(backend.module, name, None)) for name in called]
        if own and None not in twins:
            listed = " and ".join(dict.fromkeys(twin for twin in twins if twin))
            reasons.append(
                f"nothing that {backend.name} defines is called by {experiment.scenario.name}: all that ran is "
                f"{listed}'s own, so nothing tested it"
            )
    return reasons


def own_kinds(backend: LoadedBackend) -> list[str]:
    """The ops and rules of which a program must call one for a run to say anything of a user's backend.

    None of a backend that trains by itself, or redefines nothing: any program will do.
    """
    module = backend.module
    if not own_functions(backend) or built_in_that_has("train", getattr(module, "train", None)) is None:
        return []
    return [name for name in KINDS if hasattr(module, name) and not built_in_that_has(name, getattr(module, name))]


def never_called(experiment: Experiment) -> list[str]:
    """What each backend defines on top of a built-in one and this scenario never calls, and which scenarios do."""
    return [line for backend in experiment.backends for line in _never_called(backend, experiment)]


def _never_called(backend: LoadedBackend, experiment: Experiment) -> Iterator[str]:
    own, called = own_functions(backend), _called(experiment.program)
    if not any(built_in_that_has(name, getattr(backend.module, name, None)) for name in (*KINDS, *TRAINING)):
        return  # a framework of its own has many an op that a single scenario does not call
    used = _reachable(own, called)
    unused = [name for name in own if name not in used]
    also = "also " if used else ""
    for name in unused:
        never = f"{backend.name} {also}defines {name}, which {experiment.scenario.name} never calls"
        if name in KINDS:
            yield f"{never}{_callers(name)}"
        elif name not in _mentioned(backend) and (hint := near_miss(name, [op for op in KINDS if op not in own])):
            yield f"{never}{hint}"


def own_functions(backend: LoadedBackend) -> dict[str, FunctionType]:
    """The public functions that are written in a user's backend itself, by name; none of a built-in backend."""
    file = getattr(backend.module, "__file__", None)
    if file is None or getattr(backend.module, "__name__", None) in BUILT_IN.values():
        return {}
    place = Path(file)
    return {
        name: value
        for name, value in vars(backend.module).items()
        if isfunction(value) and not name.startswith("_") and _is_written_in(value, place)
    }


def _is_written_in(function: FunctionType, file: Path) -> bool:
    """Whether a function stands in a file, or in the folder of a package whose file this is."""
    written = Path(inspect.unwrap(function).__code__.co_filename)
    return file.parent in written.parents if file.name == "__init__.py" else written == file


def _called(program: Program) -> list[str]:
    """The names of all functions of a backend that a run of the program calls."""
    calls = [*(call.op for call in program.calls), *(rule.op for rule in program.rules)]
    return list(dict.fromkeys([*calls, "train"]))


def built_in_that_has(name: str, function: Any) -> str | None:
    """The built-in backend whose very function of this name this is; None if it is of none."""
    for backend, module in BUILT_IN.items():
        if function is not None and getattr(sys.modules.get(module), name, None) is function:
            return backend
    return None


def _reachable(functions: dict[str, FunctionType], names: Iterable[str]) -> set[str]:
    """Of these functions, those of these names, the thread pool's, and all that they mention."""
    reached: set[str] = set()
    waiting = [name for name in (*names, *TRAINING) if name in functions]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _names_in(functions[name].__code__) & functions.keys()
    return reached


def _names_in(code: CodeType) -> set[str]:
    """The globals and attributes that a function's code mentions, those of functions inside it included."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return {*code.co_names, *(name for part in inner for name in _names_in(part))}


def _mentioned(backend: LoadedBackend) -> set[str]:
    """The names that a backend's file reads anywhere: what a decorator or a table takes is no misspelt op."""
    try:
        tree = ast.parse(inspect.getsource(backend.module))
    except (OSError, SyntaxError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _callers(name: str) -> str:
    """Which scenarios of the catalogue call an op or a rule, as it stands behind a scenario that does not."""
    callers = [scenario.name for scenario in built_in_scenarios().values() if _calls(scenario, name)]
    named, others = callers[:MOST_NAMED], len(callers[MOST_NAMED:])
    if not callers:
        return ""
    listed = ", ".join(named) + (f" and {others} more" if others else "")
    return f"; {listed} {'does' if len(callers) == 1 else 'do'}"


def _calls(scenario: Scenario, name: str) -> bool:
    """Whether a scenario calls an op, itself or by a function of its file, or is trained by a rule."""
    if any(rule.name == name for rule in scenario.all_rules):
        return True
    inside = {key: value for key, value in scenario.function.__globals__.items() if isfunction(value)}
    names = _names_in(scenario.function.__code__)
    names |= {inner for key in _reachable(inside, names) for inner in _names_in(inside[key].__code__)}
    return name in names
