"""Arrows point one way: scenarios and backends know nobody, the harness knows them, reports know the harness."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("scenarios", "backends", "lockstep", "reports")
FRAMEWORKS = {"chainer", "torch"}
TOP = {
    "__init__",
    "__main__",
    "article_command",
    "assertion",
    "command_line",
    "delivery",
    "differences_command",
    "export_command",
    "ladder_command",
    "list_command",
    "options",
    "report_command",
    "run_command",
    "trace_command",
}
"""The modules of lockstep that stand above the reports: the command line and the one-call API."""

MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "data" not in path.parts]


def imported_by(path: Path) -> set[str]:
    """Every module that a file names in an import, wherever it stands in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def layer(module: str) -> str | None:
    package, _, rest = module.partition(".")
    if package not in PACKAGES:
        return None
    return "top" if package == "lockstep" and rest.partition(".")[0] in TOP else package


ALLOWED = {
    "scenarios": {"scenarios"},
    "backends": {"backends"},
    "lockstep": {"scenarios", "backends", "lockstep"},
    "reports": {"scenarios", "backends", "lockstep", "reports"},
    "top": {"scenarios", "backends", "lockstep", "reports", "top"},
}


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOT)) for path in MODULES])
def test_imports_point_one_way(path: Path) -> None:
    own = layer(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert own is not None
    for module in imported_by(path):
        target = layer(module) if module != "lockstep" else "top"
        assert target is None or target in ALLOWED[own], f"{path.name} ({own}) imports {module} ({target})"


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOT)) for path in MODULES])
def test_only_backends_know_a_framework(path: Path) -> None:
    known = {module.partition(".")[0] for module in imported_by(path)} & FRAMEWORKS
    assert not known or path.relative_to(ROOT).parts[0] == "backends", f"{path} imports {known}"


def test_the_check_sees_a_wrong_import(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from reports.tables import draw_table\n    import torch.nn\n")
    assert "reports.tables" in imported_by(wrong)
    assert layer("reports.tables") not in ALLOWED["lockstep"]
    assert {module.partition(".")[0] for module in imported_by(wrong)} & FRAMEWORKS
