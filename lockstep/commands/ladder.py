"""`lockstep ladder`: from NumPy by hand to idiomatic Chainer and PyTorch, every step measured."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from harness.files import check_writable
from harness.recording.catalogue import built_in_scenarios
from harness.studies.ladder import Climbed, Rung, agreed, climb, find_ladder, find_rung, ladders
from lockstep.options.language import LANGUAGE_OPTION
from lockstep.options.output import FORMAT_OPTION, OUTPUT_OPTION, deliver, rendering_width, terminal_width, wants_colour
from reports.languages.language import Language
from reports.text.studies.ladder import ladder_table, ladder_verdicts, render_rung
from reports.text.table import Format
from scenarios import DTYPES, Scenario

DIFFERS = 1


@click.command("ladder")
@click.argument("name", metavar="[chainer|torch]", required=False)
@click.argument("number", metavar="[RUNG]", required=False)
@click.option("--dtype", type=click.Choice(DTYPES), help="The dtype to train in; float32 unless given.")
@FORMAT_OPTION
@click.option("--html", "as_page", is_flag=True, help="Draw the ladder as a page to climb by click and key.")
@LANGUAGE_OPTION
@OUTPUT_OPTION
def command(
    name: str | None,
    number: str | None,
    dtype: str | None,
    table_format: Format,
    as_page: bool,
    language: Language,
    output: Path | None,
) -> None:
    """Climb from NumPy by hand to idiomatic Chainer and PyTorch, one small step a rung.

    Every rung is a program of the article's network that runs by itself: python -m backends.ladder.chainer_3_links.
    All are trained in lockstep with the NumPy program that they began as; the table shows the largest deviation of a
    loss or a weight. With a ladder and a RUNG's number, show that program beside the one before, changed lines marked.

    With --html, all of that is one page: each rung beside the one before, every matrix beside its line at any epoch,
    what the framework now does for you, and a card for each new name.

    Exit code: 0 all agree, 1 one does not, 2 wrong usage or input, 3 a framework can't be imported.
    """
    if output is not None:
        check_writable(output)
    if as_page and number is not None:
        raise click.UsageError("a page holds all rungs; leave RUNG out")
    if as_page and table_format != "text":
        raise click.UsageError(f"--html draws a page, and --format {table_format} a table; leave one of them out")
    if name is not None and number is not None:
        if table_format not in ("text", "github"):
            raise click.UsageError(f"one rung is drawn as text or github, not {table_format}")
        if dtype is not None:
            raise click.UsageError("one rung is shown, and not trained; leave --dtype out")
        rung = find_rung(name, _number(number))
        deliver(
            _rendered(rung, find_rung(name, rung.number - 1) if rung.number else None, table_format, language, output),
            output,
        )
        return
    chosen = {name: find_ladder(name)} if name else ladders()
    rungs = list(dict.fromkeys(rung for ladder in chosen.values() for rung in ladder))
    climbed = _climbed(rungs, dtype or "float32")
    if as_page:
        deliver(_page(chosen, climbed, dtype or "float32", language), output)
    else:
        deliver(ladder_table(climbed, table_format, None if output else terminal_width(), language=language), output)
    if not agreed(climbed):
        click.echo(f"lockstep: {ladder_verdicts(climbed)}", err=True)
        sys.exit(DIFFERS)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise click.UsageError(f"{text!r} is not a rung; write its number, as in lockstep ladder chainer 3")
    return int(text)


def _climbed(rungs: Sequence[Rung], dtype: str) -> list[Climbed]:
    """Train every rung side by side."""
    with Console(stderr=True).status(f"training {len(rungs)} programs side by side"):
        return climb(rungs, dtype)


def _page(chosen: Mapping[str, Sequence[Rung]], climbed: Sequence[Climbed], dtype: str, language: Language) -> str:
    from lockstep.pages.ladder import ladder_content  # here, so that tables need not wait for what draws pages
    from reports.page.ladder import render_ladder

    made_by = " ".join(["lockstep ladder", *(list(chosen) if len(chosen) == 1 else []), "--html"])
    with Console(stderr=True).status("keeping every number"):
        content = ladder_content(chosen, climbed, dtype, made_by, _scenario_of(climbed))
    return render_ladder(content, language)


def _scenario_of(climbed: Sequence[Climbed]) -> Scenario:
    """The network that was climbed with, in its sizes and for as many epochs."""
    result = climbed[0].result
    return built_in_scenarios()[result.scenario].vary(epochs=result.epochs)


def _rendered(rung: Rung, before: Rung | None, page_format: Format, language: Language, output: Path | None) -> str:
    rendered_as: Literal["github", "text"] = "github" if page_format == "github" else "text"
    return render_rung(
        rung, before, rendered_as, colour=wants_colour(output), width=rendering_width(output), language=language
    )
