"""What a backend's files define, as it can stand in a file of its own: without annotations, derivations and package."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from symtable import symtable

from backends.documentation import without_derivation
from reports.source.functions import without_annotations
from reports.source.source import module_text
from reports.source.spans import ParsedText, read_names

PACKAGE = "backends"


@dataclass(frozen=True)
class Definition:
    """A function, a class or a constant, or the import that a name stands for."""

    text: str
    needs: frozenset[str]
    """The names that it reads."""
    is_import: bool = False


@cache
def definitions(module: str) -> Mapping[str, Definition]:
    """Everything that a module and the files of its package that it imports define, by name.

    The files of a backend use a name for one thing only. Raises ValueError where that does not hold.
    """
    by_name: dict[str, Definition] = {}
    for name, definition in _definitions_of_files(module, set()):
        if by_name.setdefault(name, definition) != definition:
            raise ValueError(f"{module}: {name} is defined twice, and differently")
    return by_name


def needed_by(names: Iterable[str], module: str, defined: Iterable[str] = ()) -> dict[str, Definition]:
    """The definitions that these names stand for and those that they need, in an order in which they can be run.

    Names that are defined already are left out.
    """
    available = {name: definition for name, definition in definitions(module).items() if name not in set(defined)}
    ordered: dict[str, Definition] = {}

    def add(name: str, above: frozenset[str]) -> None:
        if name in available and name not in ordered and name not in above:
            for need in sorted(available[name].needs):
                add(need, above | {name})
            ordered[name] = available[name]

    for name in names:
        add(name, frozenset())
    return ordered


def mapping(module: str, name: str) -> dict[str, str]:
    """The dictionary that a function of a module returns, whose keys are texts: the source of each value by its key."""
    source = ParsedText(definitions(module)[name].text)
    (function,) = source.tree.body
    assert isinstance(function, ast.FunctionDef)
    line = function.body[-1]
    assert isinstance(line, ast.Return)
    assert isinstance(line.value, ast.Dict)
    entries = zip(line.value.keys, line.value.values, strict=True)
    return {ast.literal_eval(key): source.expression(value) for key, value in entries if key is not None}


def free_names_of(text: str) -> frozenset[str]:
    """The names that lines of source read at their outermost level or from inside their functions."""
    tables = [symtable(text, "lines", "exec")]
    names: set[str] = set()
    for table in tables:
        tables += table.get_children()
        outermost = table.get_type() == "module"
        names |= {
            name.get_name() for name in table.get_symbols() if name.is_referenced() and (outermost or name.is_global())
        }
    return frozenset(names)


def without_module_names(text: str, module: str) -> str:
    """Lines of a backend that say `special.erf` for what stands in the same file as they do now."""
    return _plain(text, _imported_files(module))


def _definitions_of_files(module: str, seen: set[str]) -> Iterator[tuple[str, Definition]]:
    if module in seen:
        return
    seen.add(module)
    text = without_derivation(re.sub(r"  # type: ignore\[[\w, -]+\]", "", module_text(module)))
    files = _imported_files(module)
    body = ast.parse(text).body
    for node, below in zip(body, [*body[1:], None], strict=True):
        match node:
            case ast.ImportFrom(module=str(imported), names=names) if imported.partition(".")[0] == PACKAGE:
                inside = [f"{imported}.{alias.name}" for alias in names if alias.name in files]
                for file in inside or [imported]:
                    yield from _definitions_of_files(file, seen)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                for alias in names:
                    line = ast.unparse(_import_of(node, alias))
                    yield alias.asname or alias.name, Definition(line, frozenset(), is_import=True)
            case ast.FunctionDef() | ast.ClassDef() | ast.Assign() | ast.AnnAssign():
                lines = text.split("\n")[node.lineno - 1 - _decorators(node) : node.end_lineno]
                plain = _plain("\n".join(lines), files)
                match below:
                    case ast.Expr(value=ast.Constant(value=str(said))) if not isinstance(node, ast.FunctionDef):
                        plain = "\n".join([*(f"# {line}".rstrip() for line in said.split("\n")), plain])
                for name in _defined(node):
                    yield name, Definition(plain, free_names_of(plain) - {name})


@cache
def _imported_files(module: str) -> frozenset[str]:
    """The names under which a module, or a file that it imports with a star, imports a whole file of the package."""
    files: set[str] = set()
    for node in ast.parse(module_text(module)).body:
        match node:
            case ast.ImportFrom(module=str(imported), names=[ast.alias(name="*")]):
                files |= _imported_files(imported)
            case ast.ImportFrom(module=str(imported), names=names) if imported == PACKAGE:
                files |= {alias.name for alias in names}
    return frozenset(files)


def _import_of(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    return ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [alias], 0)


def _decorators(node: ast.stmt) -> int:
    """How many lines of decorators stand above a definition."""
    above = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    return node.lineno - min(decorator.lineno for decorator in above) if above else 0


def _defined(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign(targets=targets):
            return sorted(read_names(targets))
    return []


def _plain(text: str, files: Iterable[str]) -> str:
    """The text without annotations and without the names of files."""
    source = ParsedText(text)
    owners = [
        node.value
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in files
    ]
    spans = [source.span(owner) for owner in owners]
    return without_annotations(text, {(start, end + len(".")): "" for start, end in spans})
