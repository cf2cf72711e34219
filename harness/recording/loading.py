"""Finds scenarios and backends: the suite's own by name, a user's by file or module."""

import ast
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isfunction
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import scenarios.language
import scenarios.probes
from backends.capture.errors import TrainingError
from backends.vocabulary import BUILT_IN, HAND_WRITTEN, KINDS, TRAINING
from harness.errors import BackendMissing, Crashed, InputError, deed, did_you_mean, innermost_line
from harness.files import file_exists, folder_exists
from harness.guarding.guest import Guest
from harness.guarding.printing import off_stdout
from scenarios import Scenario, ScenarioError

REFERENCE = HAND_WRITTEN
"""The backend that the others are compared with by default."""
DEFAULT_SCENARIOS = ("two_layer", "two_layer_tiny", "digits")
USERS_FILES: dict[str, str] = {}
"""Every file of a user that was loaded, and whose it is: `backend mine`."""

T = TypeVar("T")


@dataclass(frozen=True)
class LoadedBackend:
    """A backend under the name that reports use."""

    name: str
    module: Any
    guest: Guest = field(default_factory=Guest, compare=False, repr=False)
    """What its code does to the process."""


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


def is_file(specification: str) -> bool:
    """Whether this is `./file.py` or `./file.py:name`, and no name of a built-in scenario."""
    return ".py:" in specification or specification.endswith(".py")


def file_and_name(specification: str) -> tuple[Path, str]:
    """The file and the name of `./file.py:name`; the name is empty in `./file.py`."""
    path, colon, name = specification.partition(".py:")
    return Path(f"{path}.py" if colon else specification), name


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


def chosen_of(in_file: Mapping[str, T], path: Path, name: str, what: str) -> list[T]:
    """The one of this name, or all if the name is empty. Raises InputError if there is none of this name."""
    if name and name not in in_file:
        raise InputError(f"{path} has no {what} {name!r}{did_you_mean(name, in_file)}")
    return [in_file[name]] if name else list(in_file.values())


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


def load_backends(specifications: Iterable[str], reference: str = REFERENCE) -> list[LoadedBackend]:
    """Load backends by `NAME` (built in), `NAME=./file.py` or `NAME=package.module`; the reference comes first.

    A reference that is not among them is added. Raises BackendMissing for a backend that can't be imported, InputError
    for an unknown name, two backends of the same name, or fewer than two backends.
    """
    specifications = list(specifications) or list(BUILT_IN)
    names = checked_names(specifications)
    if reference not in names:
        specifications.insert(0, reference)
        names.insert(0, reference)
    if len(names) < 2:
        raise InputError(f"one backend only ({names[0]}): there is nothing to compare it with; name another --backend")
    specifications.sort(key=lambda specification: specification.partition("=")[0] != reference)
    # The built-in ones first: what a user's file changes in a framework is then put back as it was before.
    loaded = {text: load_backend(text) for text in sorted(specifications, key=lambda text: "=" in text)}
    return [loaded[specification] for specification in specifications]


def checked_names(specifications: Iterable[str]) -> list[str]:
    """The names in front of `=`. Raises InputError if two are the same."""
    names = [specification.partition("=")[0] for specification in specifications]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two backends are called {name!r}; give each a name of its own, as NAME=./file.py")
    return names


def load_backend(specification: str) -> LoadedBackend:
    """Load one backend by `NAME`, `NAME=./file.py` or `NAME=package.module`.

    Raises BackendMissing or InputError as `load_backends` does, and Crashed if its code raises another error.
    """
    name, equals, location = specification.partition("=")
    if not equals:
        if name not in BUILT_IN:
            hint = did_you_mean(name, BUILT_IN)
            raise InputError(f"there is no backend {name!r}{hint} (a file of your own is NAME=./file.py)")
        location = BUILT_IN[name]
    if not name or not location:
        raise InputError(f"--backend {specification!r}: write NAME=./file.py or NAME=package.module")
    guest = Guest(is_trusted=not equals)
    if location.endswith(".py"):
        module = load_file(Path(location), f"backend {name}'s file", guest, unimportable=BackendMissing)
    else:
        module = _import_module(name, location, guest)
    return backend_of(name, module, location, guest)


