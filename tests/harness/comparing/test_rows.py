"""Calls side by side: each once, mates in one row as long as both sides keep their order, and like beside like."""

from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harness.comparing.document.aligning import in_order, longest_chain
from tests.harness.comparing.passes import Building


@pytest.mark.parametrize("seed", range(40))
def test_the_longest_chain_has_as_many_pairs_as_any(seed: int) -> None:
    random = np.random.RandomState(seed)
    pairs = [(int(i), int(j)) for i, j in random.randint(0, 5, (8, 2))]
    chain = longest_chain(pairs)
    assert {*chain} <= {*pairs}
    assert is_chain(chain)
    longest = max(
        len(chosen) for count in range(9) for chosen in combinations(sorted({*pairs}), count) if is_chain(chosen)
    )
    assert len(chain) == longest


def is_chain(pairs: Any) -> bool:
    """Whether both positions grow from pair to pair."""
    return all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(pairs))


def test_there_is_no_chain_of_nothing() -> None:
    assert longest_chain([]) == []


def ordered(left: str, right: str, *anchors: tuple[int, int], mated: tuple[set[int], set[int]] = (set(), set())) -> str:
    """The kinds of calls, a letter each, row by row; positions are mated where a mate stands in no row with them."""
    sides = Building(), Building()
    for side, letters in zip(sides, (left, right), strict=True):
        for letter in letters:
            side.call(letter, (), 0.0)
    numbers = [{i + 1: 0 for i in each} for each in mated]
    update: Any = SimpleNamespace(
        left=sides[0].captured,
        right=sides[1].captured,
        mates=SimpleNamespace(right=numbers[0], left=numbers[1]),
    )
    rows: Any = [*in_order(update, [*anchors])]
    for position, letters in enumerate((left, right)):
        assert [row[position] for row in rows if row[position] is not None] == [*range(len(letters))]
    return " ".join(f"{'-' if i is None else left[i]}{'-' if j is None else right[j]}" for i, j in rows)


def test_rows_keep_the_order_of_both_sides_and_the_left_ones_come_first() -> None:
    assert ordered("", "") == ""
    assert ordered("ab", "cd") == "a- b- -c -d"
    assert ordered("abc", "abc") == "aa bb cc"
    assert ordered("abc", "ac") == "aa b- cc"
    assert ordered("ac", "abc") == "aa -b cc"
    assert ordered("axb", "ayb") == "aa x- -y bb"


def test_anchors_share_a_row_whatever_they_are() -> None:
    assert ordered("axb", "byc", (1, 1)) == "a- -b xy b- -c"
    assert ordered("ab", "ba", (0, 1)) == "-b aa b-"
    assert ordered("aab", "ab", (1, 0)) == "a- aa bb"


def test_what_has_a_mate_elsewhere_stands_alone() -> None:
    assert ordered("ab", "ab", mated=({0}, set())) == "a- -a bb"
    assert ordered("ab", "ab", mated=(set(), {1})) == "aa b- -b"
