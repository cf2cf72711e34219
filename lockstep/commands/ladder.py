"""`lockstep ladder`: from NumPy by hand to idiomatic Chainer and PyTorch, every step measured."""

import sys
from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from harness.files import check_writable
from harness.studies.ladder import Rung, agreed, climb, find_ladder, find_rung, ladders
from lockstep.options.output import FORMAT_OPTION, OUTPUT_OPTION, deliver, rendering_width, terminal_width, wants_colour
from reports.text.studies.ladder import ladder_table, ladder_verdicts, render_rung
from reports.text.table import Format
from scenarios import DTYPES

DIFFERS = 1


@click.command("ladder")
@click.argument("name", metavar="[chainer|torch]", required=False)
@click.argument("number", metavar="[RUNG]", required=False)
@click.option("--dtype", type=click.Choice(DTYPES), help="The dtype to train in; float32 unless given.")
@FORMAT_OPTION
@OUTPUT_OPTION
def command(name: str | None, number: str | None, dtype: str | None, table_format: Format, output: Path | None) -> None:
    """Climb from NumPy by hand to idiomatic Chainer and PyTorch, one small step a rung.

    Every rung is a program of the article's network that runs by itself: python -m backends.ladder.chainer_3_links.
    All are trained in lockstep with the NumPy program that they began as; the table shows the largest deviation of a
    loss or a weight. With a ladder and a RUNG's number, show that program beside the one before, changed lines marked.

    Exit code: 0 all agree, 1 one does not, 2 wrong usage or input, 3 a framework can't be imported.
    """
    if output is not None:
        check_writable(output)
    if name is not None and number is not None:
        if table_format not in ("text", "github"):
            raise click.UsageError(f"one rung is drawn as text or github, not {table_format}")
        if dtype is not None:
            raise click.UsageError("one rung is shown, and not trained; leave --dtype out")
        rung = find_rung(name, _number(number))
        deliver(
            _rendered(rung, find_rung(name, rung.number - 1) if rung.number else None, table_format, output), output
        )
        return
    rungs = find_ladder(name) if name else [rung for ladder in ladders().values() for rung in ladder]
    _measure(list(dict.fromkeys(rungs)), dtype or "float32", table_format, output)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise click.UsageError(f"{text!r} is not a rung; write its number, as in lockstep ladder chainer 3")
    return int(text)


def _measure(rungs: list[Rung], dtype: str, table_format: Format, output: Path | None) -> None:
    """Train every rung, render the table and exit."""
    with Console(stderr=True).status(f"training {len(rungs)} programs side by side"):
        climbed = climb(rungs, dtype)
    deliver(ladder_table(climbed, table_format, None if output else terminal_width()), output)
    if not agreed(climbed):
        click.echo(f"lockstep: {ladder_verdicts(climbed)}", err=True)
        sys.exit(DIFFERS)


def _rendered(rung: Rung, before: Rung | None, page_format: Format, output: Path | None) -> str:
    rendered_as: Literal["github", "text"] = "github" if page_format == "github" else "text"
    return render_rung(rung, before, rendered_as, colour=wants_colour(output), width=rendering_width(output))
