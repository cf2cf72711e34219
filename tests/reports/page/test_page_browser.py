"""The pages in a real browser: no complaint, no request, and everything on them works by pointer and by keyboard."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, expect

from harness.recording.arrays import draw_arrays
from lockstep.pytest_plugin import loaded_or_skipped
from tests.harness.studies.article_runs import TINY, program, train
from tests.reports.page.pages import PHONE, WIDE, Watched, watching


def cell(watched: Watched, tensor: str, flat: int) -> Locator:
    watched.settle()
    return watched.page.locator(f'#map figure[data-tensor="{tensor}"] td[data-flat="{flat}"]')


COVERED = """async () => {
  const focused = document.activeElement;
  if (!focused.closest("#map")) return null;
  const frame = () => new Promise(requestAnimationFrame);
  await frame(); // the panel below grows with what it writes out, and
  await frame(); // the page then scrolls
  const { left, top, width, height } = focused.getBoundingClientRect();
  const there = document.elementFromPoint(left + width / 2, top + height / 2);
  return focused.contains(there) || focused.matches("input") ? "" : `${focused.outerHTML} is under ${there?.outerHTML}`;
}"""
"""What lies over the element that has the focus, if that is in the map."""


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_what_is_focused_in_the_map_is_under_nothing(viewport: dict[str, int], opened: Browser, book: Path) -> None:
    with watching(opened, book / "trained_by_adam.html", viewport=viewport) as watched:
        page, stops = watched.page, 0
        for _ in range(250):
            page.keyboard.press("Tab")
            covered = page.evaluate(COVERED)
            if covered is not None:
                assert covered == ""
                stops += 1
        assert stops > 40


def test_the_keys_of_a_grid_lead_to_its_ends_and_escape_puts_the_panel_back(tiny_page: Watched) -> None:
    page = tiny_page.page
    cell(tiny_page, "x", 0).focus()
    for key, flat in (("End", 2), ("ArrowDown", 5), ("Home", 3), ("Control+Home", 0), ("Control+End", 5)):
        page.keyboard.press(key)
        expect(cell(tiny_page, "x", flat)).to_be_focused()
    expect(page.locator("#panel")).to_contain_text("x[1, 2]")
    page.keyboard.press("Escape")
    expect(page.locator("#panel .hint")).to_be_visible()
    assert page.locator("#map .chosen, #map .used").count() == 0
    expect(cell(tiny_page, "x", 5)).to_be_focused()


def test_the_index_leads_to_every_page_and_back(opened: Browser, book: Path) -> None:
    with watching(opened, book / "index.html") as watched:
        watched.page.get_by_role("link", name="two_layer_tiny").click()
        expect(watched.page.get_by_role("heading", level=1)).to_have_text("two_layer_tiny")
        watched.page.get_by_role("link", name="All runs").click()
        expect(watched.page.get_by_role("link", name="trained_by_adam")).to_be_visible()


@pytest.mark.parametrize("how", ["hover", "focus"])
def test_a_line_lights_up_its_counterparts_and_its_tensors(how: str, tiny_page: Watched) -> None:
    page = tiny_page.page
    line = page.locator(".cell.forward .line", has_text="h_r = np.maximum(h, 0)")
    getattr(line, how)()
    lit = page.locator("#map .lit, #map .counterpart")
    assert lit.all_inner_texts() == [
        "h_r = np.maximum(h, 0)",
        "grad_h = np.where(h > 0, grad_h_r, 0)",
        "h_r = F.relu(h)",
        "h_r = F.relu(h)",
    ]
    assert page.locator("#map figure.read").evaluate_all("all => all.map((f) => f.dataset.tensor)") == ["h"]
    assert page.locator("#map figure.written").evaluate_all("all => all.map((f) => f.dataset.tensor)") == ["h_r"]
    expect(page.locator("#panel")).to_contain_text("reads h writes h_r")


def test_a_step_of_a_framework_lights_up_the_arithmetic_of_the_optimizer(tiny_page: Watched) -> None:
    tiny_page.page.locator(".cell.torch .line", has_text="optimizer.step()").hover()
    assert "w1 = w1 - 0.0001 * grad_w1" in tiny_page.page.locator("#map .counterpart").all_inner_texts()


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
def test_every_number_of_an_epoch_is_the_backends_own(backend: str, tiny_page: Watched) -> None:
    page = tiny_page.page
    module = loaded_or_skipped(backend, required=True).module
    steps = train(module, 3)
    page.locator(f'input[name="backend"][value="{backend}"]').check(force=True)
    for epoch in (1, 2, 3):
        step = steps[epoch - 1]
        tiny_page.settle()
        shown = {name: page.locator(f'#map figure[data-tensor="{name}"] td').all_inner_texts() for name in ("h", "y_p")}
        shown["grad_w1"] = page.locator('#map figure[data-tensor="grad_w1"] td').all_inner_texts()
        for name, want in {**step.values, "grad_w1": step.grads["w1"]}.items():
            if name in shown:
                np.testing.assert_array_equal(np.array(shown[name], np.float32), want.ravel())
        page.get_by_role("button", name="Next epoch").click()


def test_the_slider_and_the_steppers_reach_every_epoch_that_is_kept(tiny_page: Watched) -> None:
    page = tiny_page.page
    shown = page.locator("#epoch-shown")
    page.get_by_role("button", name="Last epoch").click()
    expect(shown).to_have_text("300")
    tiny_page.settle()
    weights = page.locator('#map figure[data-tensor="new w1"] td').all_inner_texts()
    np.testing.assert_array_equal(np.array(weights, np.float32), program("blas")[299].weights["w1"].ravel())
    page.locator("#epoch").press("ArrowLeft")
    expect(shown).not_to_have_text("300")
    page.get_by_role("button", name="First epoch").click()
    expect(shown).to_have_text("1")
    expect(cell(tiny_page, "h", 1)).to_have_text("0.51268864")


def test_an_element_of_a_product_is_written_out(tiny_page: Watched) -> None:
    cell(tiny_page, "h", 1).hover()
    panel = tiny_page.page.locator("#panel")
    x, w1 = draw_arrays(TINY, "float32").data["x"], draw_arrays(TINY, "float32").weights["w1"]
    for k in range(3):
        expect(panel).to_contain_text(f"x[0, {k}] · w1[{k}, 1]")
        expect(panel).to_contain_text(str(x[0, k]))
        expect(panel).to_contain_text(str(w1[k, 1]))
    expect(panel).to_contain_text("= 0.51268864")
    used = tiny_page.page.locator("#map td.used")
    assert used.count() == 6


@pytest.mark.parametrize(
    ("tensor", "flat", "formula"),
    [
        ("h_r", 0, "max(h[0, 0], 0)"),
        ("grad_h", 0, "where(h[0, 0] > 0, grad_h_r[0, 0], 0)"),
        ("grad_y_p", 4, "grad_loss · 2 · difference[1, 1] / 6"),
        ("loss", 0, "sum1 / 6"),
        ("grad_w2", 0, "h_r[0, 0] · grad_y_p[0, 0]"),
        ("new w1", 5, "w1[2, 1] - lr · grad_w1[2, 1]"),
    ],
)
def test_arithmetic_of_every_kind(tensor: str, flat: int, formula: str, tiny_page: Watched) -> None:
    cell(tiny_page, tensor, flat).click()
    panel = tiny_page.page.locator("#panel")
    expect(panel).to_contain_text(formula)
    title, written = panel.locator(".panel-title").inner_text(), panel.locator(".arithmetic b").last.inner_text()
    got, exact = np.float32(title.split(" = ")[1].split()[0].split("recorded")[0]), np.float32(written)
    assert abs(got - exact) <= 2 * np.spacing(np.abs(exact))
    numbers = panel.locator(".arithmetic").first.inner_text()
    tiny_page.page.get_by_role("button", name="Last epoch").click()
    expect(panel.locator(".arithmetic").first).not_to_have_text(numbers)


def test_differences_are_shown_in_ulps(tiny_page: Watched) -> None:
    page = tiny_page.page
    page.locator('input[name="show"][value="differences"]').check(force=True)
    expect(page.locator('input[name="backend"][value="chainer"]')).to_be_checked()
    tiny_page.settle()
    texts = page.locator("#map .tensors td").all_inner_texts()
    assert {"0"} < set(texts)
    assert all(abs(float(text)) < 100 for text in texts)
    assert all((2 * float(text)).is_integer() for text in texts)  # halves where the two stand beside a power of two


def test_the_panel_compares_both_backends_where_differences_are_shown(tiny_page: Watched) -> None:
    page = tiny_page.page
    page.get_by_role("button", name="Last epoch").click()
    page.locator('input[name="backend"][value="torch"]').check(force=True)
    page.locator('input[name="show"][value="differences"]').check(force=True)
    tiny_page.settle()
    off = page.locator("#map .tensors td:not(.zero)").first
    tensor = off.evaluate("cell => cell.closest('figure').dataset.tensor")
    pointed_at = cell(tiny_page, tensor, int(off.get_attribute("data-flat") or 0))
    ulps = pointed_at.inner_text()
    pointed_at.hover()
    said = page.locator("#panel .compared").inner_text()
    page.locator('input[name="show"][value="values"]').check(force=True)
    expect(page.locator("#panel .compared")).to_have_count(0)
    tiny_page.settle()
    torch = pointed_at.inner_text()
    expect(page.locator("#panel .panel-title")).to_contain_text(f" = {torch}")
    page.locator('input[name="backend"][value="numpy"]').check(force=True)
    tiny_page.settle()
    numpy = pointed_at.inner_text()
    difference = re.fullmatch(rf"numpy recorded {numpy}; the difference is (.+), {re.escape(ulps)} ulp\.", said)
    assert difference is not None, said
    got, want = np.float32(torch), np.float32(numpy)
    assert np.float32(difference[1]) == got - want != 0
    assert float(ulps) == (got - want) / np.spacing(max(abs(got), abs(want)))


@pytest.mark.parametrize(
    ("language", "formula", "off"),
    [
        ("en", "The hand-written NumPy formula, computed in this page from what torch recorded:", "torch recorded is"),
        ("ja", "手書きの NumPy の式に torch の記録値を入れ、このページで計算：", "torch の記録値との差は"),
    ],
)
def test_the_panel_says_whose_the_formula_is_and_whose_the_numbers(
    language: str, formula: str, off: str, tiny_page: Watched
) -> None:
    page = tiny_page.page
    page.locator(f'input[name="language"][value="{language}"]').check(force=True)
    page.locator('input[name="backend"][value="torch"]').check(force=True)
    cell(tiny_page, "h", 1).hover()
    first, last = page.locator("#panel .apart").all_inner_texts()
    assert first == formula
    assert off in last


def test_everything_on_the_map_can_be_reached_by_keyboard(tiny_page: Watched) -> None:
    page = tiny_page.page
    cell(tiny_page, "w1", 0).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(cell(tiny_page, "w1", 3)).to_be_focused()
    expect(page.locator("#panel .panel-title")).to_contain_text("w1[1, 1]")
    page.keyboard.press("Tab")
    expect(cell(tiny_page, "w2", 0)).to_be_focused()
    block = page.locator("#map .block").nth(1)
    for stop in (
        block.locator("summary").first,
        block.locator(".to-outline a"),
        block.locator(".cell.forward .line").first,
    ):
        page.keyboard.press("Tab")
        expect(stop).to_be_focused()


def test_the_first_stop_of_the_tab_key_skips_to_the_content(tiny_page: Watched) -> None:
    page = tiny_page.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    assert page.get_by_role("main").count() == page.get_by_role("navigation").count() == 1
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    unnamed = page.locator("input, button, select, [role=group], svg[role=img]").evaluate_all(
        "all => all.filter((e) => !e.labels?.length && !e.ariaLabel && !e.textContent.trim()).map((e) => e.outerHTML)"
    )
    assert unnamed == []


def test_losses_stand_point_below_point(tiny_page: Watched) -> None:
    page = tiny_page.page
    page.locator("#curves summary").click()
    for column in (
        page.locator("#verdict .numbers tbody td:nth-child(2)"),
        *(page.locator(f"#curves .numbers td:nth-child({i})") for i in (2, 3, 4)),
    ):
        points = column.evaluate_all(
            """cells => cells.map((cell) => {
              const range = document.createRange();
              const at = cell.firstChild.data.indexOf(".");
              range.setStart(cell.firstChild, at);
              range.setEnd(cell.firstChild, at + 1);
              return range.getBoundingClientRect().x;
            })"""
        )
        assert len(points) >= 3
        assert max(points) - min(points) < 0.5


def test_charts_are_read_by_the_arrow_keys(tiny_page: Watched) -> None:
    chart = tiny_page.page.locator("#loss-chart svg.chart")
    chart.focus()
    chart.press("Home")
    expect(tiny_page.page.locator("#loss-chart .reading-at")).to_have_text("epoch 1")
    expect(tiny_page.page.locator("#loss-chart .reading").first).to_contain_text("1.4170488")
    tiny_page.page.get_by_label("tensor").select_option("w1")
    expect(tiny_page.page.locator("#deviation-chart svg.chart")).to_have_attribute(
        "aria-label", "Deviation against allowance, w1, epochs 1 to 300"
    )


def test_the_language_can_be_switched_and_nothing_is_left_in_the_other(tiny_page: Watched) -> None:
    page = tiny_page.page
    page.locator('input[name="language"][value="ja"]').check(force=True)
    assert page.locator("html").get_attribute("lang") == "ja"
    expect(page.locator("#verdict-heading")).to_contain_text("一致")
    expect(page.locator("#play-result")).to_have_text("全エポックで記事のプログラムと全ビット一致")
    expect(page.get_by_role("button", name="次のエポック")).to_be_visible()
    page.locator('input[name="language"][value="en"]').check(force=True)
    expect(page.locator("#verdict-heading")).to_contain_text("They agree")
    expect(page.get_by_role("button", name="Next epoch")).to_be_visible()


def test_sentences_are_joined_as_their_language_does(tiny_page: Watched) -> None:
    page = tiny_page.page
    for language, joined in (("ja", "。「NumPy"), ("en", ". The NumPy"), ("ja", "。「NumPy")):
        page.locator(f'input[name="language"][value="{language}"]').check(force=True)
        expect(page.locator("#map > p").first).to_contain_text(joined)
        texts = page.locator("p").all_inner_texts()
        assert [text for text in texts if re.search(r"。\s+\S", text)] == []
