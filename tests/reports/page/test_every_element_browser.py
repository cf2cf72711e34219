"""Elements of layers with large tensors, in a browser: pointed at, focused and tapped, they are written out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from harness.files import write_file
from harness.recording.catalogue import built_in_scenarios
from lockstep.pages.writing import rendered
from tests.reports.page.kinds import content_of
from tests.reports.page.pages import PHONE, WIDE, Watched, data_of, watching


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layers")
    for name, epochs in (("lstm_adding", 20), ("digits_cnn", 1), ("attention_copy", 1)):
        content = content_of(built_in_scenarios()[name], epochs, ["numpy", "torch"], certify=None)
        write_file(folder / f"{name}.html", rendered(content, "en"))
    return folder


@pytest.fixture
def lstm_page(request: pytest.FixtureRequest, opened: Browser, layers: Path) -> Iterator[Watched]:
    viewport = getattr(request, "param", WIDE)
    with watching(opened, layers / "lstm_adding.html", viewport=viewport, color_scheme="dark") as watched:
        yield watched


def cell(watched: Watched, tensor: str, flat: int) -> Locator:
    return watched.page.locator(f'#map figure[data-tensor="{tensor}"] td[data-flat="{flat}"]')


@pytest.mark.parametrize(
    ("how", "lstm_page"),
    [
        pytest.param("hover", WIDE, id="by-pointer"),
        pytest.param("focus", WIDE, id="by-keyboard"),
        pytest.param("click", PHONE, id="by-touch"),
    ],
    indirect=["lstm_page"],
)
def test_a_recurrent_cell_is_written_out_gate_by_gate(how: str, lstm_page: Watched) -> None:
    panel = lstm_page.page.locator("#panel")
    getattr(cell(lstm_page, "h", 7), how)()
    expect(panel.locator(".panel-title")).to_contain_text("h[1, 1] = ")
    for formula in ("x_1[1, 0] · w_x[0, 19]", "c_next[1, 1] = f[1, 1]", "h[1, 1] = o[1, 1] · tanh_c[1, 1]"):
        expect(panel).to_contain_text(formula)
    sources = panel.locator(".source").all_inner_texts()
    assert any("return (o * tanh_c, c_next), backward" in line for line in sources)
    assert any(line.startswith("numpy_manual/activations/smooth.py") for line in sources), "the sigmoid that it uses"


def test_of_a_long_sum_the_first_and_last_terms_stand_and_how_many_there_are(lstm_page: Watched) -> None:
    cell(lstm_page, "grad_bias", 0).click()
    panel = lstm_page.page.locator("#panel")
    expect(panel).to_contain_text("… 18 terms more …")
    lstm_page.page.locator('input[name="language"][value="ja"]').check(force=True)
    expect(panel).to_contain_text("… ほか 18 項 …")


def test_where_further_numbers_are_not_kept_the_formula_says_where_they_are(lstm_page: Watched, layers: Path) -> None:
    page, data = lstm_page.page, data_of((layers / "lstm_adding.html").read_text())
    kept = list(data["further"]["byEpoch"])
    steps = next(step for step, epoch in enumerate(data["epochs"]) if str(epoch) not in kept)
    for _ in range(steps):
        page.get_by_role("button", name="Next epoch").click()
    cell(lstm_page, "grad_bias", 0).click()
    expect(page.locator("#panel")).to_contain_text(f"Its numbers are put in at epochs {', '.join(kept)}.")


@pytest.mark.parametrize(
    ("name", "tensor", "flat", "formula", "line"),
    [
        ("digits_cnn", "conv2d_1", 9, "k1[0, 0, 1, 1]", "windows = windows_of("),
        ("attention_copy", "scaled_dot_product_attention_1", 9, "v[0, 1]", "scores"),
    ],
)
def test_other_layers(
    name: str, tensor: str, flat: int, formula: str, line: str, opened: Browser, layers: Path
) -> None:
    with watching(opened, layers / f"{name}.html", viewport=WIDE) as watched:
        shown = watched.page.locator(f'#map figure[data-tensor="{tensor}"] td')
        shown.nth(1).click()
        panel = watched.page.locator("#panel")
        expect(panel).to_contain_text(formula)
        expect(panel).to_contain_text("ulp off")
        assert any(line in text for text in panel.locator(".source").all_inner_texts())
        assert watched.page.locator("#map td.used").count() > 0
        assert watched.barriers("#panel") == []
