"""`lockstep chainer`: runs an old Chainer program on today's Python and NumPy."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from harness.errors import BackendMissing, InputError, did_you_mean
from harness.files import file_exists, folder_exists
from lockstep.streams import give_stdout_back

STARTUP = Path(__file__).resolve().parents[1] / "startup"


@click.command(
    "chainer", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}, add_help_option=True
)
@click.argument("program", metavar="PROGRAM.py", type=click.Path(path_type=Path))
@click.argument("arguments", metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED)
def command(program: Path, arguments: tuple[str, ...]) -> None:
    """Run an old Chainer program as `python PROGRAM.py ARGS` would, on today's Python and NumPy.

    Chainer finds stand-ins for what it imports and no longer finds. The program finds the names that Python and NumPy
    have lost since, such as np.int and collections.Iterable. So do the processes that it starts. All else is Python's:
    the arguments, the output, the traceback and the exit code are the program's own.

    Exit code: the program's; 2 there is no such file, 3 Chainer is not installed.
    """
    _check(program)
    if find_spec("chainer") is None:
        raise BackendMissing("Chainer is not installed: python -m uv sync")
    folders = [str(STARTUP), *filter(None, [os.environ.get("PYTHONPATH")])]
    give_stdout_back()
    os.execve(
        sys.executable,
        [sys.executable, str(program), *arguments],
        {**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
    )


def _check(program: Path) -> None:
    """Raise InputError unless there is such a file."""
    if folder_exists(program):
        raise InputError(f"{program} is a folder: name the program in it that is to run")
    if not file_exists(program):
        folder = program.parent
        beside = [path.name for path in folder.glob("*.py")] if folder_exists(folder) else []
        raise InputError(f"there is no program {program}{did_you_mean(program.name, beside)}")
