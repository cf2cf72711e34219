"""`lockstep ladder`: the table, one rung beside the one before, every format, and what is wrong."""

import json
from functools import partial
from pathlib import Path

import pytest

from harness.studies import ladder as ladder_module
from harness.studies.ladder import Rung, find_rung, ladders
from lockstep.pytest_plugin import loaded_or_skipped
from reports.text.studies.ladder import SIDE_BY_SIDE, beside, render_rung
from scenarios import Scenario
from tests.harness.studies.test_ladder import broken
from tests.lockstep.commands.commands import Lockstep


@pytest.fixture(autouse=True)
def _frameworks(pytestconfig: pytest.Config) -> None:
    for name in ladders():
        loaded_or_skipped(name, required=pytestconfig.getoption("--require-backends"))


@pytest.fixture
def few_epochs(monkeypatch: pytest.MonkeyPatch, tiny: Scenario) -> None:
    """What the command trains is short, since every rung trains in full in a test of its own."""
    monkeypatch.setattr("lockstep.commands.ladder.climb", partial(ladder_module.climb, scenario=tiny.vary(epochs=20)))


@pytest.mark.usefixtures("few_epochs")
def test_the_table_has_every_rung_and_what_was_measured(lockstep: Lockstep) -> None:
    answer = lockstep("ladder", "--format", "json")
    assert (answer.exit_code, answer.stderr) == (0, "")
    rows = json.loads(answer.stdout)
    rungs = dict.fromkeys(rung for rungs in ladders().values() for rung in rungs)
    assert [row["rung"] for row in rows] == [rung.name for rung in rungs]
    assert [row["what it replaced"] for row in rows] == [rung.replaces for rung in rungs]
    assert [int(row["lines"]) for row in rows] == [rung.lines for rung in rungs]
    assert {row["verdict"] for row in rows} == {"agree"}
    assert (rows[0]["rung"], rows[0]["off by"]) == ("numpy_0_by_hand", "0")
    assert all(0 <= float(row["ulp"]) < 100 for row in rows)
    assert all(int(row["certified"]) > 0 for row in rows)


@pytest.mark.usefixtures("few_epochs")
def test_one_ladder_as_text_and_in_a_file(lockstep: Lockstep, tmp_path: Path) -> None:
    file = tmp_path / "ladder.md"
    answer = lockstep("ladder", "torch", "--dtype", "float64", "--format", "github", "--output", file)
    assert (answer.exit_code, answer.stdout) == (0, "")
    text = file.read_text(encoding="utf-8")
    assert text.startswith("### two_layer_tiny float64, 20 epochs: every rung against numpy_0_by_hand, ")
    assert "\n\n| rung " in text
    assert text.count(" agree ") == len(ladders()["torch"])


@pytest.mark.usefixtures("few_epochs")
def test_a_ladder_as_a_page(lockstep: Lockstep, tmp_path: Path) -> None:
    file = tmp_path / "ladder.html"
    answer = lockstep("ladder", "torch", "--html", "--lang", "ja", "-o", file)
    assert (answer.exit_code, answer.stdout) == (0, "")
    page = file.read_text(encoding="utf-8")
    assert '<html lang="ja"' in page
    assert page.count('<article class="step"') == len(ladders()["torch"])
    assert "lockstep ladder torch --html" in page
    assert "chainer_1_variable" not in page.partition('id="strings"')[0]


