"""Saved runs and comparisons with random damage, in every command that reads them: an answer or one message."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.comparing.document.outcome import lines
from harness.comparing.document.reading import read_comparisons
from harness.errors import InputError
from tests.lockstep.commands.commands import Lockstep
from tests.robustness import saved
from tests.robustness.damage import damaged

QUICK, THOROUGH = 60, 3_000
"""Examples for each command; a report draws pages, and takes a tenth of them."""
FOUND_OR_REFUSED = {0, 2}
BROKEN, PLACE, MISSING = "is a broken", "`$.", "Object missing required field"
"""Of a broken document the place is named, unless it is the whole that misses something."""


def check(command: str, content: bytes, lockstep: Lockstep, folder: Path) -> None:
    path = folder / "run.json"
    path.write_bytes(content)
    answer = lockstep(command, path, *(("-o", folder / "pages") if command == "report" else ()))
    assert answer.exit_code in FOUND_OR_REFUSED, answer.stderr
    assert "Traceback" not in answer.stderr
    if answer.exit_code:
        kept = answer.stdout.splitlines()  # a report keeps the pages that it had finished, and says so
        assert all(Path(page).exists() for page in kept)
        assert command == "report" or not kept
        assert len(answer.stderr.splitlines()) == (2 if kept else 1)
    assert all(character.isprintable() or character == "\n" for character in answer.stdout + answer.stderr)
    assert {each.name for each in folder.iterdir()} <= {"run.json", "pages"}


@pytest.mark.parametrize("examples", [QUICK, pytest.param(THOROUGH, marks=pytest.mark.slow)], ids=["quick", "thorough"])
@pytest.mark.parametrize("command", ["table", "explain", "report"])
def test_damage_is_an_answer_or_one_message(command: str, examples: int, lockstep: Lockstep, tmp_path: Path) -> None:
    fuzz_document(saved.whole(), command, examples // (20 if command == "report" else 1), lockstep, tmp_path)


@pytest.mark.parametrize("examples", [12, pytest.param(100, marks=pytest.mark.slow)], ids=["quick", "thorough"])
def test_damage_of_a_comparison_is_a_page_or_one_message(examples: int, lockstep: Lockstep, tmp_path: Path) -> None:
    fuzz_document(saved.comparisons(), "report", examples, lockstep, tmp_path)


@pytest.mark.parametrize("examples", [200, pytest.param(3_000, marks=pytest.mark.slow)], ids=["quick", "thorough"])
def test_damage_of_a_comparison_is_found_or_does_no_harm(examples: int, tmp_path: Path) -> None:
    path = tmp_path / "port.json"

    @fuzzed(examples)
    def fuzz(seed: int) -> None:
        path.write_bytes(damaged(saved.comparisons(), random.Random(seed)))
        said = ""
        try:
            for outcome in read_comparisons(path).outcomes:
                assert lines(outcome)
        except InputError as error:
            said = str(error)
        assert len(said.splitlines()) <= 1
        assert BROKEN not in said or PLACE in said or MISSING in said

    fuzz()


@pytest.mark.parametrize("command", ["table", "explain"])
def test_a_comparison_is_no_run(command: str, lockstep: Lockstep, tmp_path: Path) -> None:
    path = tmp_path / "port.json"
    path.write_bytes(saved.comparisons())
    answer = lockstep(command, path)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == (
        f"lockstep: {path} is not a run of lockstep: its schema is 'lockstep.comparison/1', not 'lockstep.run/1'\n"
    )


def fuzz_document(whole: bytes, command: str, examples: int, lockstep: Lockstep, folder: Path) -> None:
    @fuzzed(examples)
    def fuzz(seed: int) -> None:
        check(command, damaged(whole, random.Random(seed)), lockstep, folder)

    fuzz()


def fuzzed(examples: int) -> Callable[[Callable[[int], None]], Callable[[], None]]:
    """Call a test with that many seeds; the same ones each time where they are few."""
    few = examples <= 200

    def decorated(test: Callable[[int], None]) -> Callable[[], None]:
        chosen = settings(
            max_examples=examples,
            deadline=10_000,
            database=None,
            derandomize=few,
            suppress_health_check=list(HealthCheck),
        )
        fuzz: Callable[[], None] = chosen(given(st.integers(0, 2**64))(test))
        return fuzz

    return decorated
