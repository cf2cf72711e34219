"""What a row of calls side by side says: how far they are apart, which settings differ, and where an equal is."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harness.comparing.document.aligning import side_by_side
from harness.comparing.document.outcome import Finding
from harness.comparing.document.side_by_side import Row, SideBySide
from harness.comparing.first_update import Apart
from harness.comparing.mates import find_mates, unchanged
from harness.comparing.parting import Parting
from tests.harness.comparing.one_update.passes import Building

RANDOM = np.random.RandomState(3)
RIGHT, WRONG = Apart(1e-12, is_wrong=False), Apart(0.5, is_wrong=True)


def compared(left: Building, right: Building, gradient: Apart | None = None, *findings: Finding) -> SideBySide:
    """Both passes, of which all mates have gradients that are so far apart; the first tensors are the same data."""
    update: Any = SimpleNamespace(
        left=left.captured,
        right=right.captured,
        mates=find_mates(left.captured, right.captured, {1: (1, unchanged)}),
        wrong=[gradient] if gradient is WRONG else [],
        gradients_of_mates=lambda mine, theirs, form: gradient,
        parting_on_the_way_back=lambda: Parting(tuple(left.captured.calls), ()),
    )
    return side_by_side(update, findings)


def started() -> tuple[Building, Building]:
    """Two passes of the same data."""
    sides = Building(), Building()
    for side in sides:
        side.leaf(np.ones(3))
    return sides


def of_mates(losses: tuple[float, float], gradient: Apart) -> Row:
    """The row of two mates, from which losses are computed."""
    sides, array = started(), RANDOM.standard_normal(3)
    for side, loss in zip(sides, losses, strict=True):
        side.call("loss", (side.call("tanh", (1,), array),), loss)
    return compared(*sides, gradient).rows[0]


@pytest.mark.parametrize(
    ("losses", "gradient", "shown", "is_wrong"),
    [
        ((1.0, 1.0), RIGHT, 1e-12, False),
        ((1.0, 1.0), WRONG, 0.5, True),
        ((1.0, 2.0), RIGHT, 1e-12, False),
        ((1.0, 2.0), WRONG, None, False),
    ],
)
def test_a_gradient_that_differs_tells_something_where_the_losses_are_equal(
    losses: tuple[float, float], gradient: Apart, shown: float | None, is_wrong: bool
) -> None:
    row = of_mates(losses, gradient)
    assert (row.apart, row.gradient, row.is_gradient_wrong) == (0, shown, is_wrong)


@pytest.mark.parametrize(("kinds", "differing"), [(("p", "p"), ["a"]), (("p", "q"), []), (("reshape", "reshape"), [])])
def test_settings_differ_between_calls_of_one_kind_that_compute_something(
    kinds: tuple[str, str], differing: list[str]
) -> None:
    left, right = started()
    left.call(kinds[0], (1,), 1.0, a=1, b=3)
    right.call(kinds[1], (1,), 2.0, a=2, b=3)
    (row,) = compared(left, right).rows
    assert (row.left, row.right, row.differing) == (0, 0, differing)


def test_a_call_has_an_equal_if_all_its_results_have_one() -> None:
    left, right = started()
    array = RANDOM.standard_normal(3)
    one, other = left.call("split", (1,), array), left.leaf(RANDOM.standard_normal(3))
    left.captured.calls[0] = replace(left.captured.calls[0], outputs=(one, other))
    for side in (left, right):
        side.call("split", (1,), array)
        side.call("loss", (1,), 1.0)
    first = compared(left, right).left[0]
    assert not first.has_equal
    left.captured.calls[0] = replace(left.captured.calls[0], outputs=(one,))
    assert compared(left, right).left[0].has_equal


@pytest.mark.parametrize(("shape", "apart"), [((2, 3), 0.5), ((3, 2), None), ((6,), None)])
def test_results_that_have_no_equal_are_apart_if_their_shapes_fit(shape: tuple[int, ...], apart: float | None) -> None:
    left, right = started()
    for side, array, loss in ((left, np.full((2, 3), 2.0), 1.0), (right, np.full(shape, 1.0), 2.0)):
        side.call("loss", (side.call("p", (1,), array),), loss)
    row = compared(left, right).rows[0]
    assert (row.left, row.right, row.apart) == (0, 0, apart)


def test_a_row_says_how_far_its_own_calls_are_apart() -> None:
    """The left p stands beside a right call that gives its column; its equal stands above."""
    left, right = started()
    numbers, others = RANDOM.standard_normal(3), RANDOM.standard_normal(3)
    left.call("q", (1,), others)
    left.call("p", (1,), numbers)
    made = right.call("p", (1,), numbers)
    right.call("q", (1,), others)
    right.call("getitem", (made,), numbers.reshape(3, 1))
    for side in (left, right):
        side.call("loss", (1,), 1.0)
    row = next(row for row in compared(left, right, RIGHT).rows if row.left == 1)
    assert (row.right, row.apart, row.gradient) == (2, None, None)


def test_the_lines_of_findings_are_kept() -> None:
    here = f"{__file__}:1"
    left, right = started()
    for side in (left, right):
        side.call("loss", (1,), 1.0)
    for places in ({"left_place": here}, {"right_place": here}):
        sources = compared(left, right, None, Finding(kind="backward", text="", **places)).sources
        assert sources[here].startswith('"""What a row of calls')
