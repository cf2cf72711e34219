"""Options that several commands share."""

import os
import shutil
import sys
from pathlib import Path

import click

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


def terminal_width() -> int | None:
    """The columns of the terminal, or COLUMNS where it is set; None for a pipe, where nothing limits the width.

    So the same run is the same text in a pipe, whatever window it was started from.
    """
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None
