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
SEED_OPTION = click.option("--seed", type=int, help="Draw data and starting weights from this seed.")
EPOCHS_OPTION = click.option("--epochs", type=int, help="Train for so many epochs.")
BATCH_SIZE_OPTION = click.option("--batch-size", type=int, help="Examples per update.")


def _settings(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, float]:
    settings = {}
    for text in given:
        name, equals, value = text.partition("=")
        try:
            settings[name] = _number(value)
        except ValueError:
            what = f"{value!r} is not a number" if equals else "write NAME=VALUE"
            raise click.BadParameter(f"{text!r}: {what}, as in --set lr=0.01") from None
    return settings


def _number(text: str) -> float:
    """A whole number as a whole one, so that messages show it as it was given."""
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


def terminal_width() -> int | None:
    """The columns of the terminal, or COLUMNS where it is set; None for a pipe, where nothing limits the width.

    So the same run is the same text in a pipe, whatever window it was started from.
    """
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None
