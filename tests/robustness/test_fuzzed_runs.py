"""Saved runs with random damage, in every command that reads them: an answer or one message, never a traceback."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lockstep.commands.commands import Lockstep
from tests.robustness import saved

QUICK, THOROUGH = 60, 7_500
"""Examples for each command; a report draws pages, and takes a tenth of them."""
ODD: list[Any] = [
    *(None, True, 0, -1, 1, 2, 10**12, 2**63, 10**30, -0.0, 0.5, -1e308, 1e308, 5e-324),
    *("", " ", "nan", "inf", "-inf", "numpy", "torch", "agree", "float64", "\0", "\x1b[31m", "\u202e", "../x", "=1+1"),
    *([], [[]], [1], ["numpy"], {}, {"numpy": 1}, {"": []}),
]
FOUND_OR_REFUSED = {0, 2}


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, as the keys that lead there."""
    if place:
        yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield from _places(below, (*place, key))


def damaged(choices: random.Random) -> bytes:
    """The saved document after one to three random changes, or with bytes of it changed or cut off."""
    if choices.random() < 0.15:
        content = bytearray(saved.whole())
        for _ in range(choices.randint(1, 3)):
            content[choices.randrange(len(content))] = choices.randrange(256)
        return bytes(content[: choices.randrange(len(content))] if choices.random() < 0.3 else content)
    document = saved.decoded()
    for _ in range(choices.choice((1, 1, 1, 2, 3))):
        _change(document, choices)
    return saved.encoded(document)


def _change(document: Any, choices: random.Random) -> None:
    places = list(_places(document))
    *above, last = choices.choice(places)
    holder = document
    for key in above:
        holder = holder[key]
    match choices.randrange(6):
        case 4 | 5 if isinstance(holder[last], float):
            holder[last] *= choices.uniform(0, 2)
        case 4 | 5 if isinstance(holder[last], str):
            holder[last] += choices.choice(("'", "\n", "\x07", "<b>", "é"))
        case 0:
            del holder[last]
        case 1:
            holder[last] = choices.choice(ODD)
        case 2:  # a value of another place
            other = document
            for key in choices.choice(places):
                other = other[key] if isinstance(other, dict | list) and _has(other, key) else other
            holder[last] = other if not isinstance(other, dict | list) else choices.choice(ODD)
        case _:
            if isinstance(holder, list):
                holder.insert(last, holder[last])
            else:
                holder[choices.choice(ODD[14:28])] = holder.pop(last)


def _has(value: Any, key: Any) -> bool:
    return key in value if isinstance(value, dict) else isinstance(key, int) and key < len(value)


def check(command: str, content: bytes, lockstep: Lockstep, folder: Path) -> None:
    path = folder / "run.json"
    path.write_bytes(content)
    answer = lockstep(command, path, *(("-o", folder / "pages") if command == "report" else ()))
    assert answer.exit_code in FOUND_OR_REFUSED, answer.stderr
    assert "Traceback" not in answer.stderr
    if answer.exit_code:
        assert answer.stdout == ""
        assert len(answer.stderr.splitlines()) == 1
    assert all(character.isprintable() or character == "\n" for character in answer.stdout + answer.stderr)
    assert {each.name for each in folder.iterdir()} <= {"run.json", "pages"}


@pytest.mark.parametrize("examples", [QUICK, pytest.param(THOROUGH, marks=pytest.mark.slow)], ids=["quick", "thorough"])
@pytest.mark.parametrize("command", ["table", "explain", "report"])
def test_damage_is_an_answer_or_one_message(command: str, examples: int, lockstep: Lockstep, tmp_path: Path) -> None:
    @settings(
        max_examples=examples // (10 if command == "report" else 1),
        deadline=10_000,
        database=None,
        derandomize=examples == QUICK,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**64))
    def fuzz(seed: int) -> None:
        check(command, damaged(random.Random(seed)), lockstep, tmp_path)

    fuzz()