@pytest.mark.usefixtures("few_epochs")
@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_into_a_terminal(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = lockstep("ladder", "torch").stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert all(word in " ".join(lines).split() for rung in ladders()["torch"] for word in rung.replaces.split())


@pytest.mark.usefixtures("few_epochs")
def test_a_broken_rung_is_said_and_ends_in_1(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ladder_module.rung_backend
    wrong = broken("torch_5_optim", "lr=lr)", "lr=lr, momentum=0.5)").module
    monkeypatch.setattr(
        ladder_module, "rung_backend", lambda rung: wrong if rung.name == "torch_5_optim" else right(rung)
    )
    answer = lockstep("ladder", "torch")
    assert answer.exit_code == 1
    verdicts = {line.split()[0]: line.split()[2] for line in answer.stdout.splitlines()[4:]}
    assert verdicts == {rung.name: "agree" for rung in ladders()["torch"]} | {"torch_5_optim": "disagree"}
    assert answer.stderr.startswith(
        "lockstep: torch_5_optim: two_layer_tiny float32: disagree: torch_5_optim: sgd update"
    )


def test_a_rung_is_shown_with_the_one_before(lockstep: Lockstep) -> None:
    answer = lockstep("ladder", "chainer", "3")
    assert answer.exit_code == 0, answer.stderr
    before, after = find_rung("chainer", 2), find_rung("chainer", 3)
    assert after.now in answer.stdout
    for rung in (before, after):
        assert all(line in answer.stdout for line in rung.code.splitlines())
    assert "-         h = F.matmul(x, w1)" in answer.stdout
    assert "+         h = l1(x)" in answer.stdout
    assert "\x1b" not in answer.stdout
    assert all(line == line.rstrip() for line in answer.stdout.splitlines())


def test_the_first_rung_is_shown_alone(lockstep: Lockstep) -> None:
    answer = lockstep("ladder", "torch", "0")
    assert answer.exit_code == 0
    assert "\n " + "\n ".join(find_rung("torch", 0).code.splitlines()[:1]) in answer.stdout
    assert not [line for line in answer.stdout.splitlines() if line.startswith(("+", "-"))]


def taken_apart(lines: list[str]) -> tuple[list[str], list[str]]:
    """The program before and the one after, from what was rendered of both as one."""
    return tuple([line[1:] for line in lines if line[:1] in (" ", mark)] for mark in "-+")  # type: ignore[return-value]


@pytest.mark.parametrize("rung", [rung for rungs in ladders().values() for rung in rungs[1:]], ids=lambda r: r.name)
def test_both_programs_can_be_taken_from_the_drawing(rung: Rung) -> None:
    before = find_rung(rung.ladder, rung.number - 1)
    text = render_rung(rung, before, "github")
    code = text.partition("```diff\n")[2].partition("\n```")[0]
    assert taken_apart(code.splitlines()) == (before.code.splitlines(), rung.code.splitlines())
    lines = beside(before.code.splitlines(), rung.code.splitlines())
    assert [line.before for line in lines if line.before is not None] == before.code.splitlines()
    assert [line.after for line in lines if line.after is not None] == rung.code.splitlines()


def test_a_narrow_terminal_has_one_program_with_marks() -> None:
    before, after = find_rung("torch", 1), find_rung("torch", 2)
    assert "\n+        loss.backward()\n" in render_rung(after, before, "text", width=SIDE_BY_SIDE - 1)
    assert "\n+        loss.backward()\n" not in render_rung(after, before, "text", width=SIDE_BY_SIDE)


def test_a_terminal_has_colours_unless_it_wants_none(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in lockstep("ladder", "chainer", "3").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in lockstep("ladder", "chainer", "3").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("chainr",), "there is no ladder 'chainr'; did you mean 'chainer'?"),
        (("chainr", "3"), "there is no ladder 'chainr'; did you mean 'chainer'?"),
        (("chainer", "8"), "the chainer ladder has no rung 8; its rungs are 0 to 7"),
        (("torch", "links"), "'links' is not a rung; write its number"),
        (("torch", "2", "--format", "html"), "one rung is drawn as text or github, not html"),
        (("torch", "2", "--dtype", "float64"), "leave --dtype out"),
        (("torch", "2", "--html"), "a page holds all rungs; leave RUNG out"),
        (("torch", "--html", "--format", "json"), "--html draws a page, and --format json a table"),
        (("--output", "no/such/folder/file"), "there is no folder"),
    ],
)
def test_wrong_usage(lockstep: Lockstep, arguments: tuple[str, ...], message: str) -> None:
    answer = lockstep("ladder", *arguments)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert message in answer.stderr


def test_a_missing_framework_ends_in_3(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder_module, "ADAPTER", "backends.absent")
    answer = lockstep("ladder", "torch")
    assert answer.exit_code == 3
    assert "can't be imported: " in answer.stderr
