"""The list of pages is searched, in a real browser: by what its cards say, by ops and by what frameworks call them."""

import pytest
from playwright.sync_api import expect

from tests.reports.page.pages import Watched


def shown(watched: Watched) -> list[str]:
    return watched.page.locator(".card:visible strong").all_text_contents()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("chainer.optimizers.Adam", ["trained_by_adam"]),
        ("F.ReLU  float32", ["two_layer_tiny"]),
        ("ｔｗｏ＿layer sgd", ["two_layer_tiny"]),
        ("forward parts", ["parting"]),
        ("conv2d", []),
    ],
)
def test_cards_are_found_that_hold_every_word(index: Watched, text: str, names: list[str]) -> None:
    every = shown(index)
    index.page.get_by_role("searchbox").fill(text)
    assert shown(index) == names
    expect(index.page.locator("#search-found")).to_have_text(f"{len(names)} of {len(every)} pages")
    index.page.get_by_role("searchbox").fill("")
    assert shown(index) == every
    expect(index.page.locator("#search-found")).to_have_text("")


def test_a_search_goes_on_in_the_other_language(index: Watched) -> None:
    page = index.page
    page.get_by_role("searchbox", name="Search").fill("Adam")
    page.check('input[name="language"][value="ja"]', force=True)
    expect(page.locator("#search-found")).to_have_text("5 ページ中 1 ページ")
    assert shown(index) == ["trained_by_adam"]
    page.get_by_role("searchbox", name="検索").fill("一致")
    assert "two_layer_tiny" in shown(index)
    assert index.barriers() == []
