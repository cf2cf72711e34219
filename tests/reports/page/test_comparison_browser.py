"""The page of a comparison in a real browser: nothing fails, and what is folded or filtered can be reached."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, expect

from harness.comparing.document.outcome import Outcome
from reports.page.comparison import ComparisonContent, render_comparison
from tests.reports.page.comparisons import STEPS, agreeing, detached, parting
from tests.reports.page.pages import PHONE, WIDE, Watched, watching


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of comparisons; in that of `leading` a row leads into a fold."""
    path = tmp_path_factory.mktemp("comparisons")
    rows = list(agreeing().side_by_side.rows)
    rows[1] = msgspec.structs.replace(rows[1], right=None, apart=None, gradient=None, equal_in=7)
    beside = msgspec.structs.replace(agreeing().side_by_side, rows=rows)
    leading = msgspec.structs.replace(agreeing(), name="leading", side_by_side=beside)
    long = msgspec.structs.replace(detached(), name="long", notes=["a" * 300, "b/" * 150], only_left=["c" * 200])
    for outcome in (agreeing(), parting(), detached(), leading, long):
        (path / f"{outcome.name}.html").write_text(page_of(outcome), encoding="utf-8")
    return path


def page_of(outcome: Outcome) -> str:
    return render_comparison(ComparisonContent(outcome, {}, "lockstep report port.json"), "en")


@pytest.fixture
def opened_page(opened: Browser, folder: Path, request: pytest.FixtureRequest) -> Iterator[Watched]:
    with watching(opened, folder / f"{request.param}.html", viewport=WIDE) as watched:
        yield watched


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "dark"), (PHONE, "light")], ids=["wide", "phone"])
def test_the_longest_names_and_notes_fit_the_screen(
    viewport: dict[str, int], scheme: str, opened: Browser, folder: Path
) -> None:
    with watching(opened, folder / "long.html", viewport=viewport, color_scheme=scheme) as watched:
        watched.page.locator("details").evaluate_all("all => all.forEach((details) => { details.open = true; })")
        for language in ("ja", "en"):
            watched.choose_language(language)
            assert watched.width() <= viewport["width"]
        assert watched.barriers() == []
        assert len(watched.requests) == 1


@pytest.mark.parametrize("opened_page", ["parting"], indirect=True)
def test_headings_and_regions_have_names_and_an_order(opened_page: Watched) -> None:
    page = opened_page.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    unnamed = page.locator("input, button, select, [role=group], svg[role=img]").evaluate_all(
        "all => all.filter((e) => !e.labels?.length && !e.ariaLabel && !e.textContent.trim()).map((e) => e.outerHTML)"
    )
    assert unnamed == []


@pytest.mark.parametrize("opened_page", ["agreeing"], indirect=True)
def test_a_fold_opens_by_keyboard(opened_page: Watched) -> None:
    page = opened_page.page
    rows = page.locator("#calls .call-row:visible")
    before = rows.count()
    page.locator("#calls summary").press("Enter")
    expect(rows).to_have_count(before + 2 * (STEPS - 1))


@pytest.mark.parametrize("opened_page", ["leading"], indirect=True)
def test_a_link_into_a_fold_opens_it(opened_page: Watched) -> None:
    page = opened_page.page
    expect(page.locator("#row-8")).not_to_be_visible()
    page.locator("#row-2").get_by_role("link", name="8").click()
    expect(page.locator("#row-8")).to_be_in_viewport()


@pytest.mark.parametrize("opened_page", ["detached"], indirect=True)
def test_only_rows_that_matter_are_left_by_the_filter(opened_page: Watched) -> None:
    page = opened_page.page
    page.get_by_label("Only the").check()
    rows = page.locator("#calls .call-row:visible")
    assert rows.evaluate_all("all => all.every((row) => row.classList.contains('marked'))")
    assert rows.count() == page.locator("#calls .call-row.marked").count() > 2
    expect(page.locator("#calls summary")).not_to_be_visible()


@pytest.mark.parametrize("opened_page", ["parting"], indirect=True)
def test_the_verdict_leads_to_the_row(opened_page: Watched) -> None:
    page = opened_page.page
    page.get_by_role("link", name="Row 2 of the map").click()
    expect(page.locator("#row-2")).to_be_in_viewport()


@pytest.mark.parametrize("opened_page", ["agreeing"], indirect=True)
def test_charts_are_read_update_by_update(opened_page: Watched) -> None:
    page = opened_page.page
    chart = page.locator("#loss-chart svg[role=img]")
    chart.press("Home")
    place = page.locator("#loss-chart")
    expect(place.locator(".reading-at")).to_have_text("update 1")
    loss = agreeing().updates[-1].left_losses[0]
    assert [float(text) for text in place.locator(".reading").all_inner_texts()] == pytest.approx([loss] * 2, rel=1e-6)
    page.locator("#difference-chart svg[role=img]").press("End")
    expect(page.locator("#difference-chart .reading-at")).to_have_text("update 3")
    assert len(page.locator("#difference-chart .reading").all_inner_texts()) == 2
