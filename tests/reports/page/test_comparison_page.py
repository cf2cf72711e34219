"""What stands in the page of a comparison, and where: rows, marks, weights, settings, and nothing that is not text."""

import re
from html.parser import HTMLParser
from typing import Any, get_args

import msgspec
import pytest

from harness.comparing.document.outcome import Finding, FindingKind, Layout, Outcome
from harness.comparing.document.side_by_side import CatalogueEntry
from reports.languages.language import Language
from reports.page.call_rows import call_rows
from reports.page.comparison import ComparisonContent, render_comparison
from reports.page.index import render_index
from reports.page.text import strings
from tests.reports.page.comparisons import STEPS, agreeing, detached, parting
from tests.reports.page.pages import data_of

EVIL = '<img src=x onerror="alert(1)">&\'`'


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes, and the text inside each row of the map."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.rows: dict[str, str] = {}
        self._row = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.found.append((tag, attributes))
        if attributes.get("id", "").startswith("row-"):
            self._row = attributes["id"]
            self.rows[self._row] = ""
        elif tag == "section":
            self._row = ""

    def handle_data(self, data: str) -> None:
        if self._row:
            self.rows[self._row] += data

    def classes(self, identity: str) -> set[str]:
        """The classes of one element."""
        return next(set(given["class"].split()) for _, given in self.found if given.get("id") == identity)


def page_of(outcome: Outcome, language: Language = "en", **changes: Any) -> str:
    """The page of an outcome, of which parts are changed first."""
    changed = msgspec.structs.replace(outcome, **changes)
    return render_comparison(ComparisonContent(changed, {"python": "3"}, "lockstep report port.json"), language)


def between(page: str, start: str, end: str) -> str:
    return page[page.index(start) : page.index(end, page.index(start))]


def test_a_page_is_one_file_that_loads_nothing() -> None:
    for outcome in (agreeing(), parting(), detached()):
        page = page_of(outcome)
        found = Elements(page).found
        addresses = {given[name] for _, given in found for name in ("src", "href", "action", "srcset") if name in given}
        assert {address for address in addresses if not address.startswith("#")} == {"data:,"}
        assert "url(" not in page
        identities = [given["id"] for _, given in found if "id" in given]
        assert len(identities) == len(set(identities))
        assert {address[1:] for address in addresses if address.startswith("#")} <= set(identities)


def test_the_verdict_and_the_first_parting_stand_above_the_map() -> None:
    page = page_of(parting())
    top = between(page, 'id="verdict"', 'id="calls"')
    assert strings("en")["verdict.disagree"] in top
    assert "forward parts at norm: batch_norm (" in top
    assert "eps 1e-05 | 0.001" in top
    assert re.sub(r"<[^>]+>", "", top).count("self.norm(self.affine(x))") == 2
    assert 'href="#row-2"' in top


def test_every_call_has_a_row_in_order() -> None:
    elements = Elements(page_of(agreeing()))
    beside = agreeing().side_by_side
    assert list(elements.rows) == [f"row-{number}" for number in range(1, len(beside.rows) + 1)]
    for row, text in zip(beside.rows, elements.rows.values(), strict=True):
        assert row.left is not None
        assert text.count(beside.left[row.left].function) >= 2


def test_the_row_of_the_parting_is_marked_and_shows_both_values() -> None:
    elements = Elements(page_of(parting()))
    assert elements.classes("row-2") == {"call-row", "parting", "differing", "unequal", "marked"}
    assert "eps 1e-05" in elements.rows["row-2"]
    assert "eps 0.001" in elements.rows["row-2"]
    assert "parts here" in elements.rows["row-2"]
    assert [identity for identity in elements.rows if "marked" in elements.classes(identity)] == ["row-2"]
    page = page_of(parting())
    marks = re.findall(r"<mark>(.*?)</mark>", between(page, 'id="row-2"', 'id="row-3"'))
    assert marks == ["eps 1e-05", "eps 0.001"]
    assert elements.classes("row-1") == {"call-row"}
    assert "marked" not in Elements(page_of(agreeing())).classes("row-2")


def test_a_wrong_gradient_and_a_call_of_one_side_are_marked() -> None:
    elements = Elements(page_of(detached()))
    assert "gradient-wrong" in elements.classes("row-1")
    assert "gradient 1" in elements.rows["row-1"]
    assert elements.classes("row-3") >= {"parting", "alone"}
    assert "equal in row 2" in elements.rows["row-3"]
    told = [identity for identity in elements.rows if "gradient-wrong" in elements.classes(identity)]
    assert told == ["row-1", "row-2"]


