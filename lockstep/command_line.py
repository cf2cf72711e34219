"""The `lockstep` command. Results go to stdout, progress and warnings to stderr.

Every command has a file of its name, which is imported when the command is called, so `lockstep --help` is instant.
"""

import io
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from harness.errors import BackendMissing, Crashed, InputError, deed, did_you_mean, escaped, is_shortage, line_in
from harness.guarding.stopping import stopped_by, stops_noted
from lockstep.streams import data_alone_on_stdout
from scenarios import ScenarioError

WRONG_INPUT, MISSING, CRASHED, INTERNAL = 2, 3, 5, 70
"""Exit codes of all commands; 0, 1 and 4 are for what a command found."""
STOPS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
"""The signals that end a command with one line, and as shells count it with the exit code 128 and their number."""

SUMMARIES = {
    "accuracy": "Measure how far off each backend's elementary functions are.",
    "article": "Replay the article: what is typed there, what it printed, and what we get.",
    "bench": "Time a run of all backends against each backend alone, and measure its peak memory.",
    "chainer": "Run an old Chainer program on today's Python and NumPy.",
    "compare": "Compare two live models that train: where they first part, and which setting differs.",
    "convert": "Convert weights from Chainer to PyTorch, or back.",
    "differences": "Show where Chainer and PyTorch mean different things under the same name.",
    "doctor": "Check that this installation works, by training with each framework.",
    "explain": "Write out what the certificates of a run saved with --json found.",
    "export": "Write a scenario as a program that needs one framework and NumPy.",
    "fuzz": "Run random programs of all ops through the backends, and shrink those that fail.",
    "lab": "Write ops by hand from a starter, and have them graded, one by one.",
    "ladder": "Climb from NumPy by hand to idiomatic Chainer and PyTorch, one small step a rung.",
    "list": "List scenarios, backends and ops by family, and which backend has which op.",
    "map": "Show how each line of a scenario reads in NumPy, Chainer and PyTorch.",
    "mutants": "Measure what lockstep finds: broken backends, and correct ones on random networks.",
    "names": "Look up what to write in PyTorch for a name of Chainer, or the other way round.",
    "report": "Draw runs as pages: verdict, curves, certificates, every number, a playground.",
    "run": "Train scenarios through all backends side by side and compare them at every epoch.",
    "sweep": "Run scenarios with every seed, setting and dtype, and store each run as it finishes.",
    "table": "Draw the tables of a run saved with --json again, or of several runs side by side.",
    "trace": "Print the matrix at every line of one epoch, in each backend.",
}
"""Every command with its line in `lockstep --help`."""


def main() -> NoReturn:
    """Run the command line; wrong input, or a user's code that crashes, ends in one message and an exit code."""
    try:
        with data_alone_on_stdout(), stops_noted(*STOPS):
            _check_folder()
            code = _exit_code()
    except InputError as error:  # stdout took nothing of what was left to write
        code = _told(str(error), WRONG_INPUT)
    sys.exit(code)


def _check_folder() -> None:
    """Raise InputError if there is no current folder any more; frameworks fail in it in ways that say nothing."""
    try:
        Path.cwd()
    except OSError as error:
        raise InputError(f"the current folder is gone ({error.strerror}); change to one that is there") from error


def _exit_code() -> int:
    """Run the command line; say what went wrong, if anything did."""
    try:
        command_line(standalone_mode=False)
    except _Stopped as stopped:
        return _told(STOPS[stopped.signal], 128 + stopped.signal)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        click.echo(escaped(shown.getvalue()), nl=False, err=True)
        return error.exit_code
    except Crashed as error:
        return _told(str(error), CRASHED)
    except (InputError, ScenarioError) as error:
        return _told(str(error), WRONG_INPUT)
    except BackendMissing as error:
        return _told(str(error), MISSING)
    except BaseException as error:
        if crash := _crash_in_a_users_file(error):
            return _told(crash, CRASHED)
        if isinstance(error, SystemExit) and isinstance(error.code, int):  # how a command ends
            return error.code
        if is_shortage(error):
            return _told(deed(error), CRASHED)
        traceback.print_exception(error)
        return _told(f"an error in Lockstep itself: {type(error).__name__}; please report it with this", INTERNAL)
    return 0


def _told(message: str, code: int) -> int:
    click.echo(f"lockstep: {escaped(message)}", err=True)
    return code


def _crash_in_a_users_file(error: BaseException) -> str | None:
    """What a user's file did where none was expected to run, such as in an op that is certified; None if none did."""
    from harness.recording.users_files import USERS_FILES

    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        if file in USERS_FILES:
            return f"{USERS_FILES[file]} {deed(error, line=line_in(file, error))}"
    return None


class _Stopped(Exception):
    """Ctrl-C, for which click would print an empty line, or SIGTERM."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number)
        self.signal = number


class _Commands(click.Group):
    """Imports a command when it is called, suggests a name for an unknown one, and passes stops on."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUMMARIES:
            return None
        command: click.Command = import_module(f"lockstep.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _Stopped(stopped_by() or signal.SIGINT) from None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in SUMMARIES:
            raise click.UsageError(f"there is no command {args[0]!r}{did_you_mean(args[0], SUMMARIES)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="lockstep")
def command_line() -> None:
    """Train one network with NumPy by hand, Chainer and PyTorch side by side, and see whether they agree.

    A scenario is a network with its data, its loss and its optimizer; a backend is what trains it; an op is one step
    of the network, such as matmul or relu.
    """
