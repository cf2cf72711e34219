"""`lockstep article`: every number of the article that this suite grew from, computed anew."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from lockstep.delivery import deliver, drawing_width, wants_colour
from lockstep.options import OUTPUT_OPTION

if TYPE_CHECKING:
    from lockstep.article import Replayed
    from reports.article import ArticleFormat

UNEXPECTED = 1


@click.command()
@click.option(
    "--format",
    "page_format",
    type=click.Choice(("text", "github", "html", "json")),
    default="text",
    show_default=True,
    help="How to draw it.",
)
@OUTPUT_OPTION
def article(page_format: "ArticleFormat | Literal['json']", output: Path | None) -> None:
    """Replay the article: each thing typed there, the number that it printed, and the number that we get.

    The article types a two-layer network into the NumPy prompt and then runs it as a program. Each piece is run in
    strict float32 arithmetic, which gives every digit that was printed, and with this machine's BLAS. Where the
    article is wrong, that is said, with the right number and with where its program ends for it.

    Exit code: 0 every number is as expected, 1 one is not, 2 wrong usage.
    """
    from lockstep.article import replay
    from lockstep.files import check_writable
    from lockstep.threads import pinned
    from reports.article import summary

    if output is not None:
        check_writable(output)
    with pinned([], 1):
        replayed = replay()
    deliver(_drawn(replayed, page_format, output), output)
    if not all(piece.as_expected for piece in replayed):
        click.echo(f"lockstep: {summary(replayed)}", err=True)
        sys.exit(UNEXPECTED)


def _drawn(replayed: "list[Replayed]", page_format: "ArticleFormat | Literal['json']", output: Path | None) -> str:
    from lockstep.article import to_json
    from reports.article import draw_article

    if page_format == "json":
        return to_json(replayed)
    return draw_article(replayed, page_format, colour=wants_colour(output), width=drawing_width(output))
