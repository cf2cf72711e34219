"""The page of a failed run: the row, the lines and the element of the culprit are marked, and no table hides it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from harness.files import write_file
from harness.recording.catalogue import find_scenarios
from lockstep.pages.writing import rendered
from tests.reports.page.kinds import content_of
from tests.reports.page.pages import WIDE, Watched, data_of, watching

NO_MASK = """from backends.numpy_manual import *


def relu(x):
    \"\"\"Without its mask.\"\"\"

    def backward(grad_y):
        return unmasked(grad_y)

    return np.maximum(x, 0), backward


def unmasked(grad_y):
    return (grad_y,)
"""
ONLY_FLOAT32 = """from backends.numpy_manual import *


def relu(x):
    y = np.maximum(x, 0) if x.dtype == np.float64 else np.maximum(x, 0) + (x > 1.7)
    return y.astype(x.dtype), lambda grad_y: (np.where(x > 0, grad_y, 0),)
"""
WHOLE_GRADIENT = """from backends.contract import Step
from backends.numpy_manual import *


def train(ops, program, weights, batches, *, trace=False):
    w1, w2 = weights["w1"].copy(), weights["w2"].copy()
    for batch in batches:
        h = batch["x"] @ w1
        h_r = np.maximum(h, 0)
        difference = h_r @ w2 - batch["y"]
        grad_y_p = 2 * difference / difference.size
        grads = {"w1": batch["x"].T @ (grad_y_p @ w2.T), "w2": h_r.T @ grad_y_p}
        w1, w2 = w1 - np.float32(1e-4) * grads["w1"], w2 - np.float32(1e-4) * grads["w2"]
        yield Step(loss=np.mean(difference * difference), weights={"w1": w1, "w2": w2}, grads=grads)
"""
STARTS_AT_UPDATE_7 = """from backends.numpy_manual import *

calls = 0


def relu(x):
    global calls
    calls += 1
    is_wrong = calls > 7
    return np.maximum(x, 0), lambda grad_y: (np.where((x > 0) | is_wrong, grad_y, 0),)
"""


WRONG_IN_THE_LAST_BATCH = """from backends.numpy_manual import *


def tanh(x):
    y = np.tanh(x)
    return y, lambda grad_y: (grad_y * (1 - y * y) if len(x) == 10 else grad_y,)
"""
LAST_BATCH_IS_SMALLER = """from scenarios import param, randn, scenario, sgd


@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), batch_size=10, x=randn(12, 16), 重み=param(16, 16))
def network(op, x, 重み):
    start = op.matmul(x, 重み)
    valueOf = op.tanh(start)
    平均 = op.reduce_mean(valueOf)
    return 平均
