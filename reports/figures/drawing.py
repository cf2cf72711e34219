"""How every figure looks, and what writes it into files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.files import check_writable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("svg", "png")
COLOURS = ("#0b63b0", "#b8450b", "#0a7d5c", "#8a3f94", "#6a6a12")
DASHES = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)))
"""Lines differ in both, so that they are told apart in print without colours."""
WIDTH = 3.4
"""Inches: the width of a column of a paper."""
DOTS_PER_INCH = 300
STYLE: Any = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.1,
    "svg.fonttype": "none",
    "svg.hashsalt": "lockstep",
}
"""matplotlib's settings: type of a paper's size, and in an SVG text that stays text."""


def check_installed() -> None:
    """Raise InputError if there is no matplotlib, before a long run is spent on its figures."""
    try:
        import_module("matplotlib")
    except ImportError as error:
        raise InputError(
            "figures are drawn by matplotlib, which can't be imported; python -m uv sync --extra figures installs it, "
            'as does pip install -e ".[figures]"'
        ) from error


@contextmanager
def in_style() -> Iterator[None]:
    """Have matplotlib draw in this style, whatever the user's own settings are."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def draw_line(axes: "Axes", number: int, label: str, values: Sequence[float | None]) -> None:
    """The curve of a backend or a side, from 1 on; a gap where there is no number."""
    axes.plot(
        range(1, len(values) + 1),
        [float("nan") if value is None else value for value in values],
        color=COLOURS[number % len(COLOURS)],
        linestyle=DASHES[number % len(DASHES)],
        marker="." if len(values) == 1 else None,
        label=label,
    )


def write_figure(figure: "Figure", folder: Path, name: str) -> list[Path]:
    """Write a figure as `NAME.svg` and `NAME.png`, and return their paths.

    Raises InputError for a file that can't be written.
    """
    paths = [folder / f"{name}.{kind}" for kind in FORMATS]
    for path in paths:
        check_writable(path)
        metadata = {"Date": None} if path.suffix == ".svg" else {}  # so that the same run gives the same file
        figure.savefig(path, dpi=DOTS_PER_INCH, bbox_inches="tight", metadata=metadata)
    return paths
