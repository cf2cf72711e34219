"""Options that several commands share."""

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