"""


EPOCHS = 3


def page_of(folder: Path, source: str, scenario: str) -> Path:
    """The page of three epochs of a scenario, run by a backend `mine`, which has this source."""
    (folder / "mine.py").write_text(source, encoding="utf-8")
    page, (network,) = folder / "page.html", find_scenarios([scenario])
    content = content_of(network, EPOCHS, ["numpy", f"mine={folder / 'mine.py'}"])
    write_file(page, rendered(content, "en"))
    return page


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_of(tmp_path_factory.mktemp("failed"), NO_MASK, "two_layer_tiny")


@pytest.fixture
def failed_page(opened: Browser, failed: Path) -> Iterator[Watched]:
    with watching(opened, failed, viewport=WIDE) as watched:
        yield watched


def test_the_verdict_names_the_culprit_first_and_leads_to_it(failed_page: Watched) -> None:
    page = failed_page.page
    lead = page.locator("#verdict .lead")
    expect(lead).to_contain_text("mine computes grad_h[0, 0] wrong at epoch 1: relu, backward.")
    page.get_by_role("button", name="Last epoch").click()
    lead.get_by_role("link").click()
    expect(page.locator("#epoch-shown")).to_have_text("1")
    expect(page.locator("#row-2")).to_be_in_viewport()
    expect(page.locator("#row-2 .mark")).to_have_text("mine goes wrong here first, at epoch 1 (backward).")
    expect(page.locator("#panel .panel-title")).to_contain_text("grad_h[0, 0]")
    expect(page.locator("#panel")).to_contain_text("where(h[0, 0] > 0, grad_h_r[0, 0], 0)")


def test_the_page_opens_at_the_culprit_and_marks_its_element(failed_page: Watched) -> None:
    page = failed_page.page
    expect(page.locator('input[name="backend"][value="mine"]')).to_be_checked()
    marked = page.locator("#map td.culprit-cell")
    assert marked.evaluate_all("all => all.map((td) => td.closest('figure').dataset.tensor)") == ["grad_h"]
    expect(marked).to_have_attribute("aria-label", "grad_h[0, 0] 0.24391866, wrong")
    page.locator('input[name="backend"][value="numpy"]').check(force=True)
    expect(marked).to_have_count(0)
    page.locator('input[name="backend"][value="mine"]').check(force=True)
    expect(marked).to_have_count(1)
    page.get_by_role("button", name="Next epoch").click()
    expect(marked).to_have_count(0)


def test_the_backend_that_failed_has_a_column_with_its_own_lines(failed_page: Watched) -> None:
    page = failed_page.page
    own = page.locator("#row-2 .cell.own")
    lines = [line for line in NO_MASK.split("\n")[3:] if line.strip() and '"""' not in line]
    assert own.locator(".line").all_text_contents() == lines
    assert own.locator(".place").all_inner_texts() == ["mine.py:4", "mine.py:13"]
    assert own.locator(".culprit-line").all_text_contents() == [
        "    def backward(grad_y):",
        "        return unmasked(grad_y)",
    ]
    assert page.locator("#map .culprit-line").count() == 2
    expect(page.locator("#map .heads > div").last).to_have_text("mine")
    by_hand, users = (page.locator(f"#row-2 .cell.{key}").bounding_box() for key in ("forward", "own"))
    assert by_hand is not None
    assert users is not None
    assert by_hand["y"] == users["y"]
    assert by_hand["x"] < users["x"]


def test_tables_tell_the_failures(failed_page: Watched) -> None:
    page = failed_page.page
    checked = page.locator("#certificates tbody tr", has_text="relu").filter(has_text="backward")
    expect(checked).to_contain_text(f"{EPOCHS} failed")
    expect(checked).to_contain_text("mine")
    assert "%" not in checked.inner_text()
    heads = page.locator("#verdict .numbers thead tr").first.locator("th").all_inner_texts()
    assert "checks failed" in heads
    assert page.locator("#verdict .numbers td.failed").all_inner_texts() == [str(EPOCHS)]
    page.locator('input[name="language"][value="ja"]').check(force=True)
    expect(page.locator("#certificates .failed")).to_have_text(f"不合格 {EPOCHS} 件")


@pytest.mark.parametrize(
    ("source", "network", "update", "said", "tensor", "own"),
    [
        pytest.param(ONLY_FLOAT32, "two_layer_tiny", 1, "relu, forward", "h_r", "def relu(x):", id="float32-alone"),
        pytest.param(WHOLE_GRADIENT, "two_layer_tiny", 1, "backward", "grad_w1", "def train", id="a-loop"),
        pytest.param(NO_MASK, "two_layer", 1, "relu, backward", "grad_h", "def relu(x):", id="a-large-network"),
        pytest.param(STARTS_AT_UPDATE_7, "digits", 7, "relu, backward", "grad_add_1", "def relu(x):", id="later"),
    ],
)
def test_other_failures_are_pointed_at(
    source: str,
    network: str,
    update: int,
    said: str,
    tensor: str,
    own: str,
    opened: Browser,
    tmp_path: Path,
) -> None:
    path = page_of(tmp_path, source, network)
    data = data_of(path.read_text(encoding="utf-8"))
    (culprit, *_) = data["culprits"]
    assert data["shown"]["1"] == update
    with watching(opened, path, viewport=WIDE) as watched:
        page = watched.page
        expect(page.locator("#verdict .lead")).to_contain_text(said)
        marked = page.locator("#map td.culprit-cell").first
        assert marked.evaluate("td => td.closest('figure').dataset.tensor") == culprit["tensor"] == tensor
        expect(page.locator(f"#row-{culprit['row']} .cell.own")).to_contain_text(own)


