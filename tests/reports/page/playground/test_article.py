"""The page's playground and tour in a real browser: the article's program, its mistakes, and what one types in."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from harness.studies.article_numbers import CORRECTED, LOSS_WITHOUT_CLEARING, LOSS_WITHOUT_MASK, has_the_digits
from tests.harness.studies.article_runs import program
from tests.reports.page.pages import Watched, watching


def losses(watched: Watched) -> dict[int, str]:
    expect(watched.page.locator("#play-result")).not_to_have_text(re.compile("^(training|$)"))
    rows = watched.page.locator("#play-losses tbody tr").all()
    return {int(row.locator("th").text_content() or 0): row.locator("td").first.text_content() or "" for row in rows}


def test_the_playground_is_the_articles_program_bit_for_bit(tiny_page: Watched) -> None:
    expect(tiny_page.page.locator("#play-result")).to_have_text(
        "equal, bit for bit, to the article's program at every epoch"
    )
    shown = losses(tiny_page)
    for epoch in (1, 2, 100, 200, 300):
        assert has_the_digits(np.float32(shown[epoch]), CORRECTED[f"program-epoch-{epoch}-loss"])
    w1 = program("strict")[299].weights["w1"].ravel()
    cells = tiny_page.page.locator('#play-matrices figure[data-tensor="new w1"] td')
    expect(cells).to_have_count(w1.size)  # matrices are drawn after the result
    np.testing.assert_array_equal(np.array(cells.all_inner_texts(), np.float32), w1)


def test_a_mistake_is_made_with_a_switch_and_stands_in_the_address(tiny_page: Watched) -> None:
    page = tiny_page.page
    page.get_by_label("ReLU's mask is left off").check()
    expect(page.locator("#play-result")).to_have_text("first differs from the article's program at epoch 2")
    assert has_the_digits(np.float32(losses(tiny_page)[300]), LOSS_WITHOUT_MASK)
    expect(page).to_have_url(re.compile("#play&mask=off$"))
    page.get_by_label("learning rate", exact=True).fill("0.01")
    expect(page).to_have_url(re.compile("#play&lr=0.01&mask=off$"))
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#play-result")).to_have_text("equal, bit for bit, to the article's program at every epoch")


def test_an_address_brings_its_experiment(opened: Browser, book: Path) -> None:
    with watching(opened, book / "two_layer_tiny.html", "#play&keep=on&epochs=300&lr=banana") as watched:
        assert watched.page.get_by_label("gradients are not cleared").is_checked()
        assert watched.page.get_by_label("learning rate", exact=True).input_value() == "0.0001"
        assert has_the_digits(np.float32(losses(watched)[300]), LOSS_WITHOUT_CLEARING)


def columns_of_zeros(watched: Watched, tensor: str) -> set[int]:
    rows = watched.page.locator(f'#play-matrices figure[data-tensor="{tensor}"] tr')
    expect(rows).not_to_have_count(0)
    numbers = np.array([row.locator("td").all_inner_texts() for row in rows.all()], np.float32)
    return set(np.flatnonzero((numbers == 0).all(axis=0)))


@pytest.mark.parametrize(
    ("address", "units"),
    [
        pytest.param("#play", set(), id="article"),
        pytest.param("#play&N_H=4&lr=0.1", {1, 2}, id="two-of-four"),
        pytest.param("#play&N_H=4&lr=0.5", {0, 1, 2, 3}, id="all"),
        pytest.param("#play&N_H=4&lr=0.3&mask=off", set(), id="without-mask"),
    ],
)
def test_units_that_died_are_named(address: str, units: set[int], opened: Browser, book: Path) -> None:
    with watching(opened, book / "two_layer_tiny.html", address) as watched:
        losses(watched)
        said = watched.page.locator("#play-dead")
        assert {int(unit) for unit in re.findall(r"h_r\[:, (\d)\]", said.inner_text())} == units
        zeros = {tensor: columns_of_zeros(watched, tensor) for tensor in ("h_r", "grad_h", "grad_w1")}
        assert zeros["h_r"] & zeros["grad_h"] == zeros["grad_w1"] == units
        if units:
            expect(said).to_contain_text(f"Dead at epoch 300: {len(units)} of 4 hidden units, h_r[:, ")
            watched.page.locator('input[name="language"][value="ja"]').check(force=True)
            expect(said).to_contain_text(f"隠れユニット 4 個のうち {len(units)} 個（h_r[:, ")


@pytest.mark.parametrize(
    ("label", "text", "says"),
    [
        ("N_H, hidden units", "2.5", "N_H must be a whole number from 1 to 1000"),
        ("learning rate", "x", "lr must be a number"),
    ],
)
def test_what_can_not_be_trained_is_said_beside_it(label: str, text: str, says: str, tiny_page: Watched) -> None:
    field = tiny_page.page.get_by_label(label, exact=True)
    field.fill(text)
    expect(tiny_page.page.get_by_role("alert").filter(has_text=says)).to_be_visible()
    assert field.get_attribute("aria-invalid") == "true"


def test_the_tour_computes_what_each_mistake_did_and_sets_the_playground(tiny_page: Watched) -> None:
    page = tiny_page.page
    item = page.locator("#erratum-2")
    right = CORRECTED["program-epoch-300-loss"]
    expect(item.locator("output")).to_have_text(
        f"Loss at epoch 300: {LOSS_WITHOUT_MASK}, where the article's program has {right}."
    )
    item.get_by_role("button").click()
    assert page.get_by_label("ReLU's mask is left off").is_checked()
    expect(page.locator("#erratum-9 output")).to_contain_text("(1,2) +4.5 %")
    expect(page.locator("#erratum-10 output")).to_contain_text(CORRECTED["program-epoch-1-loss"])


@pytest.mark.timing
def test_the_announced_size_trains_in_up_to_three_seconds(opened: Browser, book: Path) -> None:
    with watching(opened, book / "two_layer_tiny.html", "#play&M=64&N_I=1000&N_H=100&N_O=10") as watched:
        shown = losses(watched)
        assert has_the_digits(np.float32(shown[300]), "18.675663")
        took = re.search(r"300 epochs in ([\d.]+) s", watched.page.locator("#play-took").inner_text())
        assert took is not None
        assert float(took[1]) <= 3