def backend_of(name: str, module: Any, location: str, guest: Guest | None = None) -> LoadedBackend:
    """Wrap a module as a backend; `location` says where it is from. Raises InputError if it can't train."""
    if not callable(getattr(module, "train", None)):
        raise InputError(
            f"backend {name} ({location}) has no train(); begin the file with "
            "`from backends.numpy_manual import *` or write one as the contract in docs/backends.md says"
        )
    return LoadedBackend(name, module, guest or Guest())


class _NoSuchOp(LookupError):
    """No op has this name. As text it is a suggestion, which takes long and is looked for only where it is shown."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._name = name

    def __str__(self) -> str:
        ops = [op for op, kind in KINDS.items() if kind == "op"]
        return did_you_mean(self._name, ops, "lockstep list ops")


def hand_written_ops(backends: Iterable[LoadedBackend]) -> Callable[[str], Callable[..., Any]]:
    """Return a function that finds an op's hand-written NumPy form by name, or raises LookupError.

    The suite's own ops come first, then those of a user's backends that train by hand-written backwards, such as any
    file that begins with `from backends.numpy_manual import *`.
    """
    numpy_manual = importlib.import_module(BUILT_IN[HAND_WRITTEN])
    modules = [numpy_manual, *[backend.module for backend in backends if is_hand_written(backend)]]

    def find_op(name: str) -> Callable[..., Any]:
        for module in modules:
            op = getattr(module, name, None)
            if isfunction(op) and not name.startswith("_") and name not in TRAINING:
                return op
        raise _NoSuchOp(name)

    return find_op


def is_hand_written(backend: LoadedBackend) -> bool:
    """Whether a backend trains by the hand-written backwards of its ops: its `train` is the hand-written backend's."""
    return backend.module.train is importlib.import_module(BUILT_IN[HAND_WRITTEN]).train


def check_ops(backend: LoadedBackend, needed: Iterable[str], scenario: str) -> None:
    """Raise InputError if the backend lacks an op or optimizer that the scenario needs."""
    for op in needed:
        if not callable(getattr(backend.module, op, None)):
            raise InputError(f"backend {backend.name} has no op {op} (needed by scenario {scenario})")


@off_stdout()
def _import_module(name: str, location: str, guest: Guest) -> ModuleType:
    try:
        if location in BUILT_IN.values():
            return importlib.import_module(location)
        with guest.importing():
            module = importlib.import_module(location)
    except ImportError as error:
        raise BackendMissing(f"backend {name} can't be imported: {error}; `lockstep doctor` says what to do") from error
    except Exception as error:
        raise Crashed(f"backend {name} ({location}) {deed(error, 'its import')}") from error
    USERS_FILES[str(module.__file__)] = f"backend {name} ({location})"
    return module


@off_stdout()
def load_file(
    path: Path, what: str, guest: Guest, *, unimportable: type[InputError] | type[BackendMissing] = InputError
) -> ModuleType:
    """Run a user's file and return its module; `what` says in messages what it is. It may import Chainer as ever.

    Raises `unimportable` if a module that it imports is missing, and Crashed if it raises another error.
    """
    if not file_exists(path):
        raise InputError(f"{what} {path} does not exist")
    from backends.compatibility.chainer import install_stand_ins  # on first use: no other start has to wait for it

    install_stand_ins()
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last, so that a file beside it can be imported but shadows nothing
    module_name = f"{path.stem}_from_{abs(hash(path.resolve())):x}"
    specification = importlib.util.spec_from_file_location(module_name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    USERS_FILES[str(specification.origin)] = f"{what} {path}"
    sys.modules[module_name] = module  # dataclasses, for one, look up the module of a class here
    try:
        with guest.importing():
            specification.loader.exec_module(module)
    except SyntaxError as error:
        raise InputError(f"{what} {path}{_on_line(error.lineno)} does not parse: {error.msg}") from error
    except ImportError as error:
        line = _on_line(innermost_line(error, str(specification.origin)))
        raise unimportable(f"{what} {path}{line} can't be imported: {error}") from error
    except (ScenarioError, TrainingError, InputError) as error:
        line = _on_line(innermost_line(error, str(specification.origin)))
        raise InputError(f"{what} {path}{line.rstrip(',')}: {error}") from error
    except Exception as error:
        line = _on_line(innermost_line(error, str(specification.origin)))
        raise Crashed(f"{what} {path}{line} {deed(error, place='' if line else 'its import')}") from error
    return module


def _on_line(line: int | None) -> str:
    return "" if line is None else f", line {line},"
