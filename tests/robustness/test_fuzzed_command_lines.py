"""Random command lines: an answer or a message in a few lines with a documented exit code, never a traceback."""

import random
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockstep.command_line import SUMMARIES
from tests.lockstep.commands.commands import Lockstep
from tests.robustness import saved

QUICK, THOROUGH = 60, 800
QUICK_COMMANDS = ("list", "map", "differences", "names", "table", "explain", "export", "trace")
"""Those that train nothing, or one small scenario for an epoch."""
WORDS = (
    *(
        "two_layer_tiny",
        "two_layr",
        "xor",
        "scenarios",
        "ops",
        "adam_eps",
        "relu",
        "F.relu",
        "nn.LSTM",
        "numpy",
        "torch",
    ),
    *(
        "run.json",
        "missing.json",
        "broken.json",
        "mine.py",
        "mine.py:nothing",
        "empty.py",
        "-",
        "--",
        "",
        " ",
        "0",
        "-1",
    ),
    *("1e999", "nan", "lr=0.1", "lr=", "=", "lr=x", "\x1b[31m", "\u202e", "ü", "λ" * 300, "a,b", "%s", "{}", "*"),
)
OPTIONS = (
    *("--epochs", "--epoch", "--seed", "--dtype", "--set", "--batch-size", "--format", "--family", "--op", "--backend"),
    *("--json", "--output", "-o", "--help", "--color", "--width", "--kind", "--check", "--list", "--to", "--no-such"),
)
VALUES = (
    "text",
    "csv",
    "json",
    "html",
    "float64",
    "float16",
    "1",
    "2",
    "0",
    "-1",
    "x",
    "mine=mine.py",
    "out.txt",
    "losses",
)
REFUSED_COMMANDS = sorted({*SUMMARIES} - {*QUICK_COMMANDS} - {"chainer"})
"""Those that get an option that there is none of; what follows `chainer` is another program and its options."""
DOCUMENTED = {0, 1, 2, 3, 4, 5}
MOST_LINES = 8


def command_line(choices: random.Random) -> list[str]:
    """A command that is quick, or one that is refused before it does anything, with random words and options."""
    command = choices.choice((*QUICK_COMMANDS * 4, *REFUSED_COMMANDS, "rnu", ""))
    words: list[str] = []
    for _ in range(choices.randint(0, 4)):
        if choices.random() < 0.5:
            words.append(choices.choice(WORDS))
        else:
            words += [choices.choice(OPTIONS), *([choices.choice(VALUES)] if choices.random() < 0.8 else [])]
    if command == "trace":
        words += ["--epochs", "1"]
    if command in REFUSED_COMMANDS:
        words.insert(0, "--no-such-option")  # at the end it might be taken for a value of the option before
    return [command, *words]


def fill(folder: Path) -> None:
    """What the words name."""
    (folder / "run.json").write_bytes(saved.whole())
    (folder / "broken.json").write_bytes(b'{"schema": ')
    (folder / "mine.py").write_text("from backends.numpy_manual import *\n")
    (folder / "empty.py").write_text("")


@pytest.mark.parametrize("examples", [QUICK, pytest.param(THOROUGH, marks=pytest.mark.slow)], ids=["quick", "thorough"])
def test_a_command_line_is_an_answer_or_a_message(
    examples: int, lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    @settings(
        max_examples=examples,
        deadline=10_000,
        database=None,
        derandomize=examples == QUICK,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**64))
    def fuzz(seed: int) -> None:
        fill(tmp_path)
        arguments = command_line(random.Random(seed))
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(saved.whole())))
        answer = lockstep(*arguments)
        assert answer.exit_code in DOCUMENTED, (arguments, answer.stderr)
        assert "Traceback" not in answer.stderr, arguments
        if answer.exit_code not in (0, 1):
            assert answer.stdout == "", arguments
            assert 1 <= len(answer.stderr.splitlines()) <= MOST_LINES, (arguments, answer.stderr)
        assert all(character.isprintable() or character in "\n\t" for character in answer.stderr), arguments

    fuzz()
