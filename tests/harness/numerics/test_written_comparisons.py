"""Masks and lengths in what is written out: what they are called, and when their names are lost."""

from typing import Any

import numpy as np
import pytest

from harness.numerics.written.comparisons import Comparison, Recorded
from harness.numerics.written.lines import Writing
from harness.numerics.written.nodes import Input
from harness.numerics.written.written import Written

MASK = np.array([[1, 0], [0, 2]])


def _choice(condition: Any) -> tuple[str, str]:
    """How an element is written out, as a formula and in numbers, that a condition chooses."""
    x = Written(Input("x", np.array([[1.0, 2.0], [3.0, 4.0]])), "float64")
    chosen: Any = np.where(condition, x, 0)
    writing = Writing(chosen.element((0, 1)), chosen.node, "y[0, 1]", "float64")
    return writing.steps[-1].formula, writing.steps[-1].numbers


def test_a_mask_stands_under_its_name_in_what_it_chooses() -> None:
    assert _choice(Recorded.of("mask", MASK) != 0) == ("where(mask[0, 1] != 0, x[0, 1], 0)", "where(0 != 0, 2, 0)")


def test_a_length_stands_under_its_name_where_it_is_broadcast() -> None:
    lengths = Recorded.of("lengths", np.array([2, 1]))
    assert _choice((lengths > 0)[:, None]) == ("where(lengths[0] > 0, x[0, 1], 0)", "where(2 > 0, 2, 0)")


@pytest.mark.parametrize("change", [lambda mask: ~mask, lambda mask: mask & False, lambda mask: np.tril(mask)])
def test_what_is_made_of_a_comparison_is_truth_values_alone(change: Any) -> None:
    formula, _ = _choice(change(Recorded.of("mask", MASK) == 0))
    assert "mask" not in formula


def test_what_is_written_into_a_comparison_is_no_longer_it() -> None:
    is_first = Recorded.of("mask", MASK) == 1
    assert isinstance(is_first, Comparison)
    assert is_first.node is not None
    is_first[0, 0] = False
    assert is_first.node is None


def test_recorded_integers_index_and_count_as_any_others() -> None:
    mask = Recorded.of("mask", MASK)
    x = Written(Input("x", np.arange(6.0).reshape(3, 2)), "float64")
    assert x[mask[0]].value.tolist() == [[2.0, 3.0], [0.0, 1.0]]
    assert (mask + 1).tolist() == [[2, 1], [1, 3]]
    assert type(mask + 1) is np.ndarray
    assert np.sum(mask != 0) == 2


def test_a_copy_of_recorded_integers_is_written_into_as_any_other() -> None:
    recorded = Recorded.of("mask", MASK)
    counts: Any = recorded.copy()
    counts += 1
    counts[1] -= recorded[1]
    assert counts.tolist() == [[2, 1], [1, 1]]
    assert type(counts) is np.ndarray
    totals: Any = recorded.copy()
    assert np.add.accumulate(totals, axis=1, out=totals).tolist() == totals.tolist() == [[1, 1], [0, 2]]
    assert recorded.tolist() == [[1, 0], [0, 2]]
