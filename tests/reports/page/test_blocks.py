"""The blocks of the code map: what stands in each, how they fold, and the outline that leads to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.files import write_file
from harness.recording.catalogue import built_in_scenarios
from lockstep.pages.writing import rendered
from reports.page.run.blocks import blocks_of
from reports.page.run.map import page_rows
from tests.harness.studies.article_runs import recorded
from tests.reports.page.kinds import content_of
from tests.reports.page.pages import NARROW, WIDE, Watched, data_of, watching

SIDES = "all => all.map((each) => [each.getBoundingClientRect().left, each.getBoundingClientRect().right])"


def blocks_by_name(scenario: str) -> dict[str, list[str]]:
    program = recorded(built_in_scenarios()[scenario])
    return {block.name: [row.title for row in block.rows] for block in blocks_of(program, page_rows(program))}


def test_a_block_is_what_one_assignment_computes() -> None:
    blocks = blocks_by_name("transformer_block")
    assert list(blocks) == ["h", "seen", "h_2", "units", "h_3", "loss", "map.rule", "map.loop"]
    assert blocks["seen"] == ["op.layer_norm", "op.multi_head_attention"]
    assert blocks["units"] == ["op.layer_norm", "op.matmul", "op.relu"]
    assert blocks["map.rule"] == ["optimizer adam"]


def test_every_step_of_a_loop_is_a_block() -> None:
    assert list(blocks_by_name("rnn_echo")) == ["h", "h_2", "h_3", "h_4", "loss", "map.rule", "map.loop"]


def test_every_row_stands_in_one_block() -> None:
    for name, scenario in built_in_scenarios().items():
        program = recorded(scenario)
        rows = page_rows(program)
        blocks = blocks_of(program, rows)
        assert [row for block in blocks for row in block.rows] == rows, name
        assert len({block.identity for block in blocks}) == len(blocks), name


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    content = content_of(built_in_scenarios()["transformer_block"], 3, certify=None)
    write_file(folder / "transformer_block.html", rendered(content, "en"))
    return folder


@pytest.fixture
def large(request: pytest.FixtureRequest, folder: Path, opened: Browser) -> Iterator[Watched]:
    with watching(opened, folder / "transformer_block.html", viewport=getattr(request, "param", WIDE)) as watched:
        yield watched


WIDE_AND_NARROW = pytest.mark.parametrize("large", [WIDE, NARROW], ids=["wide", "narrow"], indirect=True)


def is_in_view(page: Page, selector: str) -> bool:
    box = page.locator(selector).bounding_box()
    assert box is not None
    assert page.viewport_size is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


@WIDE_AND_NARROW
def test_the_outline_is_reached_from_anywhere_and_covers_nothing_until_it_is_opened(large: Watched) -> None:
    page = large.page
    page.locator("#block-units summary").first.scroll_into_view_if_needed()
    assert is_in_view(page, "#outline > summary")
    assert page.locator("#outline .outline-panel").is_hidden()
    assert large.width() <= page.evaluate("innerWidth")
    page.locator("#outline > summary").click()
    panel = page.locator("#outline .outline-panel")
    expect(panel).to_be_visible()
    box = panel.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.evaluate("innerWidth")
    assert large.barriers("#outline") == []
    page.get_by_role("heading", level=1).dispatch_event("pointerdown")
    expect(panel).to_be_hidden()


@WIDE_AND_NARROW
def test_the_outline_is_used_by_keyboard(large: Watched) -> None:
    page = large.page
    page.locator("#block-units .to-outline a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#outline > summary")).to_be_focused()
    link = page.locator('#outline a[href="#block-loss"]')
    for _ in range(30):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#outline .outline-panel")).to_be_hidden()
    assert is_in_view(page, "#block-loss > summary")
    page.locator("#outline > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#outline .outline-panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#outline .outline-panel")).to_be_hidden()
    expect(page.locator("#outline > summary")).to_be_focused()


def test_a_link_into_a_folded_block_unfolds_it(large: Watched) -> None:
    page = large.page
    units = page.locator("#block-units")
    page.locator("#outline > summary").click()
    page.locator("#fold-all").click()
    assert page.locator("#map .block[open]").count() == 0
    for _ in range(2):  # the second time, the address is there already
        page.locator("#outline").evaluate("outline => { outline.open = true }")
        page.locator('#outline a[href="#block-units"]').click()
        expect(units).to_have_attribute("open", "")
        assert is_in_view(page, "#block-units > summary")
        units.evaluate("block => { block.open = false }")
    page.locator("#outline > summary").click()
    page.locator("#unfold-all").click()
    assert page.locator("#map .block:not([open])").count() == 0


def test_a_page_opens_at_the_block_that_its_address_names(folder: Path, opened: Browser) -> None:
    with watching(opened, folder / "transformer_block.html", "#block-units", viewport=WIDE) as watched:
        assert is_in_view(watched.page, "#block-units > summary")


def test_what_is_unfolded_shows_the_epoch_that_was_chosen_meanwhile(large: Watched, folder: Path) -> None:
    page = large.page
    first, *_, last = data_of((folder / "transformer_block.html").read_text(encoding="utf-8"))["numbers"]
    before, after = (epoch["numpy"]["units"]["corner"][2] for epoch in (first, last))
    units = page.locator("#block-units")
    cell = units.locator('figure[data-tensor="units"] td').nth(2)
    assert float(cell.inner_text()) == pytest.approx(before, rel=1e-3) != after
    units.evaluate("block => { block.open = false }")
    page.locator("#epoch-last").click()
    units.evaluate("block => { block.open = true }")
    large.settle()
    assert float(cell.inner_text()) == pytest.approx(after, rel=1e-3) != before


def test_columns_stand_beneath_each_other_in_all_blocks(folder: Path, opened: Browser) -> None:
    with watching(opened, folder / "transformer_block.html", viewport=WIDE) as watched:
        heads = watched.page.locator("#map .heads > div").evaluate_all(SIDES)
        assert len(heads) == 4
        rows = watched.page.locator("#map .cells").all()
        assert len(rows) > 10
        for row in rows:
            assert row.locator(".cell").evaluate_all(SIDES) == heads
