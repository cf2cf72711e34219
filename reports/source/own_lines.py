"""A user's backend in its own source: the functions of its files, line by line, as they stand there."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from types import CodeType, FunctionType
from typing import Any, Literal

from backends.contract import Program
from harness.judging.own_source import is_own

Pass = Literal["forward", "backward", "both"]


@dataclass(frozen=True)
class OwnLine:
    """A line of a user's file."""

    number: int
    text: str
    computes: Pass
    """The pass that it is taken to run in; `both` for a line that has the forward and a lambda for the backward.

    A function inside belongs to the backward, unless the function around it calls it.
    """

    def runs_in_any(self, phases: Iterable[str]) -> bool:
        """Whether it is taken to compute something in one of these phases of an update."""
        return any(self.computes in ("both", "backward" if phase == "backward" else "forward") for phase in phases)


@dataclass(frozen=True)
class OwnFunction:
    """A function of a user's file, without its docstring."""

    file: str
    lines: tuple[OwnLine, ...]

    @property
    def place(self) -> str:
        """Where it stands, such as `mine.py:4`."""
        return f"{self.file}:{self.lines[0].number}"


def own_functions_of(module: Any, program: Program) -> dict[str, tuple[OwnFunction, ...]]:
    """What a user's backend has of its own for a program, by name: ops, rules and `train`.

    Each is followed by the functions of the user's that it calls.
    """
    names = [*(call.op for call in program.calls), *(rule.op for rule in program.rules), "train"]
    found = {name: tuple(_with_called(getattr(module, name, None))) for name in dict.fromkeys(names)}
    return {name: functions for name, functions in found.items() if functions}


def _with_called(function: object) -> Iterator[OwnFunction]:
    seen, waiting = set[FunctionType](), [function]
    while waiting:
        each = waiting.pop(0)
        if not inspect.isfunction(each) or each in seen:
            continue
        seen.add(each)
        own = own_function(each)
        if own is not None:
            yield own
            waiting += [each.__globals__.get(name) for name in names_in_code(each.__code__)]


def own_function(function: object) -> OwnFunction | None:
    """The source of a user's function; None for one of the suite's own, or without a source."""
    if not inspect.isfunction(function) or not is_own(function):
        return None
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(dedent("".join(lines)))
    except (OSError, SyntaxError):  # no file, or a lambda within a longer statement
        return None
    texts = dedent("".join(lines)).rstrip().split("\n")
    (definition,) = tree.body[:1]
    left_out, passes = _docstring(definition), dict[int, Pass]()
    called = set(_called_in(definition))
    for inner in _inner_functions(definition):
        numbers = range(inner.lineno, (inner.end_lineno or inner.lineno) + 1)
        is_backward = isinstance(inner, ast.FunctionDef) and inner.name not in called
        passes.update(dict.fromkeys(numbers, "backward" if is_backward else "both"))
    shown = [(number, text) for number, text in enumerate(texts, 1) if number not in left_out and text.strip()]
    return OwnFunction(
        Path(function.__code__.co_filename).name,
        tuple(OwnLine(first + n - 1, text, passes.get(n, "forward")) for n, text in shown),
    )


def names_in_code(code: CodeType) -> list[str]:
    """The global names that a function's code mentions, those of functions inside it included."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [*code.co_names, *(name for part in inner for name in names_in_code(part))]


def _called_in(definition: ast.stmt) -> Iterator[str]:
    """The names that a function itself calls, those in functions inside it left out."""
    waiting = list(ast.iter_child_nodes(definition))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        waiting += ast.iter_child_nodes(node)


def _inner_functions(definition: ast.stmt) -> Iterator[ast.FunctionDef | ast.Lambda]:
    for node in ast.walk(definition):
        if node is not definition and isinstance(node, ast.FunctionDef | ast.Lambda):
            yield node


def _docstring(definition: ast.stmt) -> range:
    """The lines of a function's docstring."""
    if not isinstance(definition, ast.FunctionDef) or ast.get_docstring(definition) is None:
        return range(0)
    node = definition.body[0]
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
