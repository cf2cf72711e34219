"""The page of a student's file: its points, its mistakes, and in a browser nothing that fails."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness.studies.lab.document import LabDocument
from harness.studies.lab.grading import grade
from harness.studies.lab.submission import load_submission
from reports.page.lab import LabContent, Mark, marks_of, render_lab
from tests.reports.page.pages import PHONE, WIDE, watching

SOURCE = '''
import numpy as np


def relu(x):
    """<script>alert(1)</script>"""
    return np.maximum(x, 0), lambda grad_y: (np.where(x >= 0, grad_y, "<b>" and 0),)


def matmul(x, w):
    return x @ w, lambda grad_y: (grad_y @ w.T, x @ grad_y)
'''


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> LabDocument:
    path = tmp_path_factory.mktemp("lab") / "mine.py"
    path.write_text(SOURCE)
    return grade(load_submission(path), ("relu", "matmul"), hints=2, solution=lambda op: f"def {op}(x): ...")


def page_of(document: LabDocument) -> str:
    return render_lab(LabContent(document, "lockstep lab check mine.py"), "en")


def test_a_mark_is_one_tensor_in_one_case(document: LabDocument) -> None:
    relu, _ = document.ops
    marks = marks_of(relu)
    assert list(marks) == ["y", "grad_x"]
    cases = list(dict.fromkeys(cell.case for cell in relu.cells))
    assert marks["y"][cases.index("ties and exact zeros")] == Mark(2, 2)
    assert marks["grad_x"][cases.index("ties and exact zeros")] == Mark(0, 2)
    of_tensors = [mark for row in marks.values() for mark in row if mark is not None]
    assert sum(mark.of for mark in of_tensors) == relu.of
    assert sum(mark.right for mark in of_tensors) == relu.points


def test_the_page_has_the_points_the_lines_and_the_words(document: LabDocument) -> None:
    page = page_of(document)
    for said in (
        f"{document.points} of {document.of} points",
        "mine.py:7",
        "both sides are equal here",
        "One of them must be transposed",
        "Hint 2",
        "def matmul(x): ...",
    ):
        assert said in page
    assert "&lt;b&gt;" in page
    assert "<b>&#34;" not in page
    assert '"<b>"' not in page


def test_a_solution_that_was_not_asked_for_is_not_there(document: LabDocument, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    page = page_of(grade(load_submission(path), ("relu", "matmul")))
    assert "The hand-written op</span></summary>" not in page
    assert "Hint" not in page.split('id="strings"')[0]


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "dark"), (PHONE, "light")], ids=["wide", "phone"])
def test_nothing_fails_in_a_browser(
    viewport: dict[str, int], scheme: str, opened: Browser, document: LabDocument, tmp_path: Path
) -> None:
    file = tmp_path / "lab.html"
    file.write_text(page_of(document), encoding="utf-8")
    with watching(opened, file, viewport=viewport, color_scheme=scheme) as watched:
        page = watched.page
        page.locator('input[name="language"][value="ja"]').check(force=True)
        assert page.locator("#points-heading").inner_text().endswith(f"{document.of} 点中 {document.points} 点")
        page.locator("details").evaluate_all("all => all.forEach((details) => { details.open = true; })")
        assert len(watched.requests) == 1
        assert watched.width() <= viewport["width"]
