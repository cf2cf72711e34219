"""Reads the backends' source, without importing them."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent

from backends.vocabulary import TRAINING

LOOP_PARTS = ("clear gradients", "backward", "step")
SCHEDULE_PART, CARRY_PART = "schedule", "carry"
"""The comments under which the parts of `train`'s loop stand."""


@dataclass(frozen=True)
class BackendSource:
    """One backend's functions by name, in the order of its file, or of the files whose names it imports with a star."""

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

    def code(self, name: str) -> str:
        """The source of one function as it stands in the file."""
        return self.texts[name]

    def code_without_docstring(self, name: str) -> str:
        """The source of one function, its docstring left out."""
        function = self.functions[name]
        body = function.body[1:] if ast.get_docstring(function) else function.body
        lines = self.code(name).split("\n")
        first = function.lineno
        return "\n".join([*lines[: function.body[0].lineno - first], *lines[body[0].lineno - first :]])

    def loop_part(self, part: str) -> list[ast.stmt]:
        """The lines of `train` under the comment `# part`, up to the next empty line."""
        lines = self.code("train").split("\n")
        start = next((i for i, line in enumerate(lines) if line.strip() == f"# {part}"), None)
        if start is None:
            return []
        end = next((i for i in range(start, len(lines)) if not lines[i].strip()), len(lines))
        return ast.parse(dedent("\n".join(lines[start + 1 : end]))).body


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
    return BackendSource(functions, texts, families)


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
