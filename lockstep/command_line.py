"""The `lockstep` command. Results go to stdout, progress and warnings to stderr; frameworks load only where needed."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from lockstep.errors import BackendMissing, InputError, did_you_mean
from lockstep.options import FORMAT_OPTION, OUTPUT_OPTION
from lockstep.run_command import run
from scenarios import ScenarioError

if TYPE_CHECKING:
    from reports.tables import Format

WRONG_INPUT, MISSING, INTERRUPTED = 2, 3, 130

def main() -> NoReturn:
    """Run the command line; what is wrong with the input is one message and an exit code."""
    try:
        command_line(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
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


class _Suggesting(click.Group):
    """A group that suggests the command that was meant."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(f"there is no command {args[0]!r}{did_you_mean(args[0], self.commands)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Suggesting, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="lockstep")
def command_line() -> None:
    """Train one scenario with hand-written NumPy gradients, Chainer and PyTorch side by side, and see whether they agree."""


command_line.add_command(run)


@command_line.command()
@click.argument("runs", metavar="RUN.json...", nargs=-1, required=True, type=click.Path(path_type=Path))
@FORMAT_OPTION
@OUTPUT_OPTION
def table(runs: tuple[Path, ...], table_format: "Format", output: Path | None) -> None:
    """Draw the tables of a saved run again, or of several runs side by side."""
    from lockstep.results import read_document
    from reports.tables import comparison_table, run_tables
    from reports.verdicts import headline

    documents = [read_document(path) for path in runs]
    if len(documents) > 1:
        _deliver(comparison_table([path.stem for path in runs], documents, table_format), output)
        return
    results = documents[0].results
    if table_format == "text":
        text = "\n".join(f"{headline(result)}\n\n{run_tables([result], table_format)}" for result in results)
    else:
        text = run_tables(results, table_format)
    _deliver(text, output)


def _deliver(text: str, output: Path | None) -> None:
    from lockstep.results import check_writable, write_atomically

    if output is None:
        click.echo(text, nl=False)
        return
    check_writable(output)
    write_atomically(output, text)
