"""`lockstep article`: every number of the article that this suite grew from, recomputed."""

import sys
from pathlib import Path
from typing import Literal

import click

from harness.files import check_writable
from harness.running.process import pinned
from harness.studies.article import Replayed, replay, to_json
from lockstep.options.language import LANGUAGE_OPTION
from lockstep.options.output import OUTPUT_OPTION, deliver, rendering_width, wants_colour
from reports.languages.language import Language
from reports.text.studies.article import ArticleFormat, render_article, summary

UNEXPECTED = 1


@click.command("article")
@click.option(
    "--format",
    "page_format",
    type=click.Choice(("text", "github", "html", "json")),
    default="text",
    show_default=True,
    help="How to draw it.",
)
@LANGUAGE_OPTION
@OUTPUT_OPTION
def command(page_format: ArticleFormat | Literal["json"], language: Language, output: Path | None) -> None:
    """Replay the article: each line typed there, the number that it printed, and the number that we get.

    The article types a two-layer network into the NumPy prompt and then runs it as a program. Each piece is run in
    strict float32 arithmetic, which gives every printed digit, and with this machine's BLAS. Where the article is
    wrong, the right number is shown, and where the mistake leads its program.

    Exit code: 0 every number is as expected, 1 one is not, 2 wrong usage.
    """
    if output is not None:
        check_writable(output)
    with pinned([], 1):
        replayed = replay()
    deliver(_rendered(replayed, page_format, language, output), output)
    if not all(piece.as_expected for piece in replayed):
        click.echo(f"lockstep: {summary(replayed)}", err=True)
        sys.exit(UNEXPECTED)


def _rendered(
    replayed: list[Replayed], page_format: ArticleFormat | Literal["json"], language: Language, output: Path | None
) -> str:
    if page_format == "json":
        return to_json(replayed)
    return render_article(
        replayed, page_format, colour=wants_colour(output), width=rendering_width(output), language=language
    )
