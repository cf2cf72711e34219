"""Options of where a command's text goes, to a file or to stdout, and what writes it, with or without colour."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from harness.files import check_writable, write_file
from reports.text.console import PIPE_WIDTH

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
    "-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of to stdout."
)


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
