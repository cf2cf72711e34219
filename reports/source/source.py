"""Reads the backends' source, without importing them.

`lockstep list` reads all of it, so files are split into functions as text; a function is parsed when it is asked for.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backends.vocabulary import TRAINING, Part
from reports.source.functions import FunctionSource
from reports.source.training import TrainSource

LOOP_PARTS: tuple[Part, ...] = ("clear gradients", "backward", "step")
"""The parts of an update that every program has, in the order of the code map's rows."""
SCHEDULE_PART: Part = "schedule"
CARRY_PART: Part = "carry"
ACCUMULATION_PART = "accumulate"
THAW_PART = "thaw"
"""The rows of the map about several batches to a step, and about weights that are trained later."""


STATEMENT = re.compile(
    r"^from (?P<module>\S+) import \*"
    r"|^def (?P<function>\w+)\(.*(?:\n+[ )].*)*",  # its lines are indented, or close its parameters
    re.MULTILINE,
)
SUMMARY = re.compile(r'^    """(.+?)(?:"""|$)', re.MULTILINE)


@dataclass(frozen=True)
class BackendSource:
    """One backend's functions by name, in the order of its file, or of the files whose names it imports with a star."""

    module: str
    texts: Mapping[str, str]
    """The source of each function as it stands in its file."""
    families: Mapping[str, str]
    """The file that each function stands in, without `.py`: the family of the op."""

    @property
    def names(self) -> list[str]:
        """Ops and optimizers, in order."""
        return [name for name in self.texts if not name.startswith("_") and name not in TRAINING]

    def summary(self, name: str) -> str:
        """The first line of a function's docstring; empty if there is none, or no such function."""
        found = SUMMARY.search(self.texts.get(name, ""))
        return found[1].strip() if found else ""

    def definition(self, name: str) -> ast.FunctionDef:
        """A function's tree. Raises KeyError if the backend has no such function."""
        return _definition(self.texts[name])

    def function(self, name: str) -> FunctionSource | None:
        """One function without annotations, or None if the backend has no such function."""
        return _function_source(self.texts[name]) if name in self.texts else None

    @property
    def train(self) -> TrainSource:
        """The training loop. Raises KeyError if the backend has none."""
        return _train_source(self.module, self.texts["train"])


@cache
def _definition(text: str) -> ast.FunctionDef:
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    return function


@cache
def _function_source(text: str) -> FunctionSource:
    return FunctionSource(text)


@cache
def _train_source(module: str, text: str) -> TrainSource:
    return TrainSource(module, text)


@cache
def read_backend(module: str) -> BackendSource:
    """Read the source of an importable module. Raises FileNotFoundError if it has none."""
    family = module.rpartition(".")[2]
    texts: dict[str, str] = {}
    families: dict[str, str] = {}
    for statement in STATEMENT.finditer(module_text(module)):
        if (imported := statement["module"]) is not None:
            part = read_backend(imported)
            texts |= part.texts
            families |= part.families
        else:
            texts[statement["function"]] = statement[0]
            families[statement["function"]] = family
    return BackendSource(module, texts, families)


@cache
def module_text(module: str) -> str:
    """The source of an importable module, without importing it. Raises FileNotFoundError if it has none."""
    return _file_of(module).read_text(encoding="utf-8")


def _file_of(module: str) -> Path:
    """The file of a module, found without importing the package that it is in, as importlib would."""
    package, *names = module.split(".")
    specification = importlib.util.find_spec(package)
    if specification is None or specification.origin is None:
        raise FileNotFoundError(f"module {module} has no source")
    path = Path(specification.origin)
    for name in names:
        folder = path.parent / name
        path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    return path