@pytest.fixture(scope="module")
def on_fewer_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network whose tensors have odd names, and go wrong in an update on fewer rows than the first."""
    folder = tmp_path_factory.mktemp("fewer_rows")
    (folder / "network.py").write_text(LAST_BATCH_IS_SMALLER, encoding="utf-8")
    return page_of(folder, WRONG_IN_THE_LAST_BATCH, str(folder / "network.py"))


def test_tensors_may_be_called_anything(opened: Browser, on_fewer_rows: Path) -> None:
    with watching(opened, on_fewer_rows, "?lang=constructor", viewport=WIDE) as watched:
        page, panel = watched.page, watched.page.locator("#panel")
        ids = page.locator("[id]").evaluate_all("all => all.map((e) => e.id)")
        assert len(ids) == len(set(ids))
        page.locator("[id='block-valueOf']").evaluate("block => block.scrollIntoView()")
        page.locator("#outline summary").click()
        expect(page.locator("#outline a[aria-current]")).to_have_count(1)
        page.keyboard.press("Escape")
        page.locator("#epoch").press("End")
        for tensor, title, formula, used in (
            ("valueOf", "valueOf[0, 0]", "valueOf[0, 0] = tanh(start[0, 0])", "start"),
            ("new 重み", "重み[0, 0] (after the update)", "重み[0, 0] - ", "重み"),
        ):
            page.locator(f"#map figure[data-tensor='{tensor}'] td").first.focus()
            expect(panel.locator(".panel-title")).to_contain_text(title)
            expect(panel).to_contain_text(formula)
            expect(page.locator(f"#map figure[data-tensor='{used}'] td.used")).to_have_count(1)
        page.locator("#map .line").first.focus()
        assert page.locator("#map .lit").count() == 1
        page.keyboard.press("Escape")
        expect(panel.locator(".hint")).to_be_visible()
        assert page.locator("#map :is(.lit, .counterpart, .read, .written)").count() == 0


def test_a_browser_that_cannot_unpack_the_data_is_told_so(opened: Browser, on_fewer_rows: Path) -> None:
    page = opened.new_page()
    page.add_init_script("delete globalThis.DecompressionStream")
    page.goto(on_fewer_rows.resolve().as_uri())
    expect(page.locator("#needs-newer")).to_be_visible()
    page.close()


def test_a_failure_on_fewer_rows_is_shown_in_the_form_of_the_first_update(opened: Browser, on_fewer_rows: Path) -> None:
    with watching(opened, on_fewer_rows, viewport=WIDE) as watched:
        culprit = watched.page.locator("#map .culprit-cell")
        expect(culprit).to_have_count(1)
        figure = watched.page.locator("#map .start figure[data-tensor='x']")
        expect(figure.locator("tbody tr")).to_have_count(2)
        expect(figure.locator("figcaption")).to_contain_text("(2, 16)")
        # What is written out is written out for ten rows.
        culprit.focus()
        expect(watched.page.locator("#panel")).to_contain_text("an update on fewer rows")
        expect(watched.page.locator("#panel")).not_to_contain_text("/ 160")
        watched.page.locator("#epoch").press("End")
        expect(figure.locator("tbody tr")).to_have_count(5)
        expect(figure.locator("figcaption")).to_contain_text("(10, 16)")
        assert "undefined" not in watched.page.locator("#map").inner_text()


def test_runs_that_agree_have_no_marks(tiny_page: Watched) -> None:
    assert tiny_page.page.locator(".culprit-row, .culprit-cell, .culprit-line, .mark, .cell.own").count() == 0
    expect(tiny_page.page.locator('input[name="backend"][value="numpy"]')).to_be_checked()
