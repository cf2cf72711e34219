"""Every kind of page in a real browser: on paper, on a narrow screen and a wide one, in both languages and themes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.reports.page.kinds import KINDS, PLAYED
from tests.reports.page.pages import NARROW, WIDE, Watched, watching

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
FOLDED = "details:not([open])"
IN_MEMORY = ("data:", "blob:")
"""The page's own worker has such an address."""


@contextmanager
def printed(watched: Watched) -> Iterator[None]:
    """The page meanwhile as it goes to paper."""
    page, screen = watched.page, watched.page.viewport_size
    assert screen is not None
    page.set_viewport_size({"width": PAPER["width"], "height": PAPER["height"]})
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    yield
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.set_viewport_size(screen)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_whole_on_paper_and_on_screens_and_keeps_nobody_out(
    kind: str, opened: Browser, every_kind: Path
) -> None:
    with watching(opened, every_kind / f"{kind}.html", viewport=NARROW, color_scheme="light") as watched:
        page = watched.page
        if kind in PLAYED:
            watched.wait_for_the_playground()
        for language in ("ja", "en"):
            watched.choose_language(language)
            with printed(watched):
                assert page.locator(CONTROLS).evaluate_all(SHOWN) == []
                assert page.locator(FOLDED).count() == 0
                assert page.evaluate(CUT_OFF) == []
        page.locator("details").evaluate_all("all => all.forEach((details) => { details.open = true; })")
        for language, viewport, scheme in (("en", NARROW, "light"), ("ja", WIDE, "dark")):
            page.set_viewport_size({"width": viewport["width"], "height": viewport["height"]})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            watched.choose_language(language)
            assert watched.width() <= viewport["width"]
            assert watched.barriers() == []
        page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
        assert watched.width() <= NARROW["width"]
        assert [url.partition("/")[0] for url in watched.requests if not url.startswith(IN_MEMORY)] == ["file:"]


def test_paper_is_white_and_the_screen_is_put_back(opened: Browser, every_kind: Path) -> None:
    with watching(opened, every_kind / "two_layer_tiny.html", viewport=WIDE) as watched:
        page = watched.page
        watched.wait_for_the_playground()
        page.check('input[name="theme"][value="dark"]', force=True)
        closed = page.locator(FOLDED).count()
        assert closed > 0
        with printed(watched):
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert page.locator(FOLDED).count() == closed


def test_every_rung_is_printed_with_its_matrices(opened: Browser, every_kind: Path) -> None:
    with watching(opened, every_kind / "ladder.html", viewport=WIDE) as watched, printed(watched):
        steps = watched.page.locator(".step")
        assert watched.page.locator(".step:visible").count() == steps.count() > 10
        assert watched.page.locator(".step:not(:has(.tensors figure))").count() == 0
