"""`lockstep report` of comparisons: from a file that defines them, and from what was saved of them."""

import json
from pathlib import Path

import pytest

from reports.page.text import strings
from tests.lockstep.commands.commands import Lockstep
from tests.reports.page.pages import data_of

FILE = """
import lockstep
from tests.harness.comparing.networks import article_network as network
from scenarios import param, randn, scenario, sgd

chain = network.in_chainer()
by_hand = lockstep.Training(step=network.train, weights=network.weights())
slip = lockstep.Training(step=network.step, weights=network.weights())
right = lockstep.Comparison(by_hand, chain, network.batches(), updates=3)
wrong = lockstep.Comparison(slip, chain, network.batches(), updates=3, name="the ../wrong one")


@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))
def mine(op, x, y, w):
    return op.mean_squared_error(op.matmul(x, w), y)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_comparison_of_a_file_has_a_page(lockstep: Lockstep, file: Path, tmp_path: Path) -> None:
    output = tmp_path / "page.html"
    answer = lockstep("report", f"{file}:right", "-o", output)
    assert (answer.exit_code, answer.stdout) == (0, f"{output}\n")
    page = output.read_text(encoding="utf-8")
    assert "<h1>right</h1>" in page
    assert f"lockstep report {file}:right" in page
    assert [each["dtype"] for each in data_of(page)["losses"]] == ["float64", "float32"]


def test_a_saved_comparison_has_the_same_page(lockstep: Lockstep, file: Path, tmp_path: Path) -> None:
    saved, drawn, again = tmp_path / "port.json", tmp_path / "drawn.html", tmp_path / "again.html"
    assert lockstep("compare", f"{file}:wrong", "--json", saved).exit_code == 1
    assert lockstep("report", saved, "-o", drawn, "--lang", "ja").exit_code == 0
    lockstep("report", f"{file}:wrong", "-o", again, "--lang", "ja")
    page = drawn.read_text(encoding="utf-8")
    assert page.replace(str(saved), f"{file}:wrong") == again.read_text(encoding="utf-8")
    assert strings("ja")["comparison.disagree.what"] in page


def test_everything_that_a_file_defines_has_a_page_in_the_folder(
    lockstep: Lockstep, file: Path, tmp_path: Path
) -> None:
    assert lockstep("report", file, "-o", tmp_path / "book").exit_code == 0
    names = sorted(path.name for path in (tmp_path / "book").iterdir())
    assert names == ["index.html", "mine.html", "right.html", "the_wrong_one.html"]
    index = (tmp_path / "book" / "index.html").read_text(encoding="utf-8")
    assert index.index(strings("en")["index.runs"]) < index.index("mine.html") < index.index("right.html")
    assert "the gradient of W1 | l1.W is wrong" in index
    assert 'href="index.html"' in (tmp_path / "book" / "right.html").read_text(encoding="utf-8")


def test_what_is_no_document_of_ours_is_refused(lockstep: Lockstep, tmp_path: Path) -> None:
    saved = tmp_path / "port.json"
    saved.write_text(json.dumps({"schema": "lockstep.comparison/2"}))
    answer = lockstep("report", saved, "-o", tmp_path / "page.html")
    assert answer.exit_code == 2
    assert answer.stderr == (
        f"lockstep: {saved} is no run and no comparison of lockstep: its schema is 'lockstep.comparison/2', "
        "not 'lockstep.run/1' or 'lockstep.comparison/1'\n"
    )
    saved.write_text(json.dumps({"schema": "lockstep.comparison/1", "versions": {}, "outcomes": [{"name": "a"}]}))
    answer = lockstep("report", saved, "-o", tmp_path / "page.html")
    assert answer.exit_code == 2
    assert f"{saved} is a broken lockstep.comparison/1 document: Object missing required field" in answer.stderr
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("name", "source", "says"),
    [
        ("none.py", None, "scenario or comparison file none.py does not exist"),
        ("mine.py", "x = 1\n", "mine.py defines no scenario and no comparison"),
        ("mine.py:rigth", FILE, "mine.py has no scenario or comparison 'rigth'; did you mean 'right'?"),
        ("mine.py", "import lockstep\nlockstep.Training()\n", "mine.py, line 2: Training(...) needs a model"),
    ],
)
def test_a_file_without_what_was_asked_for_is_one_message(
    name: str, source: str | None, says: str, lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if source is not None:
        (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    answer = lockstep("report", name, "-o", "page.html")
    assert answer.exit_code == 2
    assert says in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "page.html").exists()
