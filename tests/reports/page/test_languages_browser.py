"""The pages' languages in a real browser: a choice is kept from page to page, and Japanese pages are Japanese."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.reports.page.kinds import KINDS
from tests.reports.page.pages import WIDE, Watched


def check_language(watched: Watched, language: str) -> None:
    """The page speaks a language, once it has started, and its switch says so."""
    expect(watched.page.locator("html")).to_have_attribute("lang", language)
    expect(watched.page.locator('input[name="language"]:checked')).to_have_value(language)


def test_a_language_that_was_chosen_is_kept_from_page_to_page_and_back(index: Watched) -> None:
    page = index.page
    check_language(index, "en")
    page.check('input[name="language"][value="ja"]', force=True)
    for name in ("two_layer_tiny", "parting"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        check_language(index, "ja")
        page.get_by_role("link", name="一覧に戻る").click()
        expect(page.get_by_role("link", name=name)).to_be_visible()
        check_language(index, "ja")


def test_going_back_keeps_what_was_chosen_since(index: Watched) -> None:
    page = index.page
    page.get_by_role("link", name="two_layer_tiny").click()
    page.check('input[name="language"][value="ja"]', force=True)
    page.go_back()
    expect(page.locator("h2").first).to_have_text("実行結果")
    check_language(index, "ja")
    page.go_forward()
    expect(page.locator("#play-heading")).to_be_visible()
    check_language(index, "ja")


def test_a_setting_of_the_playground_stays_beside_the_language(index: Watched) -> None:
    page = index.page
    page.get_by_role("link", name="two_layer_tiny").click()
    page.check('input[name="language"][value="ja"]', force=True)
    page.locator("#play-lr").fill("0.01")
    expect(page).to_have_url(re.compile(r"\?lang=ja#play.*lr=0\.01"))
    page.reload()
    check_language(index, "ja")
    expect(page.locator("#play-lr")).to_have_value("0.01")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page_opens_in_the_language_of_its_address(kind: str, opened: Browser, every_kind: Path) -> None:
    watched = Watched(opened, every_kind / f"{kind}.html", "?lang=ja", viewport=WIDE)
    check_language(watched, "ja")
    assert watched.complaints == []
    watched.context.close()


def test_a_language_that_no_page_has_changes_nothing(opened: Browser, every_kind: Path) -> None:
    watched = Watched(opened, every_kind / "index.html", "?lang=tlh", viewport=WIDE)
    check_language(watched, "en")
    watched.context.close()
