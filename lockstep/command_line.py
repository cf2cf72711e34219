"""The `lockstep` command. Results go to stdout, progress and warnings to stderr.

Every command has a file of its name, which is imported when the command is called, so `lockstep --help` is instant.
"""

import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from harness.errors import BackendMissing, InputError, did_you_mean
from scenarios import ScenarioError

WRONG_INPUT, MISSING, INTERRUPTED = 2, 3, 130

SUMMARIES = {
    "accuracy": "Measure how far off each backend's elementary functions are.",
    "article": "Replay the article: what is typed there, what it printed, and what we get.",
    "bench": "Time a run of all backends against each backend alone, and measure its peak memory.",
    "differences": "Show where Chainer and PyTorch mean different things under the same name.",
    "doctor": "Check that this installation works, by training with each framework.",
    "explain": "Write out what the certificates of a run saved with --json found.",
    "export": "Write a scenario as a program that needs one framework and NumPy.",
    "ladder": "Climb from NumPy by hand to idiomatic Chainer and PyTorch, one small step a rung.",
    "list": "List scenarios, backends and ops by family, and which backend has which op.",
    "map": "Show how each line of a scenario reads in NumPy, Chainer and PyTorch.",
    "mutants": "Measure what lockstep finds: broken backends, and correct ones on random networks.",
    "report": "Draw runs as pages: verdict, curves, certificates, every number, a playground.",
    "run": "Train scenarios through all backends side by side and compare them at every epoch.",
    "table": "Draw the tables of a run saved with --json again, or of several runs side by side.",
    "trace": "Print the matrix at every line of one epoch, in each backend.",
}
"""Every command with its line in `lockstep --help`."""


def main() -> NoReturn:
    """Run the command line; wrong input ends in one message and an exit code."""
    try:
        command_line(standalone_mode=False)
    except _Interrupted:
        _fail("interrupted", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (InputError, ScenarioError) as error:
        _fail(str(error), WRONG_INPUT)
    except BackendMissing as error:
        _fail(str(error), MISSING)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    sys.exit(0)


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"lockstep: {message}", err=True)
    sys.exit(code)


class _Interrupted(Exception):
    """The user pressed Ctrl-C; click would print an empty line."""


class _Commands(click.Group):
    """Imports a command when it is called, suggests a name for an unknown one, and passes Ctrl-C on."""

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
            raise _Interrupted from None

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
