"""`lockstep report`: what it writes, what is in it, and what it says of what it can't draw."""

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import tests.harness.studies.test_article_errata as errata_tests
from reports.languages.language import LANGUAGES
from reports.page.run.numbers import FIRST_EPOCHS
from reports.page.run.tour import ERRATA
from reports.page.text import strings
from tests.harness.studies.article_runs import DRAWS, program
from tests.lockstep.commands.commands import Lockstep
from tests.reports.page.pages import data_of

MOST_BYTES = 1_500_000
BROKEN = """
from backends.numpy_manual import *


def relu(x):
    def backward(grad_y):
        return (grad_y,)

    return np.maximum(x, 0), backward
"""


@pytest.fixture(scope="module")
def page(book: Path) -> str:
    return (book / "two_layer_tiny.html").read_text(encoding="utf-8")


class Addresses(HTMLParser):
    """Collects whatever an element could load or lead to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]


def test_a_page_is_one_file_that_loads_nothing(book: Path, page: str) -> None:
    assert {path.name for path in book.iterdir()} == {"index.html", "two_layer_tiny.html", "trained_by_adam.html"}
    assert len(page.encode()) < MOST_BYTES
    assert {address for address in Addresses(page).found if not address.startswith("#")} == {"data:,", "index.html"}
    assert "@import" not in page
    assert "url(" not in page


def test_it_opens_in_the_language_that_was_asked_for_and_knows_the_other(lockstep: Lockstep, tmp_path: Path) -> None:
    run, output = tmp_path / "run.json", tmp_path / "page.html"
    lockstep("run", "two_layer_tiny", "--epochs", 2, "--json", run)
    assert lockstep("report", run, "-o", output, "--lang", "ja").exit_code == 0
    page = output.read_text(encoding="utf-8")
    assert page.startswith('<!doctype html>\n<html lang="ja"')
    assert strings("ja")["verdict.agree"] in page
    assert strings("en")["verdict.agree.what"] not in page[: page.index('id="strings"')]
    assert data_of(page, "strings") == {language: dict(strings(language)) for language in LANGUAGES}


def test_losses_and_tensors_stand_in_the_page_to_the_last_bit(page: str) -> None:
    kept = data_of(page)
    first = kept["numbers"][0]["numpy"]
    np.testing.assert_array_equal(np.array(first["w1"], np.float32), DRAWS.weights["w1"].ravel())
    np.testing.assert_array_equal(np.array(first["h"], np.float32), program("blas")[0].values["h"].ravel())
    assert kept["losses"]["numpy"] == [float(step.loss) for step in program("blas")]
    assert kept["epochs"][:FIRST_EPOCHS] == list(range(1, FIRST_EPOCHS + 1))
    assert kept["epochs"][-1] == 300


def test_the_deviations_are_those_of_the_run(page: str) -> None:
    deviations = data_of(page)["deviations"]
    assert list(deviations) == ["loss", "grad_w2", "grad_w1", "w1", "w2"]
    for deviation in deviations.values():
        assert len(deviation["allowed"]) == 300
        for values in deviation["by_backend"].values():
            pairs = zip(values, deviation["allowed"], strict=True)
            assert all(value <= allowed for value, allowed in pairs)


def test_the_deviations_agree_with_the_runs_own_summary(lockstep: Lockstep, tmp_path: Path) -> None:
    run, output = tmp_path / "run.json", tmp_path / "page.html"
    lockstep("run", "digits", "--epochs", 3, "--json", run)
    lockstep("report", run, "-o", output)
    deviations = data_of(output.read_text(encoding="utf-8"))["deviations"]
    for worst in json.loads(run.read_text())["results"][0]["worst"]:
        deviation = deviations[worst["tensor"]]
        place = worst["epoch"] - 1
        assert deviation["by_backend"][worst["backend"]][place] == pytest.approx(worst["ulps"], rel=6e-3)
        allowed = worst["allowed"] / worst["error"] * worst["ulps"] if worst["error"] else None
        assert allowed is None or deviation["allowed"][place] == pytest.approx(allowed, rel=6e-3)


def test_a_run_that_breaks_down_has_a_page(lockstep: Lockstep, tmp_path: Path) -> None:
    run, output = tmp_path / "run.json", tmp_path / "page.html"
    lockstep("run", "two_layer_tiny", "--set", "lr=1e20", "--epochs", 5, "--json", run)
    assert lockstep("report", run, "-o", output).exit_code == 0
    page = data_of(output.read_text(encoding="utf-8"))
    assert "nan" in page["losses"]["numpy"]
    assert any("nan" in numbers["numpy"].get("y_p", []) for numbers in page["numbers"])


def test_a_scenario_of_the_users_own_has_a_page(lockstep: Lockstep, tmp_path: Path) -> None:
    mine, output = tmp_path / "mine.py", tmp_path / "page.html"
    mine.write_text(
        "from scenarios import param, randn, scenario, sgd\n\n"
        "@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))\n"
        "def mine(op, x, y, w):\n"
        '    """A <b>line</b>."""\n'
        "    return op.mean_squared_error(op.matmul(x, w), y)\n"
    )
    assert lockstep("report", f"{mine}:mine", "-o", output).exit_code == 0
    page = output.read_text(encoding="utf-8")
    assert "A &lt;b&gt;line&lt;/b&gt;." in page
    assert 'id="play"' not in page


def test_a_saved_run_is_drawn_with_the_culprit_first(lockstep: Lockstep, tmp_path: Path) -> None:
    backend, run, output = tmp_path / "broken.py", tmp_path / "run.json", tmp_path / "page.html"
    backend.write_text(BROKEN)
    given = f"broken={backend}"
    lockstep("run", "two_layer_tiny", "--backend", given, "--epochs", 5, "--json", run)
    answer = lockstep("report", run, "--backend", given, "-o", output)
    assert answer.exit_code == 0
    assert answer.stdout == f"{output}\n"
    page = output.read_text(encoding="utf-8")
    assert page.index("grad_h[0, 0]") < page.index("How far apart")
    assert "got is the other branch" in page
    assert data_of(page)["backends"] == ["numpy", "broken"]
    assert "The losses are those" in page or "the losses are those of the run, bit for bit" in page


def test_a_saved_run_says_what_its_matrices_would_need(lockstep: Lockstep, tmp_path: Path) -> None:
    backend, run, output = tmp_path / "broken.py", tmp_path / "run.json", tmp_path / "page.html"
    backend.write_text(BROKEN)
    lockstep("run", "two_layer_tiny", "--backend", f"broken={backend}", "--epochs", 5, "--json", run)
    assert lockstep("report", run, "-o", output).exit_code == 0
    page = output.read_text(encoding="utf-8")
    assert "--backend broken=./FILE.py" in page
    assert "numbers" not in data_of(page)
    saved = json.loads(run.read_text())
    saved["results"][0]["scenario"] = "mine"
    run.write_text(json.dumps(saved))
    assert lockstep("report", run, "-o", output).exit_code == 0
    assert "lockstep report ./FILE.py:mine" in output.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["two_layer_tny", "-o", "book"], "there is no scenario 'two_layer_tny'; did you mean 'two_layer_tiny'?"),
        (["none.json", "-o", "book"], "can't read none.json: No such file or directory"),
        (["two_layer_tiny", "-o", "none/page.html"], "can't write none/page.html: there is no folder none"),
        (["two_layer_tiny", "-o", "file"], "file is a file; -o takes a folder, or for one scenario FILE.html"),
        (["two_layer_tiny", "-o", "file/book"], "can't make the folder file/book: Not a directory"),
        (["two_layer_tiny", "--backend", "tensorflow", "-o", "book"], "there is no backend 'tensorflow'"),
        (["two_layer_tiny"], "Missing option"),
        (["-o", "book"], "Missing argument"),
        (["two_layer_tiny", "-o", "book", "--lang", "fr"], "'fr' is not one of 'en', 'ja'"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_wrong_input_is_one_message(
    arguments: list[str], says: str, lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    answer = lockstep("report", *arguments)
    assert answer.exit_code == 2
    assert says in answer.stderr
    assert answer.stdout == ""


def test_several_runs_do_not_fit_one_file(lockstep: Lockstep, tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    lockstep("run", "two_layer_tiny", "--dtype", "both", "--epochs", 2, "--json", run)
    answer = lockstep("report", run, "-o", tmp_path / "page.html")
    assert answer.exit_code == 2
    assert "is one file, and there is more than one page to draw; name a folder" in answer.stderr
    assert lockstep("report", run, "-o", tmp_path / "book").exit_code == 0
    names = sorted(path.name for path in (tmp_path / "book").iterdir())
    assert names == ["index.html", "two_layer_tiny_float32.html", "two_layer_tiny_float64.html"]


def test_the_languages_have_the_same_texts_with_the_same_places() -> None:
    english, japanese = (strings(language) for language in LANGUAGES)
    assert list(english) == list(japanese)
    for key, text in english.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", japanese[key])), key
        assert text.count("`") % 2 == japanese[key].count("`") % 2 == 0, key


def test_every_text_that_a_page_says_is_there_and_every_one_is_said() -> None:
    page = files("reports.page")
    folders = ("assets", "assets/playground", "templates")
    sources = [source for folder in folders for source in page.joinpath(folder).iterdir()]
    written = "".join(s.read_text(encoding="utf-8") for s in sources if s.name.endswith((".js", ".html")))
    root = Path(__file__).parents[3]
    modules = [*(root / "reports" / "page").rglob("*.py"), root / "lockstep" / "pages" / "contents.py"]
    written += "".join(path.read_text(encoding="utf-8") for path in modules)
    said = set(re.findall(r'(?:say|speakInto|label|plain)\(\s*"([\w.]+)"', written))
    said |= set(re.findall(r'"((?:comparison|culprit|missing|numbers|play|curves|map)\.(?!html")[\w.]+)"', written))
    verdicts = (f"comparison.{verdict}.what" for verdict in ("agree", "drift", "disagree"))
    rooms = ("mark.", "theme.", "verdict.", "phase.", "map.", "play.", "tour.", "lab.case.", "why.", "ladder.")
    kinds = ("comparison.kind.", "comparison.layout.")
    made = (*rooms, *kinds, *verdicts)
    assert {key for key in said if not key.endswith(".")} <= strings("en").keys()
    assert {key for key in strings("en") if key not in said and not key.startswith(made)} == {"language"}


def test_every_erratum_has_its_texts_and_the_tests_that_prove_it() -> None:
    for erratum in ERRATA:
        assert f"tour.{erratum.number}" in strings("en")
        for test in erratum.tests:
            assert hasattr(errata_tests, test)
