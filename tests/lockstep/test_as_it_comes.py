"""What a user sees of normalisations: the run, its tables, its page, and a test of one's own."""

import json
import re
from pathlib import Path

import pytest

import lockstep as api
from tests.lockstep.commands.commands import Lockstep

ADAM = ("trained_by_adam", "--epochs", 2, "--dtype", "float64", "--backend", "chainer")
HOW = "with eps added after the bias correction, see `lockstep differences adam_eps`"
NOTE = f"chainer: adam {HOW}"
NOTE_AS_IT_COMES = f"chainer: adam as it comes, not {HOW}"


def normalised_in(page: str) -> str:
    """What a page says below its verdict of normalisations, without its tags."""
    (said,) = re.findall(r'<div class="normalised">(.*?)</div>', page, re.DOTALL)
    return re.sub(r"<[^>]*>", "", said)


def shown(note: str) -> str:
    """A note as a page has it, where code has no backticks."""
    return note.replace("`", "")


def test_a_run_says_below_its_verdict_what_is_normalised(lockstep: Lockstep) -> None:
    answer = lockstep("run", *ADAM)
    first, second, *_ = answer.stdout.split("\n")
    assert answer.exit_code == 0
    assert first == "trained_by_adam float64: agree (numpy and chainer, 2 epochs, seed 1)"
    assert second == f"  {NOTE}"


def test_as_it_comes_it_disagrees_and_says_so_wherever_it_is_shown(lockstep: Lockstep, tmp_path: Path) -> None:
    run, page = tmp_path / "run.json", tmp_path / "page.html"
    answer = lockstep("run", *ADAM, "--as-is", "--json", run)
    first, second, *_ = answer.stdout.split("\n")
    assert answer.exit_code == 1
    assert first.startswith("trained_by_adam float64 as it comes: disagree: chainer: adam update, epoch 1, w1[")
    assert second == f"  {NOTE_AS_IT_COMES}"
    assert json.loads(run.read_text(encoding="utf-8"))["results"][0]["as_is"] is True
    assert f"  {NOTE_AS_IT_COMES}\n" in lockstep("explain", run).stdout
    for table_format in ("github", "html", "text"):
        table = lockstep("table", run, "--format", table_format).stdout
        assert "trained_by_adam float64 as it comes: disagree" in table
        assert NOTE_AS_IT_COMES in table
    lockstep("report", run, "-o", page)
    drawn = page.read_text(encoding="utf-8")
    assert shown(NOTE_AS_IT_COMES) in normalised_in(drawn)
    assert "Each framework ran with its own functions as they come" in drawn
    losses_differ = "the losses differ from those of the run, by"  # as those of Adam as it is normalised would
    assert losses_differ not in drawn.split("<script")[0]


@pytest.mark.parametrize("as_is", [False, True])
def test_rows_have_a_column_for_it(lockstep: Lockstep, as_is: bool) -> None:
    rows = json.loads(lockstep("run", *ADAM, *(["--as-is"] if as_is else []), "--format", "json").stdout)
    assert [(row["backend"], row["as_is"], row["normalised"]) for row in rows] == [
        ("numpy", as_is, None),
        ("chainer", as_is, None if as_is else "adam"),
    ]


def test_a_page_says_below_its_verdict_what_is_normalised(book: Path) -> None:
    assert shown(NOTE) in normalised_in((book / "trained_by_adam.html").read_text(encoding="utf-8"))
    assert '<div class="normalised">' not in (book / "two_layer_tiny.html").read_text(encoding="utf-8")


def test_a_test_of_ones_own_can_ask_for_it() -> None:
    assert api.assert_agree("two_layer_tiny", backends="chainer", as_is=True).as_is
    assert api.assert_agree("trained_by_adam", backends="chainer").normalised[0].op == "adam"
    with pytest.raises(AssertionError, match="chainer: adam as it comes, not with eps added after"):
        api.assert_agree("trained_by_adam", backends="chainer", dtype="float64", as_is=True)
