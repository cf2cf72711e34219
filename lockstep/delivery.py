"""Where a command's text goes, a file or stdout, and how it may be drawn there."""

from pathlib import Path

import click

from lockstep.options import terminal_width


def deliver(text: str, output: Path | None) -> None:
    """Write a text to a file, or to stdout where there is none. Raises InputError if it can't be written."""
    from lockstep.files import check_writable, write_atomically

    if output is None:
        click.echo(text, nl=False, color=True)  # it has colours only where they are wanted
        return
    check_writable(output)
    write_atomically(output, text)


def wants_colour(output: Path | None) -> bool:
    """Whether this is a terminal whose user has not turned colours off."""
    from rich.console import Console

    terminal = Console()
    return output is None and terminal.is_terminal and not terminal.no_color


def drawing_width(output: Path | None) -> int:
    """How many columns something drawn side by side may have."""
    from reports.map_drawing import PIPE_WIDTH

    return (terminal_width() if output is None else None) or PIPE_WIDTH
