"""A student's file: the ops that it defines, by name."""

import ast
import tokenize
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import isfunction
from pathlib import Path
from typing import Any

from backends.vocabulary import OPS
from harness.errors import InputError, did_you_mean
from harness.guarding.guest import Guest
from harness.recording.users_files import load_file
from scenarios.language.errors import near_miss

ALL_OPS = tuple(name for names in OPS.values() for name in names)


@dataclass(frozen=True)
class Submission:
    """A file with ops, as loaded."""

    path: Path
    file: str
    """As it stands in tracebacks."""
    ops: Mapping[str, Callable[..., Any]]
    """The functions that it defines under the names of ops; what it imports is not its own."""
    misspelt: Mapping[str, str]
    """Its functions that are no ops but are called nearly as one: the note about each."""
    guest: Guest
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax of the file."""
        return ast.parse(self.source)

    def line_of_return(self, function: Callable[..., Any]) -> int | None:
        """The line of a function's last return; None for a function of another file."""
        code = function.__code__
        if code.co_filename != self.file:
            return None
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef) and code.co_firstlineno in (
                node.lineno,
                *(decorator.lineno for decorator in node.decorator_list),
            ):
                inner = {id(below) for child in ast.walk(node) if child is not node for below in _returns_within(child)}
                own = [each for each in ast.walk(node) if isinstance(each, ast.Return) and id(each) not in inner]
                return own[-1].lineno if own else node.lineno
        return code.co_firstlineno

    def text_of(self, line: int | None) -> str:
        """A line of the file, without its indentation."""
        lines = self.source.split("\n")  # as Python counts them: a form feed ends no line
        return lines[line - 1].strip() if line is not None and 0 < line <= len(lines) else ""


def _returns_within(node: ast.AST) -> Iterable[ast.AST]:
    """The returns of a function that stands inside another."""
    return (
        [each for each in ast.walk(node) if isinstance(each, ast.Return)]
        if isinstance(node, ast.FunctionDef | ast.Lambda)
        else []
    )


def load_submission(path: Path) -> Submission:
    """Load a student's file. Raises InputError if it is none, and Crashed if it raises an error when it is imported."""
    if path.suffix != ".py":
        raise InputError(f"{path} is no Python file: its name must end in .py")
    guest = Guest()
    module = load_file(path, "file", guest)
    file = str(module.__file__)
    own = {
        name: value
        for name, value in vars(module).items()
        if isfunction(value) and value.__code__.co_filename == file and not name.startswith("_")
    }
    ops = {name: function for name, function in own.items() if name in ALL_OPS}
    misspelt = {}
    for name in own.keys() - ops.keys():
        if near := near_miss(name, [op for op in ALL_OPS if op not in own], 0.8):
            misspelt[name] = f"{name} is no op{near}"
    with tokenize.open(path) as source:  # in the encoding that the file names
        return Submission(path, file, ops, dict(sorted(misspelt.items())), guest, source.read())


def checked_ops(names: Iterable[str]) -> tuple[str, ...]:
    """The names of ops, each once. Raises InputError for a name that is none, with one that is near."""
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in ALL_OPS:
            raise InputError(f"there is no op {name!r}{did_you_mean(name, ALL_OPS, 'lockstep list ops')}")
    return chosen
