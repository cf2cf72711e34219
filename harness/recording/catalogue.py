"""Finds scenarios: those of the catalogue by name, a user's by file."""

import ast
import importlib
import pkgutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import scenarios.language
import scenarios.probes
from harness.errors import InputError, did_you_mean
from harness.files import file_exists, folder_exists
from harness.guarding.guest import Guest
from harness.recording.users_files import chosen_of, file_and_name, is_file, load_file
from scenarios import Scenario

DEFAULT_SCENARIOS = ("two_layer", "two_layer_tiny", "digits")


def built_in_scenarios() -> dict[str, Scenario]:
    """Every scenario of the catalogue, which is the package `scenarios`, by name. Imports no framework."""
    return scenarios_of(_modules_of_catalogue())


def probes() -> dict[str, Scenario]:
    """The small networks that mutants train on, by name; they are no part of the catalogue. Imports no framework."""
    return scenarios_of(modules_of(scenarios.probes))


def _modules_of_catalogue() -> Iterator[str]:
    return modules_of(scenarios, without=(scenarios.language, scenarios.probes))


def modules_of(package: ModuleType, *, without: Sequence[ModuleType] = ()) -> Iterator[str]:
    """The dotted name of every module and package inside a package; imports none of them.

    `without` are packages inside it that are left out.
    """
    return modules_under(package.__path__, f"{package.__name__}.", {left_out.__name__ for left_out in without})


def modules_under(folders: Iterable[str], prefix: str = "", left_out: Collection[str] = ()) -> Iterator[str]:
    """The dotted name of every module and package in these folders and in packages there; imports none of them."""
    for module in pkgutil.iter_modules(folders, prefix):
        if module.name in left_out:
            continue
        yield module.name
        if module.ispkg:
            inside = [str(Path(folder) / module.name.rpartition(".")[2]) for folder in folders]
            yield from modules_under(inside, f"{module.name}.", left_out)


def scenarios_of(modules: Iterable[str]) -> dict[str, Scenario]:
    """Every scenario that is defined in modules, by name. Raises InputError where two have one name."""
    by_name: dict[str, Scenario] = {}
    for module in modules:
        for name, scenario in scenarios_in(importlib.import_module(module)).items():
            first = by_name.setdefault(name, scenario)
            if first is not scenario:  # a file may import a scenario from another
                both = f"{first.function.__module__} and {scenario.function.__module__}"
                raise InputError(f"{both} each define a scenario {name}; give one of them another name")
    return dict(sorted(by_name.items()))


def _in_file_of_its_name(name: str) -> dict[str, Scenario]:
    """The scenario `two_layer` of a file two_layer.py, without importing the rest of the catalogue; or nothing."""
    of_its_name = [module for module in _modules_of_catalogue() if module.rpartition(".")[2] == name]
    return {found: scenario for found, scenario in scenarios_of(of_its_name).items() if found == name}


def find_scenarios(names: Iterable[str]) -> list[Scenario]:
    """Return the scenarios of these names, `./file.py` (all in it) or `./file.py:name`.

    Raises InputError for a name or file that does not exist or can't be loaded.
    """
    chosen: list[Scenario] = []
    for name in names:
        if is_file(name):
            chosen += _scenarios_of_file(*file_and_name(name))
            continue
        built_in = _in_file_of_its_name(name) or built_in_scenarios()
        if name not in built_in:
            raise InputError(f"there is no scenario {name!r}{_hint(name, built_in)}")
        chosen.append(built_in[name])
    chosen_names = [scenario.name for scenario in chosen]
    for name in chosen_names:
        if chosen_names.count(name) > 1:
            raise InputError(f"two scenarios are called {name!r}; name each once")
    return chosen


def _hint(name: str, built_in: Iterable[str]) -> str:
    """What a name that is no scenario's may have meant."""
    stem, colon, scenario_name = name.partition(":")
    file = Path(f"{stem}.py")
    if file_exists(file):
        # Path drops the ./ that distinguishes a file from a built-in name.
        return f"; did you mean {'' if file.is_absolute() else './'}{file}{colon}{scenario_name}?"
    if folder_exists(Path(name)):
        return f"; {name} is a folder: name a file in it, as {Path(name) / 'mine.py'}"
    return did_you_mean(name, built_in, "lockstep list scenarios")


def find_scenario(name: str) -> Scenario:
    """Return the one scenario of this name, `./file.py:name`, or `./file.py` with one in it.

    Raises InputError if there is none, if there are several, or if the file can't be loaded.
    """
    matches = find_scenarios([name])
    if len(matches) != 1:
        raise InputError(f"{name} holds {', '.join(s.name for s in matches)}; name one as {name}:{matches[0].name}")
    return matches[0]


def _scenarios_of_file(path: Path, name: str) -> list[Scenario]:
    """The scenario of this name, or all if the name is empty."""
    in_file = scenarios_in(load_file(path, "scenario file", Guest()))
    check_defined_once(in_file, path)
    if not in_file:
        raise InputError(f"{path} defines no scenario; decorate a function with @scenario(...)")
    return chosen_of(in_file, path, name, "scenario")


def scenarios_in(module: ModuleType) -> dict[str, Scenario]:
    """The scenarios of a module, by name."""
    return {value.name: value for value in vars(module).values() if isinstance(value, Scenario)}


def check_defined_once(in_file: Iterable[str], path: Path) -> None:
    """Raise InputError where a file defines a scenario and then another of its name, which Python forgets."""
    lines: dict[str, list[int]] = {}
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            lines.setdefault(node.name, []).append(node.lineno)
    for name in in_file:
        if len(lines.get(name, [])) > 1:
            *before, last = lines[name]
            listed = f"{', '.join(map(str, before))} and {last}"
            raise InputError(f"{path} defines scenario {name} in lines {listed}; give each a name of its own")
