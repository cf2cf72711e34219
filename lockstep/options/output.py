"""Options of where a command's text and its JSON go, to files or to stdout, and what writes them there."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
    else:
        write_file(output, text)


@dataclass(frozen=True)
class Destinations:
    """Where the text of a command goes, and where its JSON does."""

    output: Path | None
    """The file of the text; None for stdout."""
    json_file: Path | None
    json_on_stdout: bool

    @property
    def text_on_stdout(self) -> bool:
        """Whether stdout is for the text."""
        return self.output is None and not self.json_on_stdout

    def write_json(self, as_json: Callable[[], str]) -> None:
        """Write the JSON, if it is wanted."""
        if self.json_file is not None:
            write_file(self.json_file, as_json())
        if self.json_on_stdout:
            click.echo(as_json(), nl=False)

    def write_text(self, as_text: Callable[[], str]) -> None:
        """Write the text, unless there is no file for it and stdout is for the JSON."""
        if self.output is not None or self.text_on_stdout:
            deliver(as_text(), self.output)


def destinations(output: Path | None, json_path: str | None) -> Destinations:
    """Read `--output` and `--json FILE|-`, before a long run is spent on them.

    Raises UsageError where both are one file, and InputError for a file that can't be written.
    """
    json_file = None if json_path in (None, "-") else Path(str(json_path))
    if output is not None and json_file is not None and output.resolve() == json_file.resolve():
        raise click.UsageError(f"--output and --json both write {output}; give each a file of its own")
    for path in (output, json_file):
        if path is not None:
            check_writable(path)
    return Destinations(output, json_file, json_path == "-")


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
