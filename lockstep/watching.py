"""`lockstep run --watch`: the same command again, each time that a file is saved or a setting is typed.

Every run is a process that is forked from one in which the frameworks are imported already. So it starts at once, a
user's file is loaded anew with all that it imports, and nothing that it does reaches the next run.
"""

import os
import select
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path

import click

from harness.errors import InputError
from harness.sweeping import fork_server
from lockstep.command_line import WRONG_INPUT, main
from lockstep.streams import give_stdout_back

OFTEN = 0.1
"""The seconds between two looks at the files."""
OPTIONS = {"epochs": "--epochs", "seed": "--seed", "batch_size": "--batch-size", "dtype": "--dtype"}
"""What is typed as NAME=VALUE and is an option of its own; everything else is a setting."""
END = ("q", "quit", "exit")
HINT = "type NAME=VALUE, as lr=0.01 or epochs=50, Enter to run again, q to end"


def watch(words: Sequence[str], files: Iterable[Path]) -> None:
    """Run a command, and again after each change of the files or line from stdin, until that ends or says so.

    `words` are those of the command line without --watch. Where stdin has ended, only the files are watched. Raises
    InputError where processes can't be forked.
    """
    if not fork_server.IS_AVAILABLE:
        raise InputError("--watch needs processes that are forked, which only Linux has")
    give_stdout_back()  # each run takes it over by itself
    fork_server.start()
    watched = Watched(files)
    typed: dict[str, str] = {}
    new: dict[str, str] | None = {}
    while new is not None:
        code = _run([*words, *_as_options({**typed, **new})])
        if code != WRONG_INPUT:  # what can't be run is not kept
            typed |= new
        what = f"save {' or '.join(watched.names)}, or {HINT}" if watched.names else HINT
        click.echo(f"lockstep: {what}", err=True)
        new = next_settings(watched)


def _run(words: Sequence[str]) -> int | None:
    """Run the command in a process of its own, say how long it took, and return its exit code."""
    started = time.monotonic()
    process = get_context("forkserver").Process(target=_command, args=(list(words),))
    process.start()
    try:
        process.join()
    except BaseException:
        process.kill()  # it was told to let Ctrl-C pass
        raise
    click.echo(f"\nlockstep: {time.monotonic() - started:.2f} s, exit code {process.exitcode}", err=True)
    return process.exitcode


def _command(words: Sequence[str]) -> None:
    """The command line, as it is called in a process of its own."""
    sys.argv = ["lockstep", *words]
    main()


def _as_options(typed: Mapping[str, str]) -> list[str]:
    """What was typed, as options; they stand behind those of the command line, which they replace."""
    words: list[str] = []
    for name, value in typed.items():
        words += [OPTIONS[name], value] if name in OPTIONS else ["--set", f"{name}={value}"]
    return words


def next_settings(watched: "Watched") -> dict[str, str] | None:
    """Wait until a file changes or a line is typed; return the settings that it has, or None for the end."""
    is_open = _has_stdin()
    while is_open or watched.names:
        if watched.have_changed():
            return {}
        if not is_open:
            time.sleep(OFTEN)
        elif _can_be_read(OFTEN):
            line = sys.stdin.readline()
            is_open = bool(line)
            if line.strip() in END:
                return None
            typed = _typed(line.split()) if is_open else None
            if typed is not None:
                return typed
    return None


def _has_stdin() -> bool:
    """Whether there is a stdin that can be waited for; a program without a terminal may have none."""
    try:
        return sys.stdin.fileno() >= 0
    except (AttributeError, OSError, ValueError):
        return False


def _typed(words: Sequence[str]) -> dict[str, str] | None:
    """What was typed, if all of it is NAME=VALUE; else None, after saying what it should be."""
    typed = {}
    for word in words:
        name, _, value = word.partition("=")
        if not name.replace(".", "_").isidentifier() or not value:
            click.echo(f"lockstep: {word!r} is no NAME=VALUE; {HINT}", err=True)
            return None
        typed[name] = value
    return typed


def _can_be_read(seconds: float) -> bool:
    """Whether stdin has a line, or has ended, within so many seconds."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready)


class Watched:
    """Files, and what stands beside them that they may import."""

    def __init__(self, files: Iterable[Path]) -> None:
        files = list(files)
        self.names = [str(file) for file in files]
        self._folders = list(dict.fromkeys(file.resolve().parent for file in files))
        self._before = self._now()

    def have_changed(self) -> bool:
        """Whether any file was saved, added or removed since it was last asked."""
        before, self._before = self._before, self._now()
        return self._before != before

    def _now(self) -> dict[Path, tuple[int, int]]:
        found = (path for folder in self._folders for pattern in ("*.py", "*/*.py") for path in folder.glob(pattern))
        return {path: (status.st_mtime_ns, status.st_size) for path in found if (status := _status(path)) is not None}


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:  # it was removed in the meantime
        return None
