"""The house: floors and rooms, every arrow between them points down."""

import ast
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = {
    "scenarios": {"scenarios"},
    "backends": {"backends"},
    "harness": {"scenarios", "backends", "harness"},
    "reports": {"scenarios", "backends", "harness", "reports"},
    "lockstep": {"scenarios", "backends", "harness", "reports", "lockstep"},
}
"""What each floor may import."""
ROOMS = {
    "harness": (
        "errors",
        "files",
        "documents",
        "results",
        "reading",
        "sentences",
        "guarding",
        "recording",
        "numerics",
        "running",
        "certifying",
        "explaining",
        "judging",
        "capturing",
        "comparing",
        "converting",
        "run",
        "sweeping",
        "fuzzing",
        "studies",
    ),
    "reports": ("languages", "source", "text", "export", "figures", "notebook", "page"),
}
"""The rooms of a floor and the modules beside them, from the bottom up."""
FRAMEWORKS = {"autograd", "chainer", "torch"}


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for floor in FLOORS
        for path in sorted((root / floor).rglob("*.py"))
    }


def imports_of(path: Path, *, when_imported: bool = False) -> set[str]:
    """Every module that a file names in an import; only in those that run when it is imported itself, if so asked.

    An import that is relative is named with its dots.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules_named: set[str] = set()
    for node in tree.body if when_imported else ast.walk(tree):
        if isinstance(node, ast.Import):
            modules_named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            modules_named |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return modules_named


def strings_of(path: Path) -> set[str]:
    """Every string in a file: modules are loaded, and files are read, by such names."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def violations(root: Path) -> Iterator[str]:
    """Every import that points up or sideways past its floor or its room, and every mention of the tests."""
    for name, path in modules(root).items():
        floor, *rooms = name.split(".")
        for text in strings_of(path):
            if text == "tests" or text.startswith(("tests.", "tests/")):
                yield f"{name} names {text!r}: tests are no part of the product"
        for imported in imports_of(path):
            other, *other_rooms = imported.split(".")
            if imported.startswith("."):
                yield f"{name} imports {imported}: name the floor and the room"
            if other == "tests":
                yield f"{name} imports {imported}: tests are no part of the product"
            if other in FLOORS and other not in FLOORS[floor]:
                yield f"{name} imports {imported}, which is above it or none of its business"
            if other in FRAMEWORKS and floor != "backends":
                yield f"{name} imports {imported}: only backends know a framework"
            order = ROOMS.get(floor, ())
            both = [where[0] for where in (rooms, other_rooms) if where and where[0] in order]
            if other == floor and len(both) == 2 and order.index(both[1]) > order.index(both[0]):
                yield f"{name} imports {imported}, from a room above its own"


def test_every_import_points_down() -> None:
    assert list(violations(ROOT)) == []


@pytest.mark.parametrize("floor", ROOMS)
def test_every_room_has_its_place(floor: str) -> None:
    folders = {path.parent.name for path in (ROOT / floor).glob("*/__init__.py")}
    modules_beside = {path.stem for path in (ROOT / floor).glob("*.py")} - {"__init__"}
    assert folders | modules_beside == set(ROOMS[floor])


def test_every_floor_is_typed_and_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == FLOORS.keys()
    for floor in FLOORS:
        assert (ROOT / floor / "py.typed").is_file()


def test_nothing_imports_in_a_circle() -> None:
    product = modules()
    # `from package import module` depends on the module and the package's __init__, not on the package's other files.
    graph = {name: (imports_of(path, when_imported=True) & product.keys()) - {name} for name, path in product.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' ← '.join(error.args[1])}")


@pytest.mark.parametrize(
    ("module", "source", "said"),
    [
        ("scenarios/mine.py", "from backends.contract import Step\n", "above it or none of its business"),
        ("harness/running/mine.py", "def f():\n    from reports.text.runs.tables import text_table\n", "above it"),
        ("harness/running/mine.py", "from .lockstep import Trajectories\n", "name the floor and the room"),
        ("harness/recording/mine.py", "from harness.run import run_scenario\n", "a room above its own"),
        ("harness/running/mine.py", "import torch.nn\n", "only backends know a framework"),
        ("harness/running/mine.py", "from harness.judging.judgement import judge\n", "a room above its own"),
        ("reports/text/mine.py", "from tests.tiny import anything\n", "no part of the product"),
        ("harness/studies/mine.py", "import_module('tests.mutants')\n", "names 'tests.mutants': tests are no part"),
        ("harness/studies/mine.py", "FOLDER = ROOT / 'tests'\n", "names 'tests': tests are no part"),
        (
            "harness/studies/mine.py",
            "def f(name):\n    return f'tests/{name}.py'\n",
            "names 'tests/': tests are no part",
        ),
    ],
)
def test_a_wrong_import_is_seen(module: str, source: str, said: str, tmp_path: Path) -> None:
    (tmp_path / module).parent.mkdir(parents=True)
    (tmp_path / module).write_text(source)
    assert any(said in violation for violation in violations(tmp_path))
