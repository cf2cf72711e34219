"""The catalogue is found wherever its files stand; a user's file runs as a program of its own would."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import scenarios
from harness.errors import InputError
from harness.recording.catalogue import built_in_scenarios, find_scenario, modules_of, probes, scenarios_of
from scenarios import Scenario


def test_modules_are_found_in_folders_and_not_imported(tmp_path: Path) -> None:
    for name in (
        "top.py",
        "family/__init__.py",
        "family/inner.py",
        "family/deeper/__init__.py",
        "family/deeper/last.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("raise AssertionError('imported')\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "make.py").write_text("")  # a folder without __init__.py holds no modules
    package, deeper = ModuleType("many"), ModuleType("many.family.deeper")
    package.__path__ = [str(tmp_path)]
    found = sorted(modules_of(package, without=[deeper]))
    assert found == ["many.family", "many.family.inner", "many.top"]
    assert {*modules_of(package)} - {*found} == {"many.family.deeper", "many.family.deeper.last"}


def test_two_files_may_not_define_scenarios_of_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    defined = (
        "from scenarios import param, scenario, sgd\n\n\n"
        "@scenario(seed=0, epochs=1, optimizer=sgd(lr=0.1), w=param(1))\n"
        "def twice_defined(op, w):\n    return op.reduce_sum(w)\n"
    )
    (tmp_path / "defines_first.py").write_text(defined)
    (tmp_path / "defines_too.py").write_text(defined)
    (tmp_path / "imports_first.py").write_text("from defines_first import twice_defined\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert scenarios_of(["defines_first", "imports_first"]).keys() == {"twice_defined"}
    with pytest.raises(InputError, match="defines_first and defines_too each define a scenario twice_defined; give"):
        scenarios_of(["imports_first", "defines_too"])


def test_every_file_is_in_the_catalogue_or_a_probe() -> None:
    folder = Path(scenarios.__file__).parent
    files = {path for path in folder.rglob("*.py") if path.name != "__init__.py"}
    defining = {path for path in files if path.relative_to(folder).parts[0] not in ("language", "data")}
    catalogue, in_probes = files_of(built_in_scenarios()), files_of(probes())
    assert catalogue | in_probes == defining
    assert catalogue.isdisjoint(in_probes)


def files_of(by_name: dict[str, Scenario]) -> set[Path]:
    return {Path(scenario.function.__code__.co_filename) for scenario in by_name.values()}


def test_a_scenario_in_the_file_of_its_name_needs_no_other_file() -> None:
    """In a process of its own, where nothing has imported the catalogue."""
    code = (
        "import sys\nfrom harness.recording.catalogue import find_scenario\nprint(find_scenario('digits').name)\n"
        "print(*sorted(name for name in sys.modules if name.split('.')[-1] in ('digits', 'two_layer', 'recurrent')))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == ["digits", find_scenario("digits").function.__module__]


def test_a_file_may_import_chainer_without_more(tmp_path: Path) -> None:
    """In a process of its own, where nothing has imported it."""
    (tmp_path / "mine.py").write_text(
        "import chainer.links\nimport chainer.testing\nLINK = chainer.links.Linear(2, 3)\n"
    )
    code = (
        "from pathlib import Path\n"
        "from harness.guarding.guest import Guest\n"
        "from harness.recording.users_files import load_file\n"
        "print(load_file(Path('mine.py'), 'file', Guest()).LINK.W.shape)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (answer.stdout, answer.returncode) == ("(3, 2)\n", 0), answer.stderr
