"""A backend is known by all its files: a change in any of them makes its runs anew."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.recording.loading import LoadedBackend, load_backend
from harness.sweeping.identity import backend_hash
from harness.sweeping.sources import sources_of
from harness.sweeping.work import Work
from tests.harness.sweeping.stored import contents, swept, work

FILES = {
    "backend_of_many.py": "import many_files.layers\nimport many_beside\nfrom backends.numpy_manual import *\n",
    "many_beside.py": "SCALE = 1\ndef later():\n    import many_lazy\n",
    "many_lazy.py": "",
    "many_files/__init__.py": "from backends.numpy_manual import *\nfrom . import losses\n",
    "many_files/layers.py": "from .losses import LOSS\nfrom .deeper import *\n",
    "many_files/losses.py": "LOSS = 1\n",
    "many_files/deeper/__init__.py": "from ..above import ABOVE\n",
    "many_files/above.py": "ABOVE = 1\n",
    "many_files/unused.py": "",
    "scenario_beside.py": "",
}
UNUSED = ("many_files/unused.py", "scenario_beside.py")


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize("changed", FILES)
def test_a_change_in_a_file_that_it_imports_changes_the_hash(many: Path, changed: str) -> None:
    backend = load_backend(f"mine={many / 'backend_of_many.py'}")
    before = backend_hash(backend)
    assert backend_hash(backend) == before
    (many / changed).write_text(f"{FILES[changed]}CHANGED = 1\n")
    assert (backend_hash(backend) == before) is (changed in UNUSED)


@pytest.mark.parametrize("location", ["many_files", "{folder}/many_files/__init__.py"])
def test_a_package_is_all_files_that_it_imports(many: Path, location: str) -> None:
    backend = load_backend(f"mine={location.format(folder=many)}")
    assert sources_of(backend.module).keys() == {"many_files/__init__.py", "many_files/losses.py"}


def test_a_file_is_the_same_under_another_name(many: Path) -> None:
    (many / "renamed.py").write_text(FILES["backend_of_many.py"])
    first, renamed = (load_backend(f"mine={many / name}") for name in ("backend_of_many.py", "renamed.py"))
    assert backend_hash(first) == backend_hash(renamed)


def test_of_the_suite_and_of_what_is_installed_only_its_own_package_counts() -> None:
    of_the_suite = load_backend("mine=backends.correct.in_place").module
    assert all(name.startswith("backends/correct/") for name in sources_of(of_the_suite))
    installed = sources_of(pytest)
    assert "pytest/__init__.py" in installed
    assert all(name.startswith("pytest/") for name in installed)


def test_a_file_in_the_folder_of_the_suite_is_not_all_of_the_suite(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (many / "backends").mkdir()
    (many / "backends" / "numpy_manual.py").write_text("")
    monkeypatch.setattr("harness.sweeping.sources.SUITE", many)
    names = sources_of(load_backend(f"mine={many / 'backend_of_many.py'}").module)
    assert "many_beside.py" in names
    assert "backends/numpy_manual.py" not in names


MEANT = {"many_beside.py", "many_lazy.py", "many_files/layers.py", "many_files/unused.py", "scenario_beside.py"}


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        ("import_module('many_lazy')", {"many_lazy.py"}),
        ("importlib.import_module(f'many_{kind}')", MEANT - {"scenario_beside.py"}),
        ("__import__('many_' + kind)", MEANT - {"scenario_beside.py"}),
        ("import_module(f'{folder}.lay{kind}')", {"many_files/layers.py"}),
        ("import_module('many_files.' + kind)", {"many_files/layers.py", "many_files/unused.py"}),
        ("import_module(name)", MEANT),
        ("import_module(*names)", MEANT),
        ("import_module(name='many_lazy')", {"many_lazy.py"}),
        ("import_module('math')", set()),
    ],
)
def test_of_a_name_that_is_computed_every_file_counts_that_it_might_mean(
    many: Path, call: str, meant: set[str]
) -> None:
    text = f"from backends.numpy_manual import *\ndef late(kind, name, names, folder):\n    {call}\n"
    (many / "computing.py").write_text(text)
    names = sources_of(load_backend(f"mine={many / 'computing.py'}").module).keys()
    assert names & MEANT == meant


def test_a_computed_name_in_a_package_is_looked_for_from_its_folder(many: Path) -> None:
    (many / "many_files" / "choosing.py").write_text("import_module(f'.un{rest}', __package__)\n")
    (many / "many_files" / "__init__.py").write_text(
        "from backends.numpy_manual import *\ndef late():\n    from . import choosing\n"
    )
    names = sources_of(load_backend(f"mine={many / 'many_files' / '__init__.py'}").module).keys()
    assert names == {"many_files/__init__.py", "many_files/choosing.py", "many_files/unused.py"}


def test_an_import_beyond_all_folders_has_no_file(many: Path) -> None:
    beyond = "from " + "." * 99 + " import many_beside\n"
    (many / "lazy_backend.py").write_text(f"from backends.numpy_manual import *\ndef never():\n    {beyond}")
    assert sources_of(load_backend(f"mine={many / 'lazy_backend.py'}").module).keys() == {"lazy_backend.py"}


def test_modules_without_a_file_are_told_apart() -> None:
    made, other = (LoadedBackend("mine", SimpleNamespace(__name__=name, train=print)) for name in ("made", "other"))
    assert sources_of(made.module) == {}
    assert backend_hash(made) != backend_hash(other)


def test_a_sweep_runs_anew_what_another_file_of_the_backend_changed(many: Path) -> None:
    backends = [load_backend("numpy"), load_backend(f"mine={many / 'backend_of_many.py'}")]
    of = Work("sweep", work("xor").scenarios, backends)
    assert swept(many / "runs.db", of, seeds=1).finished.total() == 2
    assert swept(many / "runs.db", of, seeds=1).finished.total() == 0
    (many / "many_beside.py").write_text("SCALE = 2\n")
    assert swept(many / "runs.db", of, seeds=1).finished.total() == 2
    assert len(contents(many / "runs.db")) == 4
