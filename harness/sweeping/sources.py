"""The source of a user's module, with that of the modules beside it that it imports."""

from collections.abc import Mapping
from modulefinder import ModuleFinder
from pathlib import Path
from types import ModuleType

PACKAGES = frozenset(("backends", "harness", "lockstep", "reports", "scenarios"))
"""What is installed wherever the suite is."""


def sources_of(module: ModuleType) -> Mapping[str, str]:
    """The text of every file that a module is made of, by the names of their modules; its own is `__main__`.

    Empty for a module without a file. Of an installed module it is its own file alone. What a function imports when it
    is called counts as well; what is imported by a name that is computed does not.
    """
    file = getattr(module, "__file__", None)
    if file is None:
        return {}
    path = Path(file).resolve()
    found: Mapping[str, Path] = {"__main__": path}
    if "site-packages" not in path.parts:
        found = {**found, **_imported(module, path)}
    return {name: each.read_text(encoding="utf-8") for name, each in found.items()}


def _imported(module: ModuleType, path: Path) -> Mapping[str, Path]:
    """The files of the modules that a file imports from its own folder; of a package, from the package's folder."""
    package = module.__package__ or ""
    root = path.parents[len(package.split(".")) if package else 0]
    finder = ModuleFinder(path=[str(root)], excludes=[*PACKAGES])
    if package:
        finder.import_hook(module.__name__)
    else:
        finder.run_script(str(path))
    files = {name: getattr(each, "__file__", None) for name, each in sorted(finder.modules.items())}
    return {name: Path(file) for name, file in files.items() if file is not None and Path(file).suffix == ".py"}
