"""The pages' languages in a real browser: a choice is kept from page to page, and Japanese pages are Japanese."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.reports.page.pages import WIDE, Watched, watching


def test_a_language_that_was_chosen_is_kept_from_page_to_page_and_back(index: Watched) -> None:
    page = index.page
    index.expect_language("en")
    page.check('input[name="language"][value="ja"]', force=True)
    for name in ("two_layer_tiny", "parting"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        index.expect_language("ja")
        page.get_by_role("link", name="一覧に戻る").click()
        expect(page.get_by_role("link", name=name)).to_be_visible()
        index.expect_language("ja")


def test_going_back_keeps_what_was_chosen_since(index: Watched) -> None:
    page = index.page
    page.get_by_role("link", name="two_layer_tiny").click()
    page.check('input[name="language"][value="ja"]', force=True)
    page.go_back()
    expect(page.locator("h2").first).to_have_text("実行結果")
    index.expect_language("ja")
    page.go_forward()
    expect(page.locator("#play-heading")).to_be_visible()
    index.expect_language("ja")


def test_a_setting_of_the_playground_stays_beside_the_language(index: Watched) -> None:
    page = index.page
    page.get_by_role("link", name="two_layer_tiny").click()
    page.check('input[name="language"][value="ja"]', force=True)
    page.locator("#play-lr").fill("0.01")
    expect(page).to_have_url(re.compile(r"\?lang=ja#play.*lr=0\.01"))
    page.reload()
    index.expect_language("ja")
    expect(page.locator("#play-lr")).to_have_value("0.01")


def test_a_language_that_no_page_has_changes_nothing(opened: Browser, every_kind: Path) -> None:
    with watching(opened, every_kind / "index.html", "?lang=tlh", viewport=WIDE) as watched:
        watched.expect_language("en")
