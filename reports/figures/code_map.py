"""The code map as a figure: each line of a network in four columns."""

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from reports.source.code_map import COLUMNS, MapRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS = 6.5
CHARACTER = 0.602 * POINTS / 72
"""Inches: how wide a character of DejaVu Sans Mono is."""
LINE = 1.45 * POINTS / 72
GAP = 2
"""Characters between columns."""
LONGEST = 44
"""Characters of a line of code before it is broken."""
MONOSPACE: dict[str, Any] = {"family": "DejaVu Sans Mono", "fontsize": POINTS, "va": "top"}


def map_figure(rows: Sequence[MapRow]) -> "Figure":
    """The rows of a map, a line above each, under the names of the columns."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    table = [[[row.title], *(_broken(cell) for cell in row.cells)] for row in rows]
    heads = [[""], *([column] for column in COLUMNS)]
    widths = [max(len(line) for row in [heads, *table] for line in row[i]) + GAP for i in range(len(heads))]
    heights = [max(len(cell) for cell in row) + 0.6 for row in [heads, *table]]
    width, height = sum(widths) * CHARACTER, sum(heights) * LINE
    figure = Figure(figsize=(width, height))
    y = height
    for row, lines in zip([heads, *table], heights, strict=True):
        if row is not heads:
            figure.add_artist(Line2D([0, 1], [y / height, y / height], color="#8f9087", linewidth=0.4))
        x = 0.0
        for i, cell in enumerate(row):
            look = {**MONOSPACE, "fontweight": "bold"} if row is heads else MONOSPACE
            at = (x / width, (y - 0.3 * LINE) / height)
            figure.text(at[0], at[1], "\n".join(line.replace("$", r"\$") for line in cell), linespacing=1.2, **look)
            x += widths[i] * CHARACTER
        y -= lines * LINE
    return figure


def _broken(lines: Sequence[str]) -> list[str]:
    """Lines of code, long ones broken where there is a space; what follows stands further in."""
    broken = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        pieces = wrap(
            line.strip(),
            LONGEST - len(indent),
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        broken += [indent + piece for piece in pieces]
    return broken
