"""Writes the figures of what pages are drawn from."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reports.figures.code_map import map_figure
from reports.figures.curves import deviation_figure, difference_figure, loss_figure
from reports.figures.drawing import in_style, write_figure
from reports.page.comparison import ComparisonContent, series_of
from reports.page.index import Content
from reports.page.page import PageContent
from reports.source.code_map import code_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_figures(contents: Sequence[tuple[str, Content]], folder: Path) -> None:
    """Write the figures of each content, in files that begin with its name, and print their paths."""
    for name, content in contents:
        with in_style():
            for kind, figure in _figures(content):
                for path in write_figure(figure, folder, f"{name}_{kind}"):
                    click.echo(path)


def _figures(content: Content) -> Iterator[tuple[str, "Figure"]]:
    """The figures of a run or a comparison, each with what it shows."""
    if isinstance(content, ComparisonContent):
        yield from _of_comparison(content)
    else:
        yield from _of_run(content)


def _of_run(content: PageContent) -> Iterator[tuple[str, "Figure"]]:
    result = content.result
    yield "losses", loss_figure(result.losses)
    if content.numbers is not None and content.numbers.trace.deviations:
        yield "deviations", deviation_figure(content.numbers.trace.deviations, result.reference, result.backends)
    if content.program is not None:
        yield "map", map_figure(code_map(content.program))


def _of_comparison(content: ComparisonContent) -> Iterator[tuple[str, "Figure"]]:
    series = series_of(content.outcome)
    if series:
        left, right = (f"{side.model} ({side.framework})" for side in (content.outcome.left, content.outcome.right))
        names = (left, right) if left != right else (f"left: {left}", f"right: {right}")
        yield "losses", loss_figure(dict(zip(names, (series[-1].left, series[-1].right), strict=True)), "update")
        yield "differences", difference_figure(series)
