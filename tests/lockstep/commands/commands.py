"""Runs the command line inside the test's process: importing the frameworks anew would take seconds each time."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from lockstep.command_line import main

TINY = ("run", "two_layer_tiny", "--epochs", 5)


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str


def in_own_process(*arguments: str) -> Answer:
    """Run a command in a process of its own, as one that puts a program in its place has to be."""
    command = [sys.executable, "-m", "lockstep", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return Answer(ended.returncode, ended.stdout, ended.stderr)


class Lockstep:
    """`lockstep ARGUMENTS...`, as a function."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.delenv("COLUMNS", raising=False)  # which pytest-xdist sets

    def __call__(self, *arguments: object) -> Answer:
        self._monkeypatch.setattr(sys, "argv", ["lockstep", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = self._capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Answer(ended.value.code, captured.out, captured.err)
