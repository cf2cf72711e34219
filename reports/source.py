"""Reads the backends' source, without importing them."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent

NOT_OPS = ("train", "threads")
"""Public functions of a backend that are neither ops nor optimizers."""


@dataclass(frozen=True)
class BackendSource:
    """One backend's file: its functions by name, in the order of the file."""

    text: str
    functions: Mapping[str, ast.FunctionDef]

    @property
    def names(self) -> list[str]:
        """Ops and optimizers, in the order of the file."""
        return [name for name in self.functions if not name.startswith("_") and name not in NOT_OPS]

    def summary(self, name: str) -> str:
        """The first line of a function's docstring."""
        function = self.functions.get(name)
        return (ast.get_docstring(function) or "").split("\n")[0] if function else ""

    def code(self, name: str) -> str:
        """The source of one function as it stands in the file."""
        return ast.get_source_segment(self.text, self.functions[name]) or ""

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
    specification = importlib.util.find_spec(module)
    if specification is None or specification.origin is None:
        raise FileNotFoundError(f"module {module} has no source")
    text = Path(specification.origin).read_text(encoding="utf-8")
    functions = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    return BackendSource(text, functions)


def is_op(hand_written: ast.FunctionDef) -> bool:
    """Whether a hand-written function is an op, which has a backward; an optimizer has none."""
    return any(isinstance(node, ast.FunctionDef) and node.name == "backward" for node in hand_written.body)
