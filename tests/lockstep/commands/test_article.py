"""`lockstep article`: every number of the article is there, is what it should be, and a wrong one is said."""

import json
from pathlib import Path

import numpy as np
import pytest

from harness.studies import article as article_module
from harness.studies.article import EQUAL, Replayed, Session, Strict, replay, rows_of
from harness.studies.article_numbers import CORRECTED, PRINTED, TRUNCATED_LOSSES
from harness.studies.article_session import MISTAKES, PROGRAM, PROMPT, SOURCE, Piece
from reports.text.studies.article import render_article, verdict
from tests.harness.studies.article_runs import COMPUTED
from tests.lockstep.commands.commands import Lockstep

PIECES = (*PROMPT, *PROGRAM, *MISTAKES)


@pytest.fixture(scope="module")
def replayed() -> list[Replayed]:
    return replay()


def test_every_number_is_as_expected(replayed: list[Replayed]) -> None:
    assert len(replayed) == len(PIECES)
    for piece in replayed:
        assert piece.as_expected, piece
        assert piece.strict.equal in EQUAL or piece.fused
        assert float(piece.strict.ulps) <= 2
    assert sum(piece.strict.equal == "bit for bit" for piece in replayed) >= 20


@pytest.mark.parametrize("table", [PRINTED, CORRECTED], ids=["printed", "corrected"])
def test_no_number_of_the_article_is_left_out(table: dict[str, str]) -> None:
    source = "article" if table is PRINTED else "corrected"
    numbers = [piece.number for piece in PIECES if piece.source == source]
    left_out = {item for item, text in table.items() if text not in numbers}
    assert left_out == set()
    assert set(TRUNCATED_LOSSES.values()) <= {piece.number for piece in PIECES if piece.truncated}


@pytest.mark.parametrize("item", [*PRINTED, *CORRECTED])
def test_what_is_typed_gives_the_very_bits_of_the_backends_own_training(item: str) -> None:
    """Two ways to the same number: lines at a prompt, and the hand-written backend's `train` on the scenario."""
    number = {**PRINTED, **CORRECTED}[item]
    piece = next(piece for piece in PIECES if piece.number == number)
    pieces = [(part, piece) for part, piece in article_module.PIECES if not piece.changes]
    values = Session(Strict).run(pieces)
    typed = np.atleast_2d(next(value for (_, other), value in zip(pieces, values, strict=True) if other is piece))
    assert typed.dtype == np.float32
    ours = np.atleast_2d(COMPUTED[item]("strict"))
    assert [float(x) for x in typed.flat] == [float(x) for x in ours.flat]


def test_the_global_random_numbers_stay_as_they_were() -> None:
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    replay()
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]


def with_another_number(piece: Piece, number: str) -> Replayed:
    changed = Piece(code=piece.code, number=number, source=piece.source, truncated=piece.truncated, fused=piece.fused)
    value = Session(np.ndarray).run([("prompt", each) for each in (*PROMPT[: PROMPT.index(piece)], changed)])[-1]
    outcome = article_module._outcome(changed, value)
    return article_module._replayed("prompt", changed, outcome, outcome)


@pytest.mark.parametrize(
    ("at", "number"),
    [
        pytest.param(0, "raises NameError", id="another-exception"),
        pytest.param(1, PRINTED["X"].replace("1.62434542", "1.62434642"), id="a-digit"),
        pytest.param(1, PRINTED["h"], id="another-shape"),
        pytest.param(6, PRINTED["y_p"].replace("0.4622353", "nan"), id="not-a-number"),
        pytest.param(len(PROMPT) - 1, "False True True / False False False", id="a-claim"),
    ],
)
def test_a_wrong_number_is_not_as_expected(at: int, number: str) -> None:
    assert with_another_number(PROMPT[at], PROMPT[at].number).as_expected
    wrong = with_another_number(PROMPT[at], number)
    assert not wrong.as_expected
    assert verdict(wrong) not in EQUAL


def test_another_arithmetic_is_said_and_ends_in_1(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        article_module, "strict_product", lambda a, b: (a.astype(np.float64) @ b * 1.000001).astype(np.float32)
    )
    answer = lockstep("article")
    assert answer.exit_code == 1
    assert "strict off by up to" in answer.stdout
    assert answer.stderr.startswith("lockstep: ")
    assert " as expected: " in answer.stderr


def test_the_session_is_drawn(lockstep: Lockstep) -> None:
    answer = lockstep("article")
    assert (answer.exit_code, answer.stderr) == (0, "")
    text = answer.stdout
    assert "\n>>> h = X @ W1\n>>> h\nthe article, strict, here  -1.12623584  0.51268864\n" in text
    assert "\n# bit for bit\n" in text
    assert "- grad_h[h < 0] = 0\n+ grad_h[h < 0] - 0\n>>> train(W1, W2)[1][299]\n" in text
    assert SOURCE in text
    assert all(f"# {piece.why}\n" in text for piece in PIECES if piece.why)
    assert f"{len(PIECES)} of {len(PIECES)} as expected" in text
    assert "\x1b" not in text


def test_other_formats(lockstep: Lockstep, tmp_path: Path, replayed: list[Replayed]) -> None:
    pieces = json.loads(lockstep("article", "--format", "json").stdout)
    assert [piece["typed"] for piece in pieces] == [piece.typed for piece in replayed]
    assert all(piece["as_expected"] for piece in pieces)
    github = render_article(replayed, "github")
    assert github.count("\n| ") == len(PIECES) + 3
    assert github.startswith("### What is typed line by line\n")
    file = tmp_path / "article.html"
    answer = lockstep("article", "--format", "html", "--output", file)
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert "grad_h[h &lt; 0] - 0" in file.read_text(encoding="utf-8")


def test_a_terminal_has_colours_unless_it_wants_none(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in lockstep("article").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in lockstep("article").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "latex"), "'latex' is not one of"),
        (("--output", "no/such/folder/file"), "there is no folder"),
    ],
)
def test_wrong_usage(lockstep: Lockstep, arguments: tuple[str, ...], message: str) -> None:
    answer = lockstep("article", *arguments)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert message in answer.stderr


def test_rows() -> None:
    assert rows_of("1 2 / 3 4") == [["1", "2"], ["3", "4"]]
    assert rows_of("raises AttributeError") == [["raises AttributeError"]]