def test_steps_of_a_loop_are_folded() -> None:
    (_, fold, _) = call_rows(agreeing())
    assert (fold.times, fold.length) == (STEPS - 1, 2)
    page = page_of(agreeing())
    folded = between(page, "<details>", "</details>")
    assert f"{STEPS - 1} more times the 2 rows above" in folded
    assert folded.count('<li class="call-row') == 2 * (STEPS - 1)
    assert "marked" not in folded


def test_a_step_that_parts_is_not_folded_away() -> None:
    beside = agreeing().side_by_side
    rows = list(beside.rows)
    rows[10] = msgspec.structs.replace(rows[10], is_parting=True)
    parts = call_rows(msgspec.structs.replace(agreeing(), side_by_side=msgspec.structs.replace(beside, rows=rows)))
    shown = [row.number for part in parts if not part.times for row in part.rows]
    assert 11 in shown
    assert len(shown) < len(rows)


def test_weights_stand_in_a_table_with_all_their_differences() -> None:
    table = between(page_of(detached()), 'id="weights"', 'id="settings"')
    cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", between(table, "<tbody>", "</tr>"))]
    assert cells[:5] == ["affine.weight", "4 × 5", "the same", "0", "1"]
    bad = {
        name: between(table, f"<code>{name}", "</tr>").count('class="bad"') for name in ("norm.weight", "repeated.bias")
    }
    assert bad == {"norm.weight": 2, "repeated.bias": 0}
    assert "norm.running_mean" in table
    agrees = between(page_of(agreeing()), 'id="weights"', 'id="settings"')
    assert 'class="bad"' not in agrees
    assert "float64, after update 3" in agrees
    assert "float32, after update 3" in agrees


def test_what_fits_nothing_is_listed() -> None:
    page = page_of(agreeing(), only_right=["extra.weight", EVIL])
    assert "<code>extra.weight</code>" in page
    assert "fit nothing on the other side" in page
    assert "fit nothing" not in page_of(agreeing())[: page_of(agreeing()).index('id="strings"')]


def test_settings_of_calls_and_optimizers_are_compared() -> None:
    part = between(page_of(parting()), 'id="settings"', 'id="curves"')
    assert re.findall(r"<mark>(.*?)</mark>", part) == ["1e-05", "0.001", "0.1", "0.2"]
    part = between(page_of(agreeing()), 'id="settings"', 'id="curves"')
    assert "<mark>" not in part
    assert "Calls that belong together have the same settings." in part


def test_entries_of_the_catalogue_are_told() -> None:
    entry = CatalogueEntry(name="adam_eps", title="It is <added> before.", chainer="Adam(a)", torch="Adam(b)")
    page = page_of(agreeing(), catalogue=[entry])
    assert "It is &lt;added&gt; before." in page
    assert "Adam(a)" in page
    assert "Adam(b)" in page


def test_losses_are_the_outcomes_own() -> None:
    agrees, parts = data_of(page_of(agreeing())), data_of(page_of(parting()))
    assert [each["dtype"] for each in agrees["losses"]] == ["float64", "float32"]
    assert agrees["losses"][0]["left"] == agreeing().updates[0].left_losses
    assert parting().losses is not None
    assert parts["losses"] == [msgspec.to_builtins(parting().losses)]
    assert "The first update is wrong already" in between(page_of(parting()), 'id="curves"', "</section>")
    assert "The first update is wrong already" not in between(page_of(agreeing()), 'id="curves"', "</section>")


def test_numbers_that_are_none_are_drawn() -> None:
    losses = msgspec.structs.replace(parting().losses, left=[1.0, "nan", "inf"], right=[1.0, 2.0, "inf"])  # type: ignore[type-var]
    page = page_of(parting(), losses=losses)
    assert data_of(page)["losses"][0]["left"] == [1, "nan", "inf"]
    assert re.findall(r"<td>([^<]*)</td></tr>", between(page, 'id="curves"', "</section>")) == ["0", "nan", "nan"]


def test_nothing_to_train_leaves_out_the_curves() -> None:
    page = page_of(agreeing(), updates=[], losses=None)
    assert 'id="curves"' not in page
    assert 'href="#curves"' not in page
    assert strings("en")["comparison.agree.once"] in page
    assert strings("en")["comparison.agree.what"] not in page[: page.index('id="strings"')]


def test_a_side_that_can_not_be_watched_is_said_to_be() -> None:
    beside = agreeing().side_by_side
    rows = [msgspec.structs.replace(row, left=None, apart=None, gradient=None) for row in beside.rows]
    right = [msgspec.structs.replace(call, has_equal=False) for call in beside.right]
    page = page_of(agreeing(), side_by_side=msgspec.structs.replace(beside, left=[], right=right, rows=rows))
    assert "Network (torch): what this side computes in between can&#39;t be watched" in page
    assert strings("en")["comparison.row.unequal"] not in page[: page.index('id="strings"')]
    unseen = page_of(
        agreeing(), side_by_side=msgspec.structs.replace(beside, left=[], right=[], rows=[]), compared=0, results=0
    )
    assert 'id="calls"' not in unseen
    assert 'href="#calls"' not in unseen


