"""Calls side by side: each once, mates in one row as long as both sides keep their order, and like beside like."""

from dataclasses import replace
from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harness.comparing.document.aligning import in_order, longest_chain, side_by_side
from harness.comparing.mates import find_mates, unchanged
from tests.harness.comparing.one_update.passes import Building

RANDOM = np.random.RandomState(7)


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


def aligned(left: Building, right: Building) -> tuple[str, list[int | None], list[int]]:
    """The kinds of calls row by row, the row of each row's equal, and the rows at which the two sides first part.

    The first tensor of either side is the same data.
    """
    update: Any = SimpleNamespace(
        left=left.captured,
        right=right.captured,
        mates=find_mates(left.captured, right.captured, {1: (1, unchanged)}),
        wrong=[],
        gradients_of_mates=lambda mine, theirs, form: None,
    )
    beside = side_by_side(update, [])
    kinds = " ".join(
        f"{'-' if row.left is None else beside.left[row.left].function}"
        f"{'-' if row.right is None else beside.right[row.right].function}"
        for row in beside.rows
    )
    return kinds, [row.equal_in for row in beside.rows], [i for i, row in enumerate(beside.rows) if row.is_parting]


def of_data(calls: str, arrays: dict[str, Any]) -> Building:
    """A pass of one call per letter, all of them of the same data: a capital rearranges what the small letter gives."""
    side = Building()
    side.leaf(np.ones(1))
    numbers: dict[str, int] = {}
    for letter in calls:
        if letter.isupper():
            side.call("reshape", (numbers[letter.lower()],), arrays[letter.lower()].reshape(3, 2))
        else:
            numbers[letter] = side.call(letter, (1,), arrays[letter])
    side.captured.loss = side.leaf(0.0)
    side.captured.calls = [
        replace(call, function=letter) for call, letter in zip(side.captured.calls, calls, strict=True)
    ]
    return side


def rows_of(left: str, right: str) -> tuple[str, list[int | None]]:
    """The rows of two passes of the same data, and the row of each row's equal."""
    arrays = {letter: RANDOM.standard_normal((2, 3)) for letter in "abc"}
    kinds, equals, _ = aligned(of_data(left, arrays), of_data(right, arrays))
    return kinds, equals


def test_what_is_rearranged_stands_alone_beside_the_row_of_what_it_was() -> None:
    assert rows_of("aAb", "ab") == ("aa A- bb", [None, 0, None])
    assert rows_of("ab", "aAb") == ("aa -A bb", [None, 0, None])


def test_of_several_equals_the_first_one_is_named() -> None:
    """The right b is equal to the left b and to the one that is rearranged, and so on the other side."""
    assert rows_of("ab", "baA") == ("a- bb -a -A", [2, None, 0, 0])
    assert rows_of("bcaA", "abc") == ("-a bb cc a- A-", [3, None, None, 0, 0])


def test_calls_that_part_one_by_one_share_a_row_and_several_do_not() -> None:
    """The losses differ, so that the sides part."""
    sides = Building(), Building()
    for side, kind in zip(sides, "pq", strict=True):
        given = side.leaf(np.ones(3))
        side.call(kind, (given,), RANDOM.standard_normal())
    assert aligned(*sides) == ("pq", [None], [0])
    several, one = Building(), Building()
    for side in (several, one):
        side.leaf(np.ones(3))
    leaves = [several.leaf(RANDOM.standard_normal(3)) for _ in range(2)]
    made = [several.call(kind, (leaf,), RANDOM.standard_normal(3)) for kind, leaf in zip("pq", leaves, strict=True)]
    several.call("s", (made[0], made[1]), RANDOM.standard_normal())
    one.call("r", (one.leaf(RANDOM.standard_normal(3)),), RANDOM.standard_normal())
    assert aligned(several, one) == ("p- q- s- -r", [None] * 4, [0, 1, 3])
