"""The ladder's page: from rung to rung by click and key, both programs with their matrices, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from backends.climbing.lines import COMPUTED, computed_by
from harness.studies.ladder import Rung, ladders, rung_backend
from lockstep.pytest_plugin import loaded_or_skipped
from reports.languages.translation import translated
from reports.page.ladder import CARDS, LadderContent, render_ladder
from tests.reports.page.kinds import ladder_of
from tests.reports.page.pages import NARROW, WIDE, Watched, data_of, watching

EPOCHS = 20
RUNGS = {rung.name: rung for rungs in ladders().values() for rung in rungs}
COMPUTED_IN_AN_EPOCH = {
    *("x", "y", "w1", "w2", "h", "h_r", "y_p", "loss"),
    *("grad_y_p", "grad_h_r", "grad_w2", "grad_h", "grad_w1", "new w1", "new w2"),
}


@pytest.fixture(scope="module")
def content(pytestconfig: pytest.Config) -> LadderContent:
    for name in ladders():
        loaded_or_skipped(name, required=pytestconfig.getoption("--require-backends"))
    return ladder_of(EPOCHS)


@pytest.fixture(scope="module")
def file(content: LadderContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ladder") / "ladder.html"
    path.write_text(render_ladder(content, "en"), encoding="utf-8")
    return path


@pytest.fixture
def watched(opened: Browser, file: Path) -> Iterator[Watched]:
    with watching(opened, file, viewport=WIDE) as watched:
        yield watched
        assert len(watched.requests) == 1


@pytest.mark.parametrize("rung", RUNGS.values(), ids=RUNGS)
def test_the_lines_of_a_rung_compute_each_tensor_once(rung: Rung) -> None:
    computed = [tensor for line in rung.code.splitlines() for tensor in computed_by(line)]
    assert sorted(computed) == sorted(COMPUTED_IN_AN_EPOCH)


def test_every_line_that_computes_stands_in_a_rung() -> None:
    assert COMPUTED.keys() <= {line.strip() for rung in RUNGS.values() for line in rung.code.splitlines()}


@pytest.mark.parametrize("rung", RUNGS.values(), ids=RUNGS)
def test_a_rung_says_the_same_in_another_language(rung: Rung) -> None:
    for english in (rung.replaces, rung.now):
        japanese = translated(english, "ja")
        assert japanese is not None
        assert japanese.endswith("。")
        assert {*english.split("`")[1::2]} >= {*japanese.split("`")[1::2]}


def test_there_is_a_card_for_each_new_name() -> None:
    assert CARDS.keys() == RUNGS.keys() - {"numpy_0_by_hand"}
    names = (
        "Variable Function Link Chain Optimizer Updater Trainer Tensor autograd nn.functional Module optim DataLoader"
    )
    assert [card for card, _ in CARDS.values()] == names.split()


def test_the_numbers_are_those_of_the_rungs(content: LadderContent, file: Path) -> None:
    data = data_of(file.read_text(encoding="utf-8"))
    assert data["epochs"] == list(range(1, EPOCHS + 1))
    assert data["backends"] == list(RUNGS)
    for name in ("chainer_7_trainer", "torch_6_data_loader"):
        last = data["numbers"][-1][name]
        last = data["numbers"][-1][last] if isinstance(last, str) else last
        random = np.random.RandomState(1)
        arrays = [random.randn(*shape).astype(np.float32) for shape in ((2, 3), (2, 3), (3, 2), (2, 3))]
        *_, (loss, weights, _) = _trained(RUNGS[name], arrays)
        kept = {**data["numbers"][-1]["numpy_0_by_hand"], **last}
        assert np.float32(kept["loss"][0]) == np.float32(loss)
        assert np.array_equal(np.float32(kept["new w1"]), np.ravel(next(iter(weights))))


def _trained(rung: Rung, arrays: list[np.ndarray]) -> Iterator[tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]]:
    import importlib

    rung_backend(rung)  # which also makes old Chainer run on today's NumPy
    module = importlib.import_module(f"backends.ladder.{rung.name}")
    return module.train(*arrays, lr=1e-4, epochs=EPOCHS)  # type: ignore[no-any-return]


def shown(page: Page) -> str:
    steps = page.locator(".step:visible")
    assert steps.count() == 1
    return str(steps.get_attribute("id"))


def test_from_rung_to_rung_by_click(watched: Watched) -> None:
    page = watched.page
    assert shown(page) == "chainer-0"
    page.get_by_role("link", name="3 Link").click()
    assert shown(page) == "chainer-3"
    assert page.url.endswith("#chainer-3")
    assert page.locator(".contents a[aria-current=step]").inner_text() == "3 Link"
    page.locator("#rung-next").click()
    assert shown(page) == "chainer-4"
    page.go_back()
    assert shown(page) == "chainer-3"
    assert page.locator(".step:visible .card").inner_text().startswith("Link")


def test_from_rung_to_rung_by_key(watched: Watched) -> None:
    page = watched.page
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    assert shown(page) == "chainer-7"
    assert page.locator("#rung-next").is_disabled()
    page.keyboard.press("ArrowLeft")
    assert shown(page) == "chainer-6"
    assert page.locator("#rung-shown").inner_text().startswith("Rung 6")
    page.locator("#epoch").focus()
    page.keyboard.press("ArrowRight")
    assert shown(page) == "chainer-6"
    assert page.locator("#epoch-shown").inner_text() == "2"


def test_the_other_ladder_shows_the_same_height(watched: Watched) -> None:
    page = watched.page
    page.keyboard.press("ArrowRight")
    page.check('input[name="ladder"][value="torch"]', force=True)
    assert shown(page) == "torch-1"
    assert page.locator(".contents li:visible").count() == len(ladders()["torch"])


def test_changed_lines_are_marked_on_both_sides(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("link", name="1 Variable").click()
    step = page.locator(".step:visible")
    removed = step.locator(".changed .removed:not(.empty) .line").all_inner_texts()
    added = step.locator(".changed .added:not(.empty) .line").all_inner_texts()
    assert any("grad_w1 = x.T @ grad_h" in line for line in removed)
    assert any("loss.backward()" in line for line in added)
    assert not any("y_p = h_r @ w2" in line for line in (*removed, *added))
    before, after = (step.locator(f".{side} .line") for side in ("removed", "added"))
    assert before.count() == len(RUNGS["numpy_0_by_hand"].code.splitlines())
    assert after.count() == len(RUNGS["chainer_1_variable"].code.splitlines())


def test_every_matrix_stands_beside_its_line_at_any_epoch(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("link", name="2 Function").click()
    step = page.locator(".step:visible")
    for side in ("removed", "added"):
        assert set(step.locator(f".{side} figure").evaluate_all("all => all.map(each => each.dataset.tensor)")) == (
            COMPUTED_IN_AN_EPOCH
        )
    loss = step.locator('.added figure[data-tensor="loss"] td')
    first = loss.inner_text()
    page.locator("#epoch-last").click()
    assert page.locator("#epoch-shown").inner_text() == str(EPOCHS)
    assert float(loss.inner_text()) < float(first)
    assert "bits" in step.locator('.added figure[data-tensor="x"] .from-before').inner_text()


def test_a_gradient_by_hand_says_why(watched: Watched) -> None:
    page = watched.page
    step = page.locator(".step:visible")
    assert step.locator(".why").count() == 5
    why = step.locator(".program-side:has(figure[data-tensor=grad_w2]) .why")
    why.locator("summary").click()
    assert "∂L/∂w[d,h]" in why.inner_text()
    assert "x = h_r" in why.inner_text()
    page.get_by_role("link", name="1 Variable").click()
    assert page.locator(".step:visible .removed .why").count() == 5
    assert page.locator(".step:visible .added .why").count() == 0


def test_both_languages(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("link", name="1 Variable").click()
    page.check('input[name="language"][value="ja"]', force=True)
    text = page.locator(".step:visible").inner_text()
    assert "1 段目：手書きの勾配を" in text
    assert "配列です" in page.locator(".step:visible .card").inner_text()
    assert "左と" in page.locator(".step:visible .from-before").first.inner_text()
    assert shown(page) == "chainer-1"


def test_no_rung_is_wider_than_a_narrow_screen(opened: Browser, file: Path) -> None:
    with watching(opened, file, viewport=NARROW) as narrow:
        for language in ("en", "ja"):
            narrow.choose_language(language)
            for ladder, rungs in ladders().items():
                for rung in rungs:
                    narrow.page.evaluate(f"location.hash = '{ladder}-{rung.number}'")
                    narrow.page.wait_for_function(f"!document.getElementById('{ladder}-{rung.number}').hidden")
                    assert narrow.width() <= NARROW["width"], rung.name
        assert narrow.barriers() == []
