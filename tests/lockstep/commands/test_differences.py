"""`lockstep differences`: the table, one difference, every format, and what is wrong."""

import json
from pathlib import Path

import msgspec
import pytest

from backends.differences import DIFFERENCES
from harness.studies.differences import Measured, measure
from reports.text.studies.differences import render_difference, render_differences
from tests.harness.studies.test_differences import NAMES, entry_called, made, nearly
from tests.lockstep.commands.commands import Lockstep


@pytest.fixture(scope="module")
def tie() -> Measured:
    return measure(entry_called("maximum_ties"))


def test_the_table_has_every_entry_of_a_kind(lockstep: Lockstep) -> None:
    answer = lockstep("differences", "--kind", "tie")
    assert answer.exit_code == 0, answer.stderr
    header, _, *rows = answer.stdout.splitlines()
    assert header.split() == ["difference", "kind", "naive", "normalised", "what", "differs"]
    assert [row.split()[:2] for row in rows] == [[e.name, "tie"] for e in DIFFERENCES if e.kind == "tie"]
    assert "\x1b" not in answer.stdout
    assert answer.stderr == ""


def test_the_whole_table_comes_without_a_kind(lockstep: Lockstep) -> None:
    answer = lockstep("differences", "--json")
    assert answer.exit_code == 0, answer.stderr
    rows = msgspec.json.decode(answer.stdout, type=list[Measured])
    assert [row.name for row in rows] == NAMES
    assert all(row.holds for row in rows)
    assert sum(row.normalised_difference is None for row in rows) >= 2
    plain = json.loads(answer.stdout)
    assert {type(row["naive_difference"]) for row in plain} == {float, str}
    assert {row["naive_difference"] for row in plain if isinstance(row["naive_difference"], str)} == {"inf"}
    assert all(row["naive_reason"] for row in plain if row["naive_difference"] == "inf")
    assert all(row["normalised_difference"] is not None or row["instead"] for row in plain)


@pytest.mark.parametrize("arguments", [("--json", "-"), ("--format", "json"), ("--json",)])
def test_json_stands_alone_on_stdout(lockstep: Lockstep, arguments: tuple[str, ...]) -> None:
    (row,) = json.loads(lockstep("differences", "concat_axis", *arguments).stdout)
    assert row["naive_difference"] == "inf"
    assert row["naive_reason"] == "shape (4, 3) for (2, 6)"
    assert row["normalised_difference"] == 0
    assert row["chainer"] == "chainer.functions.concat(xs, axis=1)"
    assert set(row["code"]) == {"in_chainer", "naive", "normalised"}


def test_files_are_written(lockstep: Lockstep, tmp_path: Path) -> None:
    rendered, measured = tmp_path / "rendered.md", tmp_path / "measured.json"
    answer = lockstep(
        "differences", "concat_axis", "--format", "github", "--output", str(rendered), "--json", str(measured)
    )
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert rendered.read_text(encoding="utf-8").startswith("### concat_axis (shape)\n")
    assert json.loads(measured.read_text(encoding="utf-8"))[0]["name"] == "concat_axis"


def test_one_entry_is_shown_with_its_code(lockstep: Lockstep) -> None:
    text = lockstep("differences", "concat_axis").stdout
    for part in (
        "concat joins along axis 1 in Chainer, cat along axis 0 in PyTorch.",
        "chainer.functions.concat(xs, axis=1)",
        "    return F.concat((x, y))\n",
        "PyTorch, translated naively: shape (4, 3) for (2, 6)",
        "    return torch.cat((x, y))\n",
        "PyTorch, normalised: off by 0\n",
        "    return torch.cat((x, y), dim=1)\n",
    ):
        assert part in text
    assert "\x1b" not in text


def test_what_can_not_be_expressed_says_what_to_use_instead(lockstep: Lockstep) -> None:
    for page_format in ("text", "github", "html"):
        text = " ".join(lockstep("differences", "rmsprop_graves", "--format", page_format).stdout.split())
        assert "be expressed. Write the rule as an optimizer of your own;" in text
        assert "def normalised" not in text
    assert "can't be expressed" in lockstep("differences", "--kind", "optimizer").stdout


def test_both_sides_are_shown_where_chainer_changes(lockstep: Lockstep) -> None:
    text = lockstep("differences", "sigmoid_of_very_negative").stdout
    assert "Chainer, normalised\n" in text
    assert "1 / (1 + F.exp(-x))" in text


def test_github_and_html(tie: Measured) -> None:
    assert "| maximum_ties | tie    |" in render_differences([tie], "github")
    assert "<td>maximum_ties</td>" in render_differences([tie], "html").replace(" ", "")
    assert "```python\ndef naive(x: Tensor, y: Tensor)" in render_difference(tie, "github")
    assert "torch.where(x &gt;= y, x, y)" in render_difference(tie, "html")


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_the_table_fits_and_loses_no_word(tie: Measured, width: int) -> None:
    text = render_differences([tie], "text", width)
    assert max(map(len, text.splitlines())) <= width
    words = text.split()
    assert all(word in words for word in tie.title.split())


def test_the_whole_table_stands_in_two_on_a_narrow_terminal(
    lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    numbers, sentences = lockstep("differences").stdout.split("\n\n")
    assert len(numbers.splitlines()) == len(NAMES) + 2
    assert "label_dtype                         loss       RuntimeError" in numbers
    assert sentences.startswith("difference                          what differs\n")


def test_code_is_not_cut_at_the_edge_of_a_narrow_terminal() -> None:
    text = render_difference(measure(entry_called("lstm_gate_order")), "text", width=60)
    assert "def in_chainer(x: Variable, h: Variable, c: Variable, w: Variable, u: Variable) -> Variable:\n" in text


def test_a_terminal_has_colours_unless_it_wants_none(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in lockstep("differences", "concat_axis").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in lockstep("differences", "concat_axis").stdout


def test_an_unknown_name_is_answered_by_what_was_meant(lockstep: Lockstep) -> None:
    answer = lockstep("differences", "concat_axes")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == "lockstep: there is no difference 'concat_axes'; did you mean 'concat_axis'?\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("concat_axis", "--kind", "shape"), "leave it out with NAME"),
        (("--json", "concat_axis"), "name the difference before --json"),
        (("--kind", "shapes"), "'shapes' is not one of"),
        (("--output", "no/such/folder/file"), "there is no folder"),
        (("--output", "one", "--json", "one"), "give each a file of its own"),
    ],
)
def test_wrong_usage(lockstep: Lockstep, arguments: tuple[str, ...], message: str) -> None:
    answer = lockstep("differences", *arguments)
    assert answer.exit_code == 2
    assert message in answer.stderr


def test_an_entry_that_is_not_true_is_said_and_ends_in_1(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lockstep.commands.differences.catalogue", lambda: (made(normalised=nearly), made()))
    answer = lockstep("differences")
    assert answer.exit_code == 1
    assert answer.stderr == "lockstep: not as stated, on this installation: made_up\n"
    assert "1e-10" in answer.stdout


def test_a_missing_framework_ends_in_3(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.studies.differences.CATALOGUE", "backends.absent")
    answer = lockstep("differences")
    assert answer.exit_code == 3
    assert "the differences need both frameworks" in answer.stderr
