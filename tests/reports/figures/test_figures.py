"""Figures for papers: what is in them, and the files that a report writes."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from backends.contract import Program
from harness.comparing.document.side_by_side import Losses
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import hand_written_ops
from harness.recording.recorder import record_program
from harness.running.traced import Deviation
from lockstep.pages.figures import write_figures
from reports.figures.code_map import map_figure
from reports.figures.curves import MOST_PANELS, deviation_figure, difference_figure, loss_figure
from reports.figures.drawing import in_style, write_figure
from reports.page.comparison import ComparisonContent
from reports.source.code_map import code_map
from tests.lockstep.commands.commands import Lockstep
from tests.reports.page.comparisons import parting

PNG = b"\x89PNG\r\n\x1a\n"


def deviation(of_torch: list[float | None]) -> Deviation:
    return Deviation(allowed=[8.0] * len(of_torch), by_backend={"torch": of_torch})


def texts_of(svg: Path) -> list[str]:
    """What an SVG says, which is text and no outlines."""
    return [each.text or "" for each in ET.parse(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize(
    ("losses", "scale"), [([3.0, 2.0, 1.0], "linear"), ([300.0, 2.0, 0.5], "log"), (["nan", 2.0, -1.0], "linear")]
)
def test_losses_that_span_decades_are_drawn_logarithmically(losses: list[float | str], scale: str) -> None:
    with in_style():
        figure = loss_figure({"numpy": losses, "torch": losses})
    (axes,) = figure.axes
    assert axes.get_yscale() == scale
    assert [line.get_label() for line in axes.lines] == ["numpy", "torch"]
    assert np.asarray(axes.lines[0].get_xdata()).tolist() == [1, 2, 3]
    assert axes.lines[0].get_linestyle() != axes.lines[1].get_linestyle()


def test_every_tensor_of_a_small_network_has_a_panel() -> None:
    with in_style():
        figure = deviation_figure(
            {"loss": deviation([0.0, None, 2.0]), "w1": deviation([1.0] * 3)}, "numpy", ["numpy", "torch"]
        )
    assert [axes.get_title() for axes in figure.axes] == ["loss", "w1"]
    torch, allowed = figure.axes[0].lines
    np.testing.assert_array_equal(np.asarray(torch.get_ydata(), float), [0, np.nan, 2])
    assert np.asarray(allowed.get_ydata()).tolist() == [8, 8, 8]


def test_of_a_large_network_those_are_shown_that_come_closest_to_their_allowance() -> None:
    deviations = {"loss": deviation([0.0]), **{f"w{i}": deviation([float(i)]) for i in range(30)}}
    with in_style():
        figure = deviation_figure(deviations, "numpy", ["numpy", "torch"])
    shown = [axes.get_title() for axes in figure.axes]
    assert shown == ["loss", *(f"w{i}" for i in range(30 - MOST_PANELS + 1, 30))]


def test_those_that_overflow_are_among_the_closest_and_zeros_are_not() -> None:
    of_others = {f"w{i}": deviation([float(i + 1)]) for i in range(MOST_PANELS)}
    overflowed = {"h": Deviation(allowed=[8.0], by_backend={"torch": [None]})}
    unallowed = {"state": Deviation(allowed=[0.0], by_backend={"torch": [1.0]})}
    zeros = {"unused": Deviation(allowed=[None], by_backend={"torch": [None]})}
    with in_style():
        figure = deviation_figure(
            {"loss": deviation([0.0]), **zeros, **of_others, **overflowed, **unallowed}, "numpy", ["numpy", "torch"]
        )
    shown = [axes.get_title() for axes in figure.axes]
    assert len(shown) == MOST_PANELS
    assert shown[-2:] == ["h", "state"]
    assert "unused" not in shown


def test_every_column_has_its_epochs_and_the_legend_every_backend() -> None:
    of_mine = Deviation(allowed=[8.0], by_backend={"mine": [1.0]})
    deviations = {**{f"w{i}": deviation([1.0]) for i in range(4)}, "h": of_mine}
    with in_style():
        figure = deviation_figure(deviations, "numpy", ["numpy", "torch", "mine"])
    shown = [panel.xaxis.get_tick_params()["labelbottom"] for panel in figure.axes]
    assert shown == [False, False, True, True, True]
    assert {text.get_text() for text in figure.legends[0].get_texts()} == {"torch", "mine", "allowed"}


def test_differences_are_relative_to_the_left_loss() -> None:
    with in_style():
        figure = difference_figure([Losses(dtype="float64", left=[2.0, 0.0], right=[3.0, 0.5])])
    assert np.asarray(figure.axes[0].lines[0].get_ydata()).tolist() == [0.5, 0.5]


@pytest.fixture
def program() -> Program:
    scenario = built_in_scenarios()["two_layer_tiny"]
    return record_program(scenario, draw_arrays(scenario, scenario.dtype), hand_written_ops(()))


def test_a_map_has_every_line_and_nothing_lies_over_another_column(program: Program, tmp_path: Path) -> None:
    with in_style():
        figure = map_figure(code_map(program))
        svg, png = write_figure(figure, tmp_path, "map")
    said = "\n".join(texts_of(svg))
    for line in ("grad_h = np.where(h > 0, grad_h_r, 0)", "loss.backward()", "NumPy backward"):
        assert line in said
    assert png.read_bytes().startswith(PNG)
    with in_style():
        figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.texts if text.get_text()]
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[i + 1 :])


def test_the_same_figure_gives_the_same_files(program: Program, tmp_path: Path) -> None:
    def written(name: str) -> list[bytes]:
        with in_style():
            return [path.read_bytes() for path in write_figure(map_figure(code_map(program)), tmp_path, name)]

    assert written("one") == written("other")


def test_a_report_writes_figures_and_lists_them(lockstep: Lockstep, tmp_path: Path) -> None:
    run, figures = tmp_path / "run.json", tmp_path / "figures"
    assert lockstep("run", "two_layer_tiny", "--epochs", 3, "--json", run).exit_code == 0
    answer = lockstep("report", run, "-o", tmp_path / "page.html", "--figures", figures)
    assert answer.exit_code == 0
    names = [f"two_layer_tiny_{kind}.{end}" for kind in ("losses", "deviations", "map") for end in ("svg", "png")]
    assert answer.stdout.split("\n") == [str(tmp_path / "page.html"), *(str(figures / name) for name in names), ""]
    assert {path.name for path in figures.iterdir()} == {*names}
    assert {"loss", "grad_w1", "allowed"} <= {*texts_of(figures / "two_layer_tiny_deviations.svg")}


def test_a_comparison_has_the_losses_of_both_sides_and_their_differences(tmp_path: Path) -> None:
    content = ComparisonContent(parting(), {}, "lockstep report port.json")
    write_figures([("port", content)], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"port_{kind}.{end}" for kind in ("losses", "differences") for end in ("svg", "png")
    }
    assert {"update", "left: Network (torch)", "right: Network (torch)"} <= {*texts_of(tmp_path / "port_losses.svg")}


def test_without_matplotlib_a_report_says_what_installs_it(
    lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    answer = lockstep("report", "two_layer_tiny", "-o", tmp_path / "book", "--figures", tmp_path / "figures")
    assert answer.exit_code == 2
    assert "python -m uv sync --extra figures" in answer.stderr
    assert not (tmp_path / "figures").exists()


def test_a_file_where_the_folder_is_to_be_is_refused(lockstep: Lockstep, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    answer = lockstep("report", "two_layer_tiny", "-o", tmp_path / "book", "--figures", tmp_path / "taken")
    assert answer.exit_code == 2
    assert "running" not in answer.stderr
    assert "taken is a file; --figures takes a folder" in answer.stderr
