"""Every kind of page on paper and on a narrow screen: nothing is cut off, and on paper nothing waits for a click."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reports.page.kinds import KINDS
from tests.reports.page.pages import Watched

NARROW = {"width": 360, "height": 740}
PAPER = {"width": 703, "height": 1000}
"""A4 between margins of 12 mm, at 96 pixels an inch."""
CONTROLS = "button, input:not(.switch input), .switches, .contents, .panel, .skip, .back"
"""What only a screen has; a choice that says what is shown stands on paper, too."""
SHOWN = "all => all.filter((each) => each.checkVisibility()).map((each) => each.outerHTML)"
CUT_OFF = """() => [...document.querySelectorAll("main *, header *, footer *")]
  .filter((each) => each.checkVisibility() && !each.closest("svg, .sr, .side-head") &&
    (each.getBoundingClientRect().right > innerWidth + 1 ||
     each.matches(".scroll, pre, table, p") && each.scrollWidth > each.clientWidth + 1))
  .map((each) => `${each.tagName} ${each.className}: ${each.textContent.trim().slice(0, 60)}`)"""
"""What goes beyond the paper, or can only be seen by scrolling."""


def printed(watched: Watched) -> Page:
    """The page as it goes to paper."""
    page = watched.page
    if page.locator("#play-took").count():
        expect(page.locator("#play-took")).not_to_be_empty()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    return page


@pytest.mark.parametrize("language", ["ja", pytest.param("en", marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("kind", KINDS)
def test_paper_has_all_of_a_page_and_no_controls(kind: str, language: str, opened: Browser, every_kind: Path) -> None:
    watched = Watched(opened, every_kind / f"{kind}.html", f"?lang={language}", viewport=PAPER)
    page = printed(watched)
    assert page.locator(CONTROLS).evaluate_all(SHOWN) == []
    assert page.locator("details:not([open])").count() == 0
    assert page.evaluate(CUT_OFF) == []
    assert watched.complaints == []
    watched.context.close()


def test_paper_is_white_and_the_screen_is_put_back(opened: Browser, every_kind: Path) -> None:
    watched = Watched(opened, every_kind / "two_layer_tiny.html", viewport=PAPER)
    page = watched.page
    page.check('input[name="theme"][value="dark"]', force=True)
    closed = page.locator("details:not([open])").count()
    assert closed > 0
    printed(watched)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("details:not([open])").count() == closed
    watched.context.close()


def test_every_rung_is_printed_with_its_matrices(opened: Browser, every_kind: Path) -> None:
    watched = Watched(opened, every_kind / "ladder.html", viewport=PAPER)
    page = printed(watched)
    assert page.locator(".step:visible").count() == page.locator(".step").count() > 10
    assert page.locator(".step:not(:has(.tensors figure))").count() == 0
    watched.context.close()


@pytest.mark.parametrize("language", ["ja", pytest.param("en", marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_page_is_wider_than_a_narrow_screen(
    kind: str, language: str, opened: Browser, every_kind: Path
) -> None:
    watched = Watched(opened, every_kind / f"{kind}.html", f"?lang={language}", viewport=NARROW)
    watched.page.locator("details").evaluate_all("all => all.forEach((details) => { details.open = true; })")
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    watched.context.close()
