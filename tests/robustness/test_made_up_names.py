"""What a saved run calls things does not reach out of the report's folder, into a page's code or into a spreadsheet."""

import csv
import json
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest

from reports.text.table import flat_table, render_table
from tests.lockstep.commands.commands import Lockstep
from tests.robustness import saved

NAMES = (
    "../../evil",
    "/tmp/evil",
    "..",
    ".",
    "javascript:alert(1);a",
    "data:text/html,<script>alert(1)</script>",
    "a/b\\c",
    "<img src=x onerror=alert(1)>",
    "index",
    "ネットワーク" * 40,
    "📈",
)


class _Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.elements: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


def test_pages_stay_in_their_folder_and_links_lead_to_them(lockstep: Lockstep, tmp_path: Path) -> None:
    document = saved.decoded()
    document["results"] = [{**document["results"][0], "scenario": name} for name in (*NAMES, NAMES[0])]
    (tmp_path / "run.json").write_bytes(saved.encoded(document))
    pages = tmp_path / "in" / "a" / "folder"
    answer = lockstep("report", tmp_path / "run.json", "-o", pages)
    assert answer.exit_code == 0, answer.stderr
    written = {path.name for path in pages.iterdir()}
    assert len(written) == len(NAMES) + 2  # one more of the first name, and the index
    assert all(re.fullmatch(r"[\w-]+\.html", name) for name in written)
    assert {path.name for path in tmp_path.iterdir()} == {"run.json", "in"}
    links = _Links((pages / "index.html").read_text(encoding="utf-8"))
    others = {link for link in links.found if link != "data:," and not link.startswith("#")}
    assert others == written - {"index.html"}
    for name in written:
        assert "img" not in _Links((pages / name).read_text(encoding="utf-8")).elements


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\t=1"])
def test_a_spreadsheet_computes_no_text(text: str) -> None:
    (row,) = csv.DictReader(StringIO(flat_table([{"name": text, "number": -1.5}], "csv")))
    assert row == {"name": f"'{text}", "number": "-1.5"}
    assert json.loads(flat_table([{"name": text}], "json")) == [{"name": text}]


@pytest.mark.parametrize("text", ["-1.5", "+2", "-inf", "plain"])
def test_a_text_that_is_a_number_stays_one(text: str) -> None:
    assert flat_table([{"name": text}], "csv") == f"name\n{text}\n"


def test_a_table_for_github_has_no_html_of_its_cells() -> None:
    table = render_table([{"name": "<script>|</script> & ≤"}], "github")
    assert "&lt;script&gt;\\|&lt;/script&gt; &amp; ≤" in table