def evil(value: Any) -> Any:
    """The same with every text replaced by one that would be markup, but for what is one of a few words."""
    words = {"agree", "disagree", "forward", "same", "transposed", "nan", "float64", "float32", "backward"}
    if isinstance(value, str):
        return value if value in words else f"{value}{EVIL}"
    if isinstance(value, list):
        return [evil(item) for item in value]
    return {f"{key}{EVIL}": evil(item) for key, item in value.items()}


def changed_everywhere(outcome: Outcome) -> Outcome:
    """An outcome whose names, places, lines, settings and notes are all markup."""
    plain: dict[str, Any] = msgspec.to_builtins(outcome)

    def walk(value: Any, *, is_struct: bool) -> Any:
        if isinstance(value, dict) and is_struct:
            return {
                key: walk(
                    item, is_struct=key not in ("settings", "sources", "optimizer_settings") or isinstance(item, list)
                )
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [walk(item, is_struct=is_struct) for item in value]
        return value if value is None or isinstance(value, int | float) else evil(value)

    return msgspec.convert(walk(plain, is_struct=True), Outcome)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_text_of_a_model_becomes_markup(language: Language) -> None:
    finding = Finding(kind="forward", text="parts", left_place="a.py:1", right_place="b.py:2")
    entry = CatalogueEntry(name="n", title="t", chainer="c", torch="t")
    outcome = msgspec.structs.replace(
        parting(), findings=[finding], catalogue=[entry], notes=["note"], only_left=["w"], only_right=["v"]
    )
    strange = changed_everywhere(outcome)
    page = page_of(strange, language)
    assert EVIL not in page
    assert page.count("&lt;img src=x") > 50
    elements = Elements(page)
    assert all(tag != "img" for tag, _ in elements.found)
    assert all(not name.startswith("on") for _, given in elements.found for name in given)
    assert data_of(page)["sides"][0].startswith(f"Network{EVIL}")
    content = ComparisonContent(strange, {}, EVIL)
    index = render_index([("a.html", content)], language)
    assert all(tag != "img" for tag, _ in Elements(index).found)


def test_certificates_of_both_sides_are_counted() -> None:
    certificate = agreeing().left.certificate
    assert certificate is not None
    top = between(page_of(agreeing()), 'id="verdict"', 'id="calls"')
    said = f"{certificate.certified} calls certified, op by op: {certificate.checks} checks, 0 failed"
    assert top.count(said) == 2
    opaque = msgspec.structs.replace(certificate, opaque=["strange (mine.py:3): no op"], certified=0)
    left = msgspec.structs.replace(agreeing().left, certificate=opaque)
    top = between(page_of(agreeing(), left=left), 'id="verdict"', "</section>")
    assert "Compared only, since no op computes them (1)" in top
    assert re.search(r"<li><span[^>]*>strange \(mine\.py:3\): no op</span></li>", top)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_kind_has_a_text(language: Language) -> None:
    for kind in get_args(FindingKind):
        page = page_of(agreeing(), language, findings=[Finding(kind=kind, text="it")])
        assert strings(language)[f"comparison.kind.{kind}"] in page[: page.index('id="strings"')], kind
    for layout in get_args(Layout):
        weights = [msgspec.structs.replace(pair, layout=layout) for pair in agreeing().weights]
        page = page_of(agreeing(), language, weights=weights)
        assert strings(language)[f"comparison.layout.{layout}"] in page[: page.index('id="strings"')], layout


def test_code_in_a_sentence_is_code() -> None:
    finding = Finding(kind="optimizer", text="the optimizer (see `lockstep differences adam_eps`)")
    outcome = msgspec.structs.replace(agreeing(), verdict="disagree", findings=[finding], notes=["odd `tick"])
    page = page_of(outcome)
    assert '<p><span lang="en">the optimizer (see <code>lockstep differences adam_eps</code>).</span></p>' in page
    index = render_index([("a.html", ComparisonContent(outcome, {}, ""))], "en")
    assert '<p><span lang="en">the optimizer (see <code>lockstep differences adam_eps</code>).</span></p>' in index


def test_it_opens_in_both_languages() -> None:
    page = page_of(detached(), "ja")
    shown = page[: page.index('id="strings"')]
    assert page.startswith('<!doctype html>\n<html lang="ja"')
    assert strings("ja")["comparison.disagree.what"] in shown
    assert strings("en")["comparison.disagree.what"] not in shown


def test_an_outcome_without_a_name_is_called_after_its_models() -> None:
    assert "<title>Network | Network</title>" in page_of(agreeing(), name="")
