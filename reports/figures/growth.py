"""How the time of a certified run grows, as a figure for a paper."""

from collections.abc import Sequence
from pathlib import Path

from harness.studies.growth import Growth
from reports.figures.drawing import COLOURS, WIDTH, in_style, write_figure

HEIGHT = 1.8
"""Inches."""
ROOM = 4
"""How many times as much as the largest, and as little as the smallest, a panel shows; so a constant time looks so."""


def write_growth(measured: Sequence[Growth], folder: Path) -> list[Path]:
    """Write `growth.svg` and `growth.png`: the time of one epoch, call or element, by how many there are."""
    from matplotlib.figure import Figure

    kinds = list(dict.fromkeys(growth.of for growth in measured))
    with in_style():
        figure = Figure(figsize=(WIDTH * 2, HEIGHT), layout="constrained")
        for number, (of, axes) in enumerate(zip(kinds, figure.subplots(1, len(kinds), squeeze=False)[0], strict=True)):
            chosen = [growth for growth in measured if growth.of == of]
            sizes, each = [growth.size for growth in chosen], [growth.microseconds_each for growth in chosen]
            axes.plot(sizes, each, color=COLOURS[number], marker=".")
            axes.set(xscale="log", yscale="log", xlabel=of, ylabel=f"µs per {of.removesuffix('s')}")
            axes.set_ylim(min(each) / ROOM, max(each) * ROOM)
        return write_figure(figure, folder, "growth")
