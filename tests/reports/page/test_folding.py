"""Steps of a loop are folded, and nothing else is, and no row is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.page.folding import FEWEST_ROWS, FEWEST_TIMES, folded


def drawn(rows: str) -> str:
    """Rows of one letter each: those that are folded away stand in brackets, with how often they repeat."""
    return "".join(
        f"[{part.times}×{part.length}]" if part.times else "".join(part.rows) for part in folded(rows, lambda row: row)
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("abcabcabc", "abc[2×3]"),
        ("xabababababy", "xab[4×2]y"),
        ("aaaaaaa", "a[6×1]"),
        ("aaa", "aaa"),
        ("abcdabcd", "abcdabcd"),
        ("ababab", "ab[2×2]"),
        ("abababcdcdcdcd", "ab[2×2]cd[3×2]"),
        ("aaaaabaaaaabaaaaab", "aaaaab[2×6]"),
        ("abcabcabXabcabcabc", "abcabcabXabc[2×3]"),
        ("", ""),
    ],
)
def test_steps_that_repeat_are_shown_once(rows: str, said: str) -> None:
    assert drawn(rows) == said


@given(st.lists(st.sampled_from("abc"), max_size=60))
def test_what_is_folded_repeats_what_stands_before_it(rows: list[str]) -> None:
    parts = folded(rows, lambda row: row)
    assert [row for part in parts for row in part.rows] == rows
    before: list[str] = []
    for part in parts:
        if part.times:
            assert part.times >= FEWEST_TIMES - 1
            assert len(part.rows) >= FEWEST_ROWS
            assert list(part.rows) == before[-part.length :] * part.times
        before += part.rows
