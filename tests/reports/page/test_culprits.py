"""What a page says of its culprits: the verdict and the marks in the map follow from the same facts."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from harness.recording.loading import load_backends
from harness.results import Mismatch, Result
from harness.run import run_scenario
from reports.page.page import PageContent, render_page
from reports.page.run.culprits import as_data, marks, marks_by_row, own_of_row
from reports.page.run.map import page_rows
from reports.page.run.verdict import findings
from reports.source.own_lines import OwnFunction, OwnLine
from tests.harness.studies.article_runs import PROGRAM, TINY

ROWS = page_rows(PROGRAM)
SHAPES = {"grad_h": [2, 4], "h_r": [2, 4]}


@pytest.fixture(scope="module")
def agreed() -> Result:
    return run_scenario(TINY.vary(epochs=4), load_backends(["numpy", "torch"]))


def mismatch(**changes: Any) -> Mismatch:
    wrong = Mismatch(
        backend="numpy",
        epoch=2,
        update=2,
        phase="backward",
        call="h_r",
        op="relu",
        tensor="grad_h",
        index=(1, 2),
        got=1.0,
        want=2.0,
        error=1.0,
        allowed=0.1,
        ulps=9.0,
    )
    return replace(wrong, **changes)


def failed(result: Result, verdict: str, found: list[Mismatch], checks: int) -> Result:
    counts = {name: {**each, "failed": checks} for name, each in result.certified.items()}
    none = [None] * len(found)
    return replace(result, verdict=verdict, culprits=found, certified=counts, rulings=none, explanations=none)


@pytest.mark.parametrize(
    ("verdict", "checks", "slight", "key", "sort", "heading"),
    [
        ("disagree", 3, False, "culprit.certificate", "wrong", "Where it goes wrong"),
        ("disagree", 0, False, "culprit.parted", "parts", "Where the runs part"),
        ("disagree", 3, True, "culprit.slight", "slight", "Where a bound is exceeded"),
        ("inconclusive", 3, True, "culprit.slight", "slight", "Where a bound is exceeded"),
        ("drift", 0, False, "culprit.parted", "parts", "Where the runs part"),
    ],
)
def test_the_verdict_and_the_marks_say_the_same(
    verdict: str,
    checks: int,
    slight: bool,
    key: str,
    sort: str,
    heading: str,
    agreed: Result,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reports.page.run.verdict.explanation_lines", lambda *_, **__: ["its arithmetic"])
    result = failed(agreed, verdict, [mismatch(slight=slight)], checks)
    assert [entry["key"] for entry in findings(result)] == [key]
    assert [mark.sort for mark in marks(result, PROGRAM, ROWS)] == [sort]
    page = page_of(result)
    assert re.findall(r'<div class="culprits">\s*<h3><span [^>]*>([^<]*)', page) == [heading]
    assert f'data-s="mark.{sort}.row"' in page
    assert ("culprit-row not-wrong" in page) == (sort != "wrong")


def page_of(result: Result) -> str:
    return render_page(PageContent(result=result, versions={}, description="", program=PROGRAM, numbers=None), "en")


def test_a_suspect_of_runs_that_agree_is_not_said_to_part(agreed: Result) -> None:
    page = page_of(replace(agreed, suspects=[mismatch()]))
    assert "Where a sum is further off than is usual" in page
    assert ">Where the runs part<" not in page


def test_every_backend_that_fails_in_a_row_is_named_in_it(agreed: Result) -> None:
    found = [
        mismatch(),
        mismatch(backend="mine"),
        mismatch(backend="theirs", tensor="y_p", call="y_p", phase="forward"),
    ]
    shown = marks(failed(agreed, "drift", found, 0), PROGRAM, ROWS)
    assert {row: [mark.backend for mark in each] for row, each in marks_by_row(shown).items()} == {
        2: ["numpy", "mine"],
        3: ["theirs"],
    }
    section = page_of(failed(agreed, "drift", found, 0)).partition('id="row-2"')[2].partition('id="row-3"')[0]
    assert section.count('<p class="mark">') == 2


def test_marks_keep_their_places_where_one_is_of_a_tensor_that_the_page_lacks(agreed: Result) -> None:
    found = [mismatch(tensor="unknown"), mismatch(update=7, epoch=3)]
    data = as_data(marks(failed(agreed, "disagree", found, 1), PROGRAM, ROWS), SHAPES)
    assert data[0] is None
    assert data[1] is not None
    assert (data[1]["update"], data[1]["flat"]) == (7, 6)


def test_a_row_without_a_function_of_its_own_has_the_loop_where_the_backend_failed(agreed: Result) -> None:
    loop, tanh = (OwnFunction("mine.py", (OwnLine(n, "pass", "forward"),)) for n in (1, 9))
    own = {"train": (loop,), "tanh": (tanh,)}
    shown = marks(failed(agreed, "drift", [mismatch(backend="mine")], 0), PROGRAM, ROWS)
    assert own_of_row(ROWS[1], "mine", own, shown) == (loop,)
    assert own_of_row(ROWS[1], "other", own, shown) == ()
    assert own_of_row(ROWS[1], "mine", {**own, "relu": (tanh,)}, shown) == (tanh,)
