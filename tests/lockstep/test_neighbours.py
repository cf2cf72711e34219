"""A package in the user's folder that hides one of Lockstep's is named in one sentence with both paths."""

import subprocess
import sys
from pathlib import Path

import pytest

from lockstep.neighbours import PACKAGES

ROOT = Path(__file__).parents[2]


def run_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", PACKAGES)
def test_the_command_says_which_package_hides_which(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    answer = run_in(tmp_path, "-m", "lockstep", "list")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == (
        f"lockstep: {tmp_path / name} hides Lockstep's own package {name}, {ROOT / name}: "
        "rename it, or keep what you run in a folder that does not hold it\n"
    )


def test_a_module_hides_a_package_too(tmp_path: Path) -> None:
    (tmp_path / "reports.py").touch()
    answer = run_in(tmp_path, "-m", "lockstep", "list")
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"lockstep: {tmp_path / 'reports.py'} hides Lockstep's own package reports, ")


def test_assert_agree_says_it_too(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "__init__.py").touch()
    answer = run_in(tmp_path, "-c", "import lockstep; lockstep.assert_agree")
    said = f"ImportError: {tmp_path / 'scenarios'} hides Lockstep's own package scenarios, {ROOT / 'scenarios'}: "
    assert answer.stderr.splitlines()[-1].startswith(said)


def test_a_folder_without_code_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    assert run_in(tmp_path, "-m", "lockstep", "--version").returncode == 0
