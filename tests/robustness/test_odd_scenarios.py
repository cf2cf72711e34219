"""Scenarios that Python takes and nobody means, and a folder that is gone: one message each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep

NET = '''
from scenarios import param, randn, scenario, sgd

@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.01), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))
def net(op, x, y, w):
    """A network."""
    return op.mean_squared_error(op.matmul(x, w), y)
'''


@pytest.mark.parametrize("command", ["run", "report"])
def test_a_second_scenario_of_the_name_is_refused_with_both_lines(
    command: str, lockstep: Lockstep, tmp_path: Path
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(NET + NET.replace("seed=1", "seed=2"))
    answer = lockstep(command, path, *(["-o", tmp_path / "pages"] if command == "report" else []))
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == (f"lockstep: {path} defines scenario net in lines 5 and 12; give each a name of its own\n")


def test_another_function_of_the_name_is_none_of_ours(lockstep: Lockstep, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("def net():\n    pass\n" + NET)
    assert lockstep("map", path).exit_code == 0


def test_parameters_without_names_are_refused(lockstep: Lockstep, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(NET.replace("w):", "w, /):"))
    answer = lockstep("run", path)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == "lockstep: scenario net's function is given what it draws by name: leave out the /\n"


def test_a_folder_that_is_gone_is_said_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    program = (
        f"import os; os.chdir({str(folder)!r}); os.rmdir({str(folder)!r})\n"
        "from lockstep.command_line import main; main()"
    )
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "lockstep: the current folder is gone (No such file or directory); change to one that is there\n"
    )
