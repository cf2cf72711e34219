"""Commands for learners speak Japanese where that is asked for, by the option or by the environment."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from lockstep.options.language import language_of_environment
from tests.lockstep.commands.commands import Lockstep
from tests.sources import STUDENTS_FILE


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "ja_JP.eucJP"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": ""}, "ja"),
        ({"LANG": "jam_JM.UTF-8"}, "en"),
    ],
)
def test_the_first_variable_that_is_set_counts(
    given: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert language_of_environment() == language


SAID = [
    (("map", "two_layer_tiny"), "NumPy forward", "NumPy 順伝播"),
    (("map", "two_layer_tiny", "--format", "github"), "(read upwards)", "下から上へ読む"),
    (("map", "two_layer_tiny", "--format", "latex"), "(read upwards)", "luatexja"),
    (("map", "--op", "relu", "--format", "html"), "Why?", "なぜ？"),
    (
        ("map", "accumulated_and_clipped", "--format", "github"),
        "its rows over the rows of the step",
        "1 回の更新に使う行数に対する比",
    ),
    (("trace", "accumulated_and_clipped"), "whether this batch begins", "最初か最後のバッチかどうか"),
    (("trace", "two_layer_tiny"), "epoch 1 of 300", "エポック 1（全 300）"),
    (("trace", "two_layer", "--tensor", "h"), "largest", "最大の絶対値"),
    (("article",), "bit for bit", "全ビット一致"),
    (("article", "--format", "github"), "What the program prints", "プログラムの出力"),
    (("ladder", "torch"), "what it replaced", "前の段から何が置き換わるか"),
    (("ladder", "torch", "2"), "replace the gradients by hand", "手書きの勾配を"),
]


@pytest.mark.parametrize(("command", "english", "japanese"), SAID, ids=lambda each: " ".join(each))
def test_a_command_speaks_the_language(
    command: tuple[str, ...], english: str, japanese: str, lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = lockstep(*command).stdout
    assert english in plain
    assert japanese not in plain
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    by_environment = lockstep(*command).stdout
    assert japanese in by_environment
    assert english not in by_environment


def test_the_option_counts_for_more_than_the_environment(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = lockstep("map", "two_layer_tiny").stdout
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert lockstep("map", "two_layer_tiny", "--lang", "en").stdout == plain


def test_the_points_of_a_students_file_are_in_japanese(lockstep: Lockstep, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(STUDENTS_FILE, encoding="utf-8")
    said = lockstep("lab", "check", file, "--hint", 3, "--lang", "ja").stdout
    for words in (
        "点中",
        "順伝播",
        "逆伝播",
        "ヒント 3：",
        "あなたの計算：",
        "原因：",
        "両辺が等しくなっています",
        "減点",
    ):
        assert words in said
    assert re.search(r"\n    次の場合に発生：(?:[^、。]+、)*[^、。]+。\d+ 点の減点\n", said)
    for words in (" points", "hint ", "cause:", "seen ", "costs", "forward", "wrong"):
        assert words not in said


@pytest.mark.parametrize("command", [("ladder", "torch"), ("article",)])
def test_json_is_the_same_in_every_language(command: tuple[str, ...], lockstep: Lockstep) -> None:
    answers = [lockstep(*command, "--format", "json", "--lang", language).stdout for language in ("en", "ja")]
    assert answers[0] == answers[1] != ""


def test_wide_characters_stand_in_columns(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    said = lockstep("ladder", "torch", "--lang", "ja").stdout
    table = said.split("\n\n")[1].rstrip("\n").split("\n")
    start = cell_len(table[0][: table[0].index("検証")])
    assert len(table) > 3
    for line in table[2:]:
        before, _, last = line.rpartition("  ")
        assert last.isdigit()
        assert cell_len(before) + 2 == start
    assert max(map(cell_len, said.split("\n"))) <= 100


def test_a_language_that_there_is_not_is_refused(lockstep: Lockstep) -> None:
    answer = lockstep("map", "two_layer_tiny", "--lang", "tlh")
    assert answer.exit_code == 2
    assert "'tlh' is not one of 'en', 'ja'" in answer.stderr
