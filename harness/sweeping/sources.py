"""The files of a backend: its module's own, those of its user's that it imports, and those that they import in turn.

Imports are read from the source, so that one inside a function counts before it has run. Of a name that is computed,
as in `import_module(f"layers_{kind}")`, every file counts that it might mean. What is installed, or belongs to the
suite, counts only where it is the backend's own package.
"""

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType

from harness.recording.catalogue import modules_under

PACKAGES = frozenset(("backends", "harness", "lockstep", "reports", "scenarios"))
"""What is installed wherever the suite is."""
SUITE = Path(__file__).resolve().parents[2]
"""The folder of these packages."""
IMPORTING = ("import_module", "__import__")
"""The functions that import a module by its name."""


def sources_of(module: ModuleType) -> dict[str, bytes]:
    """The content of every file of a module by its path in the folder that imports start from; its own is first.

    A module without a file has none. Raises OSError for a file that can't be read any more.
    """
    if getattr(module, "__file__", None) is None:
        return {}
    own = Path(str(module.__file__)).resolve()
    root = own.parents[module.__name__.count(".") + (own.name == "__init__.py")]
    sources = {own: own.read_bytes()}
    left = [own]
    while left:
        file = left.pop()
        for imported in _imported_by(file, sources[file], {root, own.parent}):
            if imported not in sources and _belongs_to(imported, own, root):
                sources[imported] = imported.read_bytes()
                left.append(imported)
    return {file.relative_to(root).as_posix(): source for file, source in sources.items()}


def _imported_by(file: Path, source: bytes, folders: set[Path]) -> Iterator[Path]:
    """The files that a file may import: from its own folder if its import is relative, else from these folders."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):  # a compiled module, or a file that can't be imported
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                for folder in folders:
                    yield from _files_of(alias.name.split("."), folder)
        elif isinstance(node, ast.ImportFrom):
            names = node.module.split(".") if node.module else []
            for folder in file.parents[node.level - 1 : node.level] if node.level else folders:
                for alias in node.names:
                    yield from _files_of([*names, alias.name], folder)
        elif isinstance(node, ast.Call) and _name_of(node.func) in IMPORTING:
            for given in [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "name")][:1]:
                pattern = _pattern(given)
                name = pattern.lstrip(".")
                for folder in {*folders, *file.parents[: max(1, len(pattern) - len(name))]}:
                    yield from _files_like(name, folder)


def _name_of(function: ast.expr) -> str:
    """What a function is called, without the module that it is taken from."""
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _pattern(name: ast.expr) -> str:
    """A name that is computed, with `*` for what is not written there."""
    match name:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(_pattern, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _pattern(left) + _pattern(right)
    return "*"


def _files_like(pattern: str, folder: Path) -> Iterator[Path]:
    """The files of every module below a folder whose dotted name fits a pattern."""
    if "*" not in pattern:
        yield from _files_of(pattern.split("."), folder)
        return
    for name in modules_under([str(folder)]):
        if fnmatchcase(name, pattern):
            yield from _files_of(name.split("."), folder)


def _files_of(names: list[str], folder: Path) -> Iterator[Path]:
    """The file of each of these modules, every one inside the one before it, as far as there are files."""
    for name in names:
        folder = folder / name
        for file in (folder / "__init__.py", folder.with_suffix(".py")):
            if file.is_file():
                yield file


def _belongs_to(file: Path, own: Path, root: Path) -> bool:
    """Whether a file is the user's, or stands in the same package as an installed backend or one of the suite."""
    if "site-packages" in file.parts:
        return file.is_relative_to(root / own.relative_to(root).parts[0])
    if _is_of_the_suite(file):
        return _is_of_the_suite(own) and file.is_relative_to(own.parent)
    return file.is_relative_to(root)


def _is_of_the_suite(file: Path) -> bool:
    return file.is_relative_to(SUITE) and file.relative_to(SUITE).parts[0] in PACKAGES
