"""`Why?` on a page: a derivation at every backward line, in the reader's language, with the names of the call."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from backends.documentation import DerivationLine
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import hand_written_ops
from harness.recording.recorder import record_program
from reports.page.run.map import page_rows
from tests.reports.page.pages import NARROW, Watched, watching


@pytest.mark.parametrize("name", ["two_layer_tiny", "batch_norm_mlp", "lstm_adding", "transformer_block"])
def test_every_call_with_a_backward_says_why(name: str) -> None:
    scenario = built_in_scenarios()[name]
    program = record_program(scenario, draw_arrays(scenario, scenario.dtype), hand_written_ops(()))
    calls = [row for row in page_rows(program) if row.kind == "call"]
    assert calls
    for row in calls:
        cells = dict(row.cells)
        assert (row.why is not None) == bool(cells["backward"])
        if row.why is not None:
            assert {gradient for gradient, _ in row.why.gradients} >= set(row.backward)
            assert all(lines[-1].kind == "matrix" for _, lines in row.why.gradients)


def test_what_data_needs_no_derivation_of() -> None:
    scenario = built_in_scenarios()["two_layer_tiny"]
    first, *_ = page_rows(record_program(scenario, draw_arrays(scenario, "float32"), hand_written_ops(())))
    assert first.why is not None
    assert [gradient for gradient, _ in first.why.gradients] == ["grad_w1"]
    assert first.why.names == (("x", "x"), ("w", "w1"), ("y", "h"))


def test_equals_signs_in_conditions_are_no_sides() -> None:
    line = DerivationLine("indices", "y[i] = [k = t[i]]·a[i] = f(i, [i = k])")
    assert line.sides == ("y[i]", "[k = t[i]]·a[i]", "f(i, [i = k])")


def test_the_details_of_the_docstring_are_shown(tiny_page: Watched) -> None:
    row = tiny_page.page.locator('.row[data-title="op.relu"]')
    assert "Glorot et al. 2011" in row.locator(".docstring").inner_text()


def test_a_derivation_opens_by_key_and_speaks_both_languages(tiny_page: Watched) -> None:
    page = tiny_page.page
    why = page.locator('.row[data-title="op.matmul"] .why').nth(1)
    assert not why.locator("p").first.is_visible()
    why.locator("summary").focus()
    page.keyboard.press("Enter")
    text = why.inner_text()
    assert "by the chain rule" in text
    assert "w = w2" in text
    assert "(N, H)·(H, D) → (N, D)" in text
    assert "grad_x = grad_y @ w.T" in text
    page.check('input[name="language"][value="ja"]', force=True)
    assert "連鎖律" in why.inner_text()
    assert "なぜ" in why.locator("summary").inner_text()


def test_derivations_fit_a_narrow_screen(opened: Browser, book: Path) -> None:
    with watching(opened, book / "two_layer_tiny.html", viewport=NARROW) as watched:
        watched.page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        for language in ("en", "ja"):
            watched.page.check(f'input[name="language"][value="{language}"]', force=True)
            assert watched.width() <= NARROW["width"]
