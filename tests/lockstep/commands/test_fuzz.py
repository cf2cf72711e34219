"""`lockstep fuzz`: what it writes, its options and its exit codes."""

import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.fuzzing.finding import Finding, Signature
from harness.fuzzing.program import Source
from harness.fuzzing.search import Found
from lockstep.commands.fuzz import _Files, command
from lockstep.commands.run import command as run_command
from lockstep.commands.table import command as table_command

BROKEN = f"broken={Path(__file__).parents[2] / 'harness' / 'fuzzing' / 'broken_relu.py'}"


@pytest.mark.parametrize("text", ["10", "m", "0s", "ten minutes", "-5s"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    result = CliRunner().invoke(command, ["--for", text])
    assert result.exit_code == 2
    assert "write 90s, 10m or 2h" in result.output


def test_correct_backends_give_counts_and_exit_0(tmp_path: Path) -> None:
    store = tmp_path / "f.db"
    options = ["--programs", "8", "--seed", "3", "--workers", "1", "--output", str(tmp_path), "--store", str(store)]
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 0, result.output
    assert re.match(r"8 programs of seed 3, 8 different, in ", result.output)
    assert (
        "found: 0 wrong backends, 0 false accusations, 0 undecided accusations, 0 unexplained partings" in result.output
    )
    assert not list(tmp_path.glob("*.py"))
    table = CliRunner().invoke(table_command, [str(store), "--by", "command", "--format", "csv"])
    assert "fuzz,8," in table.output.replace('"', "")


@pytest.mark.slow
def test_a_finding_is_a_file_and_the_command_that_shows_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command, ["--programs", "40", "--seed", "4", "--workers", "1", "--backend", BROKEN])
    assert result.exit_code == 1
    assert re.search(r"found: [12] wrong backends?, 0 false accusations", result.output)
    files = {f"./{file.name}" for file in tmp_path.glob("fuzz_*.py")}
    shown = next(line.strip() for line in result.output.splitlines() if line.strip().startswith("lockstep run"))
    assert shlex.split(shown)[2] in files
    assert shlex.split(shown) == ["lockstep", "run", shlex.split(shown)[2], "--backend", BROKEN]
    again = CliRunner().invoke(run_command, shlex.split(shown)[2:])
    assert again.exit_code == 1
    assert "broken: " in again.output


def test_a_folder_that_can_not_be_written_is_refused_before_anything_runs(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--output", str(tmp_path / "none"), "--seed", "1"])
    assert result.exception is not None
    assert "none" in str(result.exception)


class Ending:
    """Workers that every task ends."""

    def map(self, do: Any, tasks: Iterator[Any], lost: Callable[[Any, str], Any]) -> Iterator[Any]:
        return (lost(task, "it ended the process, on 2 workers in a row") for task in tasks)


def test_programs_that_end_every_process_are_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lockstep.commands.fuzz.workers_for", lambda *given: nullcontext(Ending()))
    result = CliRunner().invoke(command, ["--programs", "30", "--seed", "3", "--output", str(tmp_path)])
    assert result.exit_code == 5
    lost = re.findall(
        r"^lost: (\d+) programs from number \d+ on: it ended the process, on 2 workers", result.output, re.MULTILINE
    )
    assert lost == ["25", "5"]


def test_a_file_is_written_when_it_is_found_and_replaced_by_a_smaller_one(tmp_path: Path) -> None:
    def found(text: str, calls: int) -> Found:
        return Found(Finding(Signature("wrong backend", "mine", "relu backward"), "it is wrong"), Source(text, calls))

    files = _Files(tmp_path)
    large, small = found("def {name}(op, w1, w2):\n", 2), found("def {name}(op, w1):\n", 1)
    files.write([large])
    assert [path.name for path in tmp_path.iterdir()] == [f"{large.source.name}.py"]
    files.write([small])
    (path,) = tmp_path.iterdir()
    assert path.name == f"{small.source.name}.py"
    assert path.read_text(encoding="utf-8").startswith("# Found by lockstep fuzz: it is wrong\n")
