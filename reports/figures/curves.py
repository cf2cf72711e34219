"""Curves: the losses of every backend, how far its tensors are off, and the losses of both sides of a comparison."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.comparing.document.side_by_side import Losses
from harness.running.traced import Deviation
from reports.figures.drawing import WIDTH, draw_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT = 2.4
SIDES = 2
"""Of a comparison: their curves have the first looks, differences those that follow."""
PANELS_ACROSS = 3
MOST_PANELS = 12
PANEL = (2.3, 1.8)
"""Inches."""


def loss_figure(losses: Mapping[str, Sequence[float | str]], along: str = "epoch") -> "Figure":
    """The losses by backend, or by side, for each epoch or update; on a logarithmic scale where they span decades."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.add_subplot(xlabel=along, ylabel="loss")
    for number, (name, values) in enumerate(losses.items()):
        draw_line(axes, number, name, [float(value) for value in values])
    finite = [value for values in losses.values() for value in map(float, values) if math.isfinite(value)]
    if finite and min(finite) > 0 and max(finite) > 50 * min(finite):
        axes.set_yscale("log")
    axes.legend()
    return figure


def deviation_figure(deviations: Mapping[str, Deviation], reference: str, backends: Sequence[str]) -> "Figure":
    """A panel for each tensor: how far every backend is off from the reference, and what is allowed, in ulps.

    Of many tensors those that come closest to their allowance, or overflow, and the loss before them. `backends` are in
    the order in which they have their colours.
    """
    from matplotlib.figure import Figure

    chosen = _closest(deviations)
    across = min(PANELS_ACROSS, len(chosen))
    down = math.ceil(len(chosen) / across)
    figure = Figure(figsize=(PANEL[0] * across, PANEL[1] * down + 0.3), layout="constrained")
    panels = figure.subplots(down, across, squeeze=False, sharex=True).ravel()
    for panel, tensor in zip(panels, chosen, strict=False):
        deviation = deviations[tensor]
        for name, values in deviation.by_backend.items():
            draw_line(panel, backends.index(name), name, values)
        epochs = range(1, len(deviation.allowed) + 1)
        allowed = [float("nan") if value is None else value for value in deviation.allowed]
        panel.plot(epochs, allowed, color="#b3261e", linewidth=0.8, label="allowed")
        panel.set_yscale("symlog", linthresh=1)
        panel.set_ylim(bottom=0)
        panel.set_title(tensor, family="monospace")
    for panel in panels[len(chosen) :]:
        panel.remove()
    for lowest in panels[max(len(chosen) - across, 0) : len(chosen)]:
        lowest.tick_params(labelbottom=True)  # shared axes have none above a panel, even if that was removed
    figure.supxlabel("epoch", fontsize=8)
    figure.supylabel(f"off from {reference}, ulp", fontsize=8)
    lines = {str(line.get_label()): line for panel in panels[: len(chosen)] for line in panel.lines}
    figure.legend(lines.values(), lines.keys(), loc="outside upper center", ncols=len(lines))
    return figure


def _closest(deviations: Mapping[str, Deviation]) -> list[str]:
    """The tensors that are shown: all of a small network, of a large one those nearest to what is allowed."""
    names = list(deviations)
    if len(names) <= MOST_PANELS:
        return names
    of_tensors = sorted((name for name in names if name != "loss"), key=lambda name: -_share(deviations[name]))
    nearest = {"loss", *of_tensors[: MOST_PANELS - 1]}
    return [name for name in names if name in nearest]


def _share(deviation: Deviation) -> float:
    """The largest deviation as a share of its allowance; infinite where it overflowed, or where none is allowed."""
    pairs = (pair for values in deviation.by_backend.values() for pair in zip(values, deviation.allowed, strict=True))
    return max((_share_of(value, allowed) for value, allowed in pairs), default=0.0)


def _share_of(value: float | None, allowed: float | None) -> float:
    if allowed is None or value == 0:  # nothing can be said where the tensor is 0 or not finite
        return 0.0
    return math.inf if value is None or allowed == 0 else value / allowed


def difference_figure(series: Sequence[Losses]) -> "Figure":
    """How far the losses of both sides are apart, relative to the left one, update by update and by dtype."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.add_subplot(xlabel="update", ylabel="difference of the losses, relative")
    for number, losses in enumerate(series):
        apart = [_apart(float(left), float(right)) for left, right in zip(losses.left, losses.right, strict=True)]
        draw_line(axes, SIDES + number, losses.dtype, apart)
    axes.set_yscale("symlog", linthresh=1e-16)
    axes.set_ylim(bottom=0)
    axes.legend()
    return figure


def _apart(left: float, right: float) -> float:
    off = abs(left - right)
    return off / abs(left) if left else off
