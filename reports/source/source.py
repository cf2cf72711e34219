"""Reads the backends' source, without importing them."""

from __future__ import annotations

import ast
import importlib.util
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


@dataclass(frozen=True)
class BackendSource:
    """One backend's functions by name, in the order of its file, or of the files whose names it imports with a star."""

    module: str
    functions: Mapping[str, ast.FunctionDef]
    texts: Mapping[str, str]
    """The source of each function as it stands in its file."""
    families: Mapping[str, str]
    """The file that each function stands in, without `.py`: the family of the op."""

    @property
    def names(self) -> list[str]:
        """Ops and optimizers, in order."""
        return [name for name in self.functions if not name.startswith("_") and name not in TRAINING]

    def summary(self, name: str) -> str:
        """The first line of a function's docstring."""
        function = self.functions.get(name)
        return (ast.get_docstring(function) or "").split("\n")[0] if function else ""

    def function(self, name: str) -> FunctionSource | None:
        """One function without annotations, or None if the backend has no such function."""
        return _function_source(self.texts[name]) if name in self.texts else None

    @property
    def train(self) -> TrainSource:
        """The training loop. Raises KeyError if the backend has none."""
        return _train_source(self.module, self.texts["train"])


@cache
def _function_source(text: str) -> FunctionSource:
    return FunctionSource(text)


@cache
def _train_source(module: str, text: str) -> TrainSource:
    return TrainSource(module, text)


@cache
def read_backend(module: str) -> BackendSource:
    """Read the source of an importable module. Raises FileNotFoundError if it has none."""
    text = module_text(module)
    lines = text.split("\n")  # ast.get_source_segment would split the file anew for every function
    family = module.rpartition(".")[2]
    functions: dict[str, ast.FunctionDef] = {}
    texts: dict[str, str] = {}
    families: dict[str, str] = {}
    for node in ast.parse(text).body:
        match node:
            case ast.ImportFrom(module=str(imported), names=[ast.alias(name="*")], level=0):
                part = read_backend(imported)
                functions |= part.functions
                texts |= part.texts
                families |= part.families
            case ast.FunctionDef():
                functions[node.name] = node
                texts[node.name] = "\n".join(lines[node.lineno - 1 : node.end_lineno])
                families[node.name] = family
    return BackendSource(module, functions, texts, families)


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
