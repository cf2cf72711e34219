"""Loads backends: the suite's own by name, a user's by file or module."""

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from inspect import isfunction
from pathlib import Path
from types import ModuleType
from typing import Any

from backends.vocabulary import BUILT_IN, HAND_WRITTEN, KINDS, TRAINING
from harness.errors import BackendMissing, Crashed, InputError, deed, did_you_mean
from harness.guarding.garbage import collection_postponed
from harness.guarding.guest import Guest
from harness.guarding.printing import off_stdout
from harness.recording.users_files import USERS_FILES, load_file

REFERENCE = HAND_WRITTEN
"""The backend that the others are compared with by default."""


@dataclass(frozen=True)
class LoadedBackend:
    """A backend under the name that reports use."""

    name: str
    module: Any
    guest: Guest = field(default_factory=Guest, compare=False, repr=False)
    """What its code does to the process."""


@collection_postponed()
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
