"""Options that commands share, and where their text goes: to a file or to stdout, with or without colour."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from harness.errors import InputError
from harness.files import check_writable, write_file
from harness.guarding.stopping import time_limit
from reports.text.console import PIPE_WIDTH
from scenarios.language.values import ABOVE_0

TABLE_FORMATS = ("text", "github", "latex", "html", "csv", "json")

FORMAT_OPTION = click.option(
    "--format",
    "table_format",
    type=click.Choice(TABLE_FORMATS),
    default="text",
    show_default=True,
    help="How to draw tables.",
)
OUTPUT_OPTION = click.option(
    "--output", type=click.Path(path_type=Path), help="Write to this file instead of to stdout."
)
SEED_OPTION = click.option("--seed", type=int, help="Draw data and starting weights from this seed.")
EPOCHS_OPTION = click.option("--epochs", type=int, help="Train for this many epochs.")
BATCH_SIZE_OPTION = click.option("--batch-size", type=int, help="Examples per update.")


def _settings(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, float]:
    settings = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            settings[name] = _number(value)
        except ValueError:
            problem = f"{value!r} is not a number" if equals else "write NAME=VALUE"
            raise click.BadParameter(f"{text!r}: {problem}, as in --set lr=0.01") from None
    return settings


def _number(text: str) -> float:
    """Read a whole number as an int, so that messages show it as it was typed."""
    try:
        return int(text)
    except ValueError:
        return float(text)


SETTINGS_OPTION = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_settings,
    help="A setting of the scenario, such as lr=0.01; may be repeated.",
)


TIMEOUT_OPTION = click.option(
    "--timeout",
    type=float,
    metavar="SECONDS",
    help="Give up on a backend that takes longer than this for one update, or to be imported.",
)


def limit_time(seconds: float | None, *, in_this_process: bool = True) -> None:
    """Let a user's code take this long for each of its turns until the command ends; None: any time.

    Raises InputError for no number of seconds, and where code can't be interrupted.
    """
    if seconds is not None:
        if not in_this_process:
            raise InputError("--timeout is for runs in this process; leave out --workers and --scheduler")
        seconds = ABOVE_0.checked(seconds, "--timeout", InputError)
    click.get_current_context().with_resource(time_limit(seconds))


def terminal_width() -> int | None:
    """The columns of the terminal, or COLUMNS if it is set; None for a pipe, which does not limit the width.

    So a run prints the same text into a pipe, whatever window it was started from.
    """
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None


def deliver(text: str, output: Path | None) -> None:
    """Write a text to a file, or to stdout if there is none. Raises InputError if it can't be written."""
    if output is None:
        click.echo(text, nl=False, color=True)  # the text holds colours only if they are wanted
        return
    check_writable(output)
    write_file(output, text)


def wants_colour(output: Path | None) -> bool:
    """Whether this is a terminal whose user has not turned colours off."""
    terminal = Console()
    return output is None and terminal.is_terminal and not terminal.no_color


def rendering_width(output: Path | None) -> int:
    """How many columns something that stands side by side may have."""
    return (terminal_width() if output is None else None) or PIPE_WIDTH


@contextmanager
def spinner(what: str) -> Iterator[Callable[[str], None]]:
    """Show a task on stderr, if that is a terminal; yield a function that shows the next one."""
    with Console(stderr=True).status(what) as status:
        yield status.update
