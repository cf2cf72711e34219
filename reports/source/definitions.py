"""What a backend's files define, as it can stand in a file of its own: without annotations and without the package."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from symtable import symtable

from reports.source.inlining import read_names
from reports.source.source import module_text

PACKAGE = "backends"
Span = tuple[int, int]


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
    found: dict[str, Definition] = {}
    for name, definition in _definitions_of_files(module, set()):
        if found.setdefault(name, definition) != definition:
            raise ValueError(f"{module}: {name} is defined twice, and differently")
    return found


def needed_by(names: Iterable[str], module: str, given: Iterable[str] = ()) -> dict[str, Definition]:
    """The definitions that these names stand for and those that they need, in an order in which they can be run.

    Names that are given already need no definition.
    """
    known = {name: definition for name, definition in definitions(module).items() if name not in set(given)}
    ordered: dict[str, Definition] = {}

    def add(name: str, above: frozenset[str]) -> None:
        if name in known and name not in ordered and name not in above:
            for need in sorted(known[name].needs):
                add(need, above | {name})
            ordered[name] = known[name]

    for name in names:
        add(name, frozenset())
    return ordered


def constant(module: str, name: str) -> ast.expr:
    """The value that a module gives a name."""
    (line,) = ast.parse(definitions(module)[name].text).body
    assert isinstance(line, ast.Assign)
    return line.value


def free_names_of(text: str) -> frozenset[str]:
    """The names that lines of source read at their outermost level or from inside their functions."""
    tables = [symtable(text, "lines", "exec")]
    found: set[str] = set()
    for table in tables:
        tables += table.get_children()
        outermost = table.get_type() == "module"
        found |= {
            name.get_name() for name in table.get_symbols() if name.is_referenced() and (outermost or name.is_global())
        }
    return frozenset(found)


def without_module_names(text: str, module: str) -> str:
    """Lines of a backend that say `special.erf` for what stands in the same file as they do now."""
    return _edited(text, ast.parse(text), _imported_files(module))


def _definitions_of_files(module: str, seen: set[str]) -> Iterator[tuple[str, Definition]]:
    if module in seen:
        return
    seen.add(module)
    text = re.sub(r"  # type: ignore\[[\w, -]+\]", "", module_text(module))
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
                source = "\n".join(text.split("\n")[node.lineno - 1 - _decorators(node) : node.end_lineno])
                edited = _edited(source, ast.parse(source), files)
                match below:
                    case ast.Expr(value=ast.Constant(value=str(said))) if not isinstance(node, ast.FunctionDef):
                        edited = "\n".join([*(f"# {line}".rstrip() for line in said.split("\n")), edited])
                for name in _defined(node):
                    yield name, Definition(edited, free_names_of(edited) - {name})


@cache
def _imported_files(module: str) -> frozenset[str]:
    """The names under which a module, or a file that it imports with a star, imports a whole file of the package."""
    found: set[str] = set()
    for node in ast.parse(module_text(module)).body:
        match node:
            case ast.ImportFrom(module=str(imported), names=[ast.alias(name="*")]):
                found |= _imported_files(imported)
            case ast.ImportFrom(module=str(imported), names=names) if imported == PACKAGE:
                found |= {alias.name for alias in names}
    return frozenset(found)


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


def _edited(text: str, tree: ast.Module, files: Iterable[str]) -> str:
    """The text without annotations and names of files; the heads of functions on one line."""
    lines = text.encode().split(b"\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    encoded = text.encode()

    def place(line: int, column: int) -> int:
        return starts[line - 1] + column

    def start(node: ast.expr | ast.stmt | ast.arg) -> int:
        return place(node.lineno, node.col_offset)

    def end(node: ast.expr | ast.stmt | ast.arg) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return place(node.end_lineno, node.end_col_offset)

    replaced: dict[Span, bytes] = {}
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(args=arguments, name=name, returns=returns):
                parts = [part for part in ast.walk(arguments) if isinstance(part, ast.expr | ast.arg)]
                colon = encoded.index(b":", max(map(end, [returns] if returns else parts), default=start(node)))
                head = f"def {name}({ast.unparse(_plain(arguments))})"
                replaced[start(node), colon] = head.encode()
            case ast.AnnAssign(target=target, annotation=annotation):
                replaced[end(target), end(annotation)] = b""
            case ast.Attribute(value=ast.Name(id=name) as owner) if name in files:
                replaced[start(owner), end(owner) + 1] = b""
    for (first_byte, last), new in sorted(replaced.items(), reverse=True):
        encoded = encoded[:first_byte] + new + encoded[last:]
    return encoded.decode()


def _plain(arguments: ast.arguments) -> ast.arguments:
    """The same parameters without annotations."""

    def bare(parameter: ast.arg | None) -> ast.arg | None:
        return None if parameter is None else ast.arg(parameter.arg)

    return ast.arguments(
        posonlyargs=[ast.arg(parameter.arg) for parameter in arguments.posonlyargs],
        args=[ast.arg(parameter.arg) for parameter in arguments.args],
        vararg=bare(arguments.vararg),
        kwonlyargs=[ast.arg(parameter.arg) for parameter in arguments.kwonlyargs],
        kw_defaults=arguments.kw_defaults,
        kwarg=bare(arguments.kwarg),
        defaults=arguments.defaults,
    )
